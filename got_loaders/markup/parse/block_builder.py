"""Gathers what a parser finds, in order, into tidy lines and blocks.

Knows where a paragraph ends and where blanks count; knows nothing of LaTeX.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.trivial_math import wrap_aligned

__all__ = ["BlockBuilder", "Glue", "flatten", "join_lines", "normalize_line"]

_BLANKS = re.compile(r"\A.*[\r\n\f\v]", re.DOTALL)
"""White space up to the line that comes last in it."""
_NO_LINE_END = " \t\r\f\v\N{NO-BREAK SPACE}"
_BLANK_LINES = re.compile(r"\n(?:[ \t\r\f\v]*\n)+")


@dataclass(frozen=True, slots=True)
class Glue:
    """Text that takes the blanks before it or after it away."""

    text: str
    strip_before: bool = False
    strip_after: bool = False


@dataclass(slots=True)
class BlockBuilder:
    """The blocks so far, and the paragraph that has begun."""

    blocks: list[nodes.Block] = field(default_factory=list)
    line: list[nodes.Inline | Glue] = field(default_factory=list)
    accent: str = ""
    """A mark for the next character."""

    def add_text(self, text: str) -> None:
        """Ordinary text; a blank line in it ends a paragraph."""
        if self.accent:
            text = unicodedata.normalize("NFC", text[:1] + self.accent) + text[1:]
            self.accent = ""
        if "\n" not in text:
            self.line.append(nodes.Text(text))
            return
        for number, part in enumerate(_BLANK_LINES.split(text)):
            if number:
                self.end_paragraph()
            if part:
                self.line.append(nodes.Text(part))

    def add(self, *inlines: nodes.Inline | Glue) -> None:
        """What stands in the line."""
        self.line.extend(inlines)

    def break_line(self) -> None:
        """A line break; a second one at the same place ends the paragraph."""
        position = len(self.line) - 1
        while position >= 0 and _is_blank(self.line[position]):
            del self.line[position:]
            position -= 1
        if position >= 0 and isinstance(self.line[position], nodes.LineBreak):
            self.end_paragraph()
        else:
            self.line.append(nodes.LineBreak())

    def add_blocks(self, *blocks: nodes.Block) -> None:
        """What stands by itself."""
        self.end_paragraph()
        self.blocks.extend(blocks)

    def end_paragraph(self) -> None:
        """What comes next is another paragraph."""
        content = normalize_line(self.line, indents=True)
        self.line.clear()
        if not content:
            return
        codes = [item for item in content if isinstance(item, nodes.Code) and item.language]
        if codes and all(
            item.language if isinstance(item, nodes.Code) else _is_blank(item) for item in content
        ):
            self.blocks.append(
                nodes.CodeBlock("\n".join(code.text for code in codes), codes[0].language)
            )
        else:
            self.blocks.append(nodes.Paragraph(content))

    def finish(self) -> tuple[nodes.Block, ...]:
        """All blocks."""
        self.end_paragraph()
        return tuple(self.blocks)


def _is_blank(item: nodes.Inline | Glue) -> bool:
    return isinstance(item, nodes.Text) and not item.text.strip()


def normalize_line(line: Iterable[nodes.Inline | Glue], *, indents: bool = False) -> nodes.Inlines:
    """A line with one Text for each run of them, and no blanks where they mean nothing; with
    ``indents`` those at the starts of lines stay."""
    content: list[nodes.Inline] = []
    run: list[str] = []
    starts, strips = True, False  # a line; after what takes the blanks away
    for item in line:
        if isinstance(item, Glue | nodes.Text):
            if isinstance(item, Glue) and item.strip_before:
                _strip_end(run, _NO_LINE_END)
            text = item.text.lstrip() if strips or starts else item.text
            if starts and indents and text:
                text = _BLANKS.sub("", item.text[: -len(text)]) + text
            if text or (isinstance(item, Glue) and item.text):
                run.append(text)
                starts = strips = False
            strips |= isinstance(item, Glue) and item.strip_after
            continue
        if isinstance(item, nodes.LineBreak):
            _strip_end(run)
        _end_run(content, run, indents)
        content.append(item)
        starts, strips = isinstance(item, nodes.LineBreak), False
    _strip_end(run)
    _end_run(content, run, indents)
    while content and isinstance(content[-1], nodes.LineBreak):
        content.pop()
    while content and isinstance(content[0], nodes.LineBreak):
        del content[0]
    return tuple(content)


def _strip_end(run: list[str], blanks: str | None = None) -> None:
    while run:
        run[-1] = run[-1].rstrip(blanks)
        if run[-1]:
            return
        run.pop()


def _end_run(content: list[nodes.Inline], run: list[str], indents: bool) -> None:
    text = "".join(run)
    if "\n" in text:
        first, *inner, last = text.split("\n")
        strip = str.rstrip if indents else str.strip
        lines = filter(None, map(strip, inner))
        text = "\n".join([first.rstrip(), *lines, last if indents else last.lstrip()])
    if text:
        content.append(nodes.Text(text))
    run.clear()


def join_lines(content: Iterable[nodes.Inline]) -> nodes.Inlines:
    """A line with a blank for each line break."""
    blank = nodes.Text(" ")
    return normalize_line(blank if isinstance(i, nodes.LineBreak) else i for i in content)


def flatten(blocks: Iterable[nodes.Block]) -> nodes.Inlines:
    """Blocks as one line, for a place that holds no more: a heading, a cell, bold type."""
    line: list[nodes.Inline] = []
    for block in blocks:
        line.extend([nodes.LineBreak()] if line else [])
        line.extend(_inlines(block))
    return normalize_line(line)


def _inlines(block: nodes.Block) -> nodes.Inlines:
    rows: Iterable[Iterable[nodes.Inlines]]
    match block:
        case nodes.DisplayMath(tex, environment):
            return (nodes.InlineMath(wrap_aligned(tex, environment)),)
        case nodes.CodeBlock(text, language):
            return (nodes.Code(text, language),)
        case nodes.Image(path):
            return (nodes.Text(f"[image: {path}]"),)
        case nodes.Abstract(blocks) | nodes.Float(_, blocks):
            return flatten(blocks)
        case nodes.ListBlock(_, items):
            rows = (_item(block, number, item) for number, item in enumerate(items))
        case nodes.Table(cells, _, _, _):
            rows = ([cell.content for cell in row] for row in cells)
        case _:
            return block.content
    return _join((_join(row, nodes.Text(" ")) for row in rows), nodes.LineBreak())


def _item(block: nodes.ListBlock, number: int, item: nodes.Item) -> tuple[nodes.Inlines, ...]:
    """Its number or label, and its content as a line."""
    mark = f"{block.start + number}." if block.kind == "enumerate" else ""
    return ((nodes.Text(mark),) if mark else item.label, flatten(item.blocks))


def _join(parts: Iterable[nodes.Inlines], separator: nodes.Inline) -> nodes.Inlines:
    line: list[nodes.Inline] = []
    for part in filter(None, parts):
        line.extend([separator] if line else [])
        line.extend(part)
    return tuple(line)
