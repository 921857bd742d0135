"""Gathers what a parser finds, in order, into tidy lines and blocks.

Knows where a paragraph ends and where blanks count; knows nothing of LaTeX.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from got_loaders.markup.nodes import (
    Abstract,
    Block,
    Break,
    Code,
    Display,
    Fenced,
    Float,
    Image,
    Inline,
    ItemList,
    Maths,
    Paragraph,
    Table,
    Text,
)  # fmt: skip
from got_loaders.markup.parse.trivial_math import aligned

__all__ = ["Flow", "Joint", "flattened", "tidy", "unbroken_line"]

_BLANK_LINES = re.compile(r"\n[ \t\r\f\v]*\n\s*")


@dataclass(frozen=True, slots=True)
class Joint:
    """Text that takes the blanks before it or after it away."""

    text: str
    before: bool = False
    after: bool = False


@dataclass(slots=True)
class Flow:
    """The blocks so far, and the paragraph that has begun."""

    blocks: list[Block] = field(default_factory=list)
    line: list[Inline | Joint] = field(default_factory=list)
    accent: str = ""
    """A mark for the next character."""

    def text(self, text: str) -> None:
        """Ordinary text; a blank line in it ends a paragraph."""
        if self.accent:
            text = unicodedata.normalize("NFC", text[:1] + self.accent) + text[1:]
            self.accent = ""
        if "\n" not in text:
            self.line.append(Text(text))
            return
        for number, part in enumerate(_BLANK_LINES.split(text)):
            if number:
                self.end_paragraph()
            if part:
                self.line.append(Text(part))

    def add(self, *inlines: Inline | Joint) -> None:
        """What stands in the line."""
        self.line.extend(inlines)

    def break_line(self) -> None:
        """A line break; a second one at the same place ends the paragraph."""
        position = len(self.line) - 1
        while position >= 0 and _is_blank(self.line[position]):
            del self.line[position:]
            position -= 1
        if position >= 0 and isinstance(self.line[position], Break):
            self.end_paragraph()
        else:
            self.line.append(Break())

    def block(self, *blocks: Block) -> None:
        """What stands by itself."""
        self.end_paragraph()
        self.blocks.extend(blocks)

    def end_paragraph(self) -> None:
        """What comes next is another paragraph."""
        content = tidy(self.line)
        self.line.clear()
        if not content:
            return
        codes = [item for item in content if isinstance(item, Code) and item.language]
        if codes and all(
            item.language if isinstance(item, Code) else _is_blank(item) for item in content
        ):
            self.blocks.append(Fenced("\n".join(code.text for code in codes), codes[0].language))
        else:
            self.blocks.append(Paragraph(content))

    def done(self) -> tuple[Block, ...]:
        """All blocks."""
        self.end_paragraph()
        return tuple(self.blocks)


def _is_blank(item: Inline | Joint) -> bool:
    return isinstance(item, Text) and not item.text.strip()


def tidy(line: Iterable[Inline | Joint]) -> tuple[Inline, ...]:
    """A line with one Text for each run of them, and no blanks where they mean nothing."""
    content: list[Inline] = []
    run: list[str] = []
    eats = True  # blanks, at the start of a line
    for item in line:
        if isinstance(item, Joint | Text):
            if isinstance(item, Joint) and item.before:
                _strip_end(run)
            text = item.text.lstrip() if eats else item.text
            if text or (isinstance(item, Joint) and item.text):
                run.append(text)
                eats = False
            eats |= isinstance(item, Joint) and item.after
            continue
        if isinstance(item, Break):
            _strip_end(run)
        _end_run(content, run)
        content.append(item)
        eats = isinstance(item, Break)
    _strip_end(run)
    _end_run(content, run)
    while content and isinstance(content[-1], Break):
        content.pop()
    while content and isinstance(content[0], Break):
        del content[0]
    return tuple(content)


def _strip_end(run: list[str]) -> None:
    while run:
        run[-1] = run[-1].rstrip()
        if run[-1]:
            return
        run.pop()


def _end_run(content: list[Inline], run: list[str]) -> None:
    first, *others = "".join(run).split("\n")
    if others:
        inner = (line.strip() for line in others[:-1])
        lines = [first.rstrip(), *filter(None, inner), others[-1].lstrip()]
        first = "\n".join(lines)
    if first:
        content.append(Text(first))
    run.clear()


def unbroken_line(content: Iterable[Inline]) -> tuple[Inline, ...]:
    """A line with a blank for each line break."""
    return tidy(Text(" ") if isinstance(item, Break) else item for item in content)


def flattened(blocks: Iterable[Block]) -> tuple[Inline, ...]:
    """Blocks as one line, for a place that holds no more: a heading, a cell, bold type."""
    line: list[Inline] = []
    for block in blocks:
        line.extend([Break()] if line else [])
        line.extend(_inlines(block))
    return tidy(line)


def _inlines(block: Block) -> tuple[Inline, ...]:
    match block:
        case Display(tex, environment):
            return (Maths(aligned(tex, environment)),)
        case Fenced(text, language):
            return (Code(text, language),)
        case Image(path):
            return (Text(f"[image: {path}]"),)
        case Abstract(blocks) | Float(_, blocks):
            return flattened(blocks)
        case ItemList(_, items, _):
            return _joined(
                [(*item.label, *_gap(item.label), *flattened(item.blocks)) for item in items]
            )
        case Table(rows, _, _, _):
            return _joined([_row(cell.content for cell in row) for row in rows])
        case _:
            return block.content


def _gap(label: tuple[Inline, ...]) -> tuple[Inline, ...]:
    return (Text(" "),) if label else ()


def _row(cells: Iterable[tuple[Inline, ...]]) -> tuple[Inline, ...]:
    line: list[Inline] = []
    for cell in filter(None, cells):
        line.extend([Text(" ")] if line else [])
        line.extend(cell)
    return tuple(line)


def _joined(lines: Iterable[tuple[Inline, ...]]) -> tuple[Inline, ...]:
    joined: list[Inline] = []
    for line in filter(None, lines):
        joined.extend([Break()] if joined else [])
        joined.extend(line)
    return tuple(joined)
