"""Writes the blocks of a formatted reading as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import got_loaders.markup.nodes as nodes
from got_loaders.markup.image_label import image_label
from got_loaders.markup.parse.languages import Language, parse_reading
from got_loaders.markup.parse.trivial_math import collapse_spaces, wrap_aligned
from got_loaders.markup.write.span_fill import fill_spans

__all__ = ["mark_items", "to_text", "to_text_and_formulas"]

_COMMAND = re.compile(r"\\[A-Za-z]{1,40}\s*\Z")
"""A command at the end of a formula, whose name a letter would change."""

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
"""Around what is no word of the page; noncharacters, which no reading has (``clean_text``)."""
_SIGNS = re.compile(f"[{_OPEN}{_CLOSE}]")

_NOTATIONS = frozenset({"smiles", "tikz", "kern", "humdrum", "json", "python"})
"""Languages of code in which the model writes molecules, drawings, music and charts."""


def to_text(text: str, *, language: Language = "mathpix") -> str:
    """The model's formatted reading without its mark-up.

    Formulas keep what stands between their delimiters, cells are separated by tabs and repeated
    where they span others, items begin with a dash or their number, and LaTeX that is not
    understood is kept as it is. ``language`` is what it is written in.
    """
    return _TextWriter().blocks(parse_reading(text, language))


def to_text_and_formulas(
    text: str, *, language: Language = "mathpix"
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """:func:`to_text`, and what in it is no word of the page: where that begins and ends, in order.

    These are formulas, notations in code (a molecule, say), cells that are written once more, and
    what stands for pictures. ``text`` is clean (:func:`got_loaders._characters.clean_text`).
    """
    marked = _TextWriter(marks=True).blocks(parse_reading(text, language))
    parts: list[tuple[int, int]] = []
    start = depth = 0
    for count, sign in enumerate(_SIGNS.finditer(marked)):
        depth += 1 if sign[0] == _OPEN else -1
        if sign[0] == _OPEN and depth == 1:
            start = sign.start() - count
        elif depth == 0:
            parts.append((start, sign.start() - count))
    return _SIGNS.sub("", marked), tuple(parts)


def mark_items(block: nodes.ListBlock, items: Iterable[str]) -> str:
    """The items of a list with a dash or their number, their further lines indented."""
    lines: list[str] = []
    for number, item in enumerate(items, block.start):
        marker = f"{number}. " if block.kind == "enumerate" else "- "
        first, *rest = item.split("\n")
        lines.append(marker + first)
        lines.extend(" " * len(marker) + line if line else "" for line in rest)
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _TextWriter:
    """Writes a tree; with ``marks`` what is no word of the page stands between two signs."""

    marks: bool = False

    def blocks(self, blocks: Iterable[nodes.Block]) -> str:
        return "\n\n".join(filter(None, map(self._block, blocks)))

    def _block(self, block: nodes.Block) -> str:
        match block:
            case nodes.Heading(content, _, _):
                return collapse_spaces(self._inline(content))
            case nodes.DisplayMath(tex, environment):
                return self._apart(wrap_aligned(tex, environment).strip())
            case nodes.Table():
                rows = fill_spans(block, self._cell, self._apart)
                return "\n".join("\t".join(row) for row in rows)
            case nodes.CodeBlock(text, language):
                return self._code(text, language)
            case nodes.ListBlock():
                return mark_items(block, map(self._item, block.items))
            case nodes.Abstract(blocks):
                heading = self._apart("Abstract") + "\n\n" if block.needs_heading else ""
                return heading + self.blocks(blocks)
            case nodes.Float(_, blocks):
                return self.blocks(blocks)
            case nodes.Image(path):
                return self._apart(image_label(path))
            case _:
                return self._inline(block.content).strip()

    def _item(self, item: nodes.Item) -> str:
        parts: list[str] = []
        for block in item.labeled_blocks():
            if parts:
                parts.append("\n" if isinstance(block, nodes.ListBlock) else "\n\n")
            parts.append(self._block(block))
        return "".join(parts)

    def _cell(self, content: nodes.Inlines) -> str:
        return collapse_spaces(self._inline(content))

    def _inline(self, content: nodes.Inlines) -> str:
        parts: list[str] = []
        for before, item in zip((None, *content), content, strict=False):
            match item:
                case nodes.Text(text):
                    parts.append(_parted(before, text))
                case nodes.Code(text, language):
                    parts.append(_parted(before, self._code(text, language)))
                case nodes.InlineMath(tex):
                    parts.append(self._apart(tex.strip()))
                case nodes.LineBreak():
                    parts.append("\n")
                case nodes.InlineFootnote(inner):
                    parts.append(f" ({self._inline(inner)})")
                case nodes.Superscript(inner):
                    parts.append(_script("^", self._inline(inner)))
                case nodes.Subscript(inner):
                    parts.append(_script("_", self._inline(inner)))
                case _:
                    parts.append(self._inline(item.content))
        return "".join(parts)

    def _code(self, text: str, language: str) -> str:
        """Code is text, but for a notation of what is no text on the page."""
        return self._apart(text) if language in _NOTATIONS else text

    def _apart(self, text: str) -> str:
        return f"{_OPEN}{text}{_CLOSE}" if text and self.marks else text


def _parted(before: nodes.Inline | None, text: str) -> str:
    """Text that the command before it does not swallow."""
    touches = isinstance(before, nodes.InlineMath) and _COMMAND.search(before.tex)
    return f" {text}" if touches and _SIGNS.sub("", text[:2])[:1].isalpha() else text


def _script(sign: str, text: str) -> str:
    bare = _SIGNS.sub("", text)
    return f"{sign}{text}" if len(bare) == 1 or bare.isalnum() else f"{sign}({text})"
