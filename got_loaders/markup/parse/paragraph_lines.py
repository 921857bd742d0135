r"""Gives the line ends of a reading their sense: paragraphs, their lines, lists.

The parser keeps a line end as such; here, at the end, each becomes the end of a paragraph, a
line break, or nothing but the place where a paragraph was wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.block_builder import normalize_line
from got_loaders.markup.parse.item_marks import mark_text, without_mark
from got_loaders.markup.parse.line_ends import LineEnd, judge_line_ends, starts_low
from got_loaders.markup.parse.plain_lists import (
    ItemLine,
    PlainList,
    find_lists,
    read_marker,
)

__all__ = ["arrange_lines"]

_TEX = re.compile(r"\\([A-Za-z]+)|[\\{}^_&\s]")
_DEEP_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3})+\.?\s")
_CJK_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff01-\uff60\u3001-\u3017]")
"""Characters of scripts without blanks between words; Korean has them."""


@dataclass(slots=True)
class _ParagraphLine:
    """A line of a paragraph, and what ends the one before it."""

    content: list[nodes.Inline]
    before: LineEnd | Literal["blank", "forced"]
    text: str = ""
    indent: str = ""


def arrange_lines(blocks: Iterable[nodes.Block]) -> tuple[nodes.Block, ...]:
    """The blocks with their paragraphs as the lines make them, also in lists and abstracts."""
    arranged: list[nodes.Block] = []
    paragraphs: list[nodes.Paragraph] = []
    for block in blocks:
        if isinstance(block, nodes.Paragraph):
            paragraphs.append(block)
            continue
        arranged.extend(_paragraphs(paragraphs))
        paragraphs.clear()
        arranged.append(_inside(block))
    return (*arranged, *_paragraphs(paragraphs))


def _inside(block: nodes.Block) -> nodes.Block:
    match block:
        case nodes.Abstract(inner):
            return nodes.Abstract(arrange_lines(inner))
        case nodes.Float(kind, inner):
            return nodes.Float(kind, arrange_lines(inner))
        case nodes.ListBlock(items=items):
            return replace(block, items=tuple(map(_item, items)))
        case nodes.Author(content):
            return nodes.Author(_joined(_judged(_lines(content)), never="paragraph"))
        case _:
            return block


def _item(item: nodes.Item) -> nodes.Item:
    return nodes.Item(arrange_lines(item.blocks), item.label)


def _paragraphs(paragraphs: Sequence[nodes.Paragraph]) -> Iterator[nodes.Block]:
    """Paragraphs and lists of paragraphs that follow each other."""
    lines: list[_ParagraphLine] = []
    markers: list[ItemLine | None] = []
    for paragraph in paragraphs:
        judged = _judged(_lines(paragraph.content))
        judged[0].before = "blank"
        lines.extend(judged)
        markers.extend(_markers(judged))
    goes_on = [_goes_on(n, lines, markers) for n in range(len(lines))]
    text: list[_ParagraphLine] = []
    for part in find_lists(markers, goes_on):
        if isinstance(part, PlainList):
            yield from _text(text)
            text.clear()
            yield _list(part, lines)
        else:
            text.extend(lines[part.start : part.end])
    yield from _text(text)


def _markers(lines: list[_ParagraphLine]) -> list[ItemLine | None]:
    """How those lines begin that may be items; in a table of contents none is numbered."""
    markers = [read_marker(mark_text(line.content)) for line in lines]
    if any(_DEEP_NUMBER.match(line.text) for line in lines):
        markers = [None if marker and marker.number is not None else marker for marker in markers]
    return markers


def _goes_on(number: int, lines: list[_ParagraphLine], markers: list[ItemLine | None]) -> bool:
    """Whether a line belongs to the item above it, if there is one."""
    line = lines[number]
    if markers[number] is not None or line.before == "blank" or not number:
        return False
    return line.before == "wrapped" or len(line.indent) > 1 or starts_low(line.text)


def _lines(content: nodes.Inlines) -> list[_ParagraphLine]:
    """The lines of a paragraph, of which there is at least one."""
    lines = [_ParagraphLine([], "blank")]
    for item in content:
        if isinstance(item, nodes.LineBreak):
            lines.append(_ParagraphLine([], "forced"))
        elif isinstance(item, nodes.Text):
            first, *others = item.text.split("\n")
            lines[-1].content.extend([nodes.Text(first)] if first else [])
            lines.extend(_ParagraphLine([nodes.Text(text)], "wrapped") for text in others)
        else:
            lines[-1].content.append(item)
    for line in lines:
        text = _shown(line.content)
        line.text = text.strip()
        line.indent = text[: len(text) - len(text.lstrip())]
    return lines


def _shown(content: Iterable[nodes.Inline]) -> str:
    """About what is seen of a line."""
    parts: list[str] = []
    for item in content:
        if isinstance(item, nodes.InlineMath):
            parts.append(_TEX.sub(lambda match: "x" if match[1] else "", item.tex))
        else:
            parts.append(nodes.plain_text((item,)))
    return "".join(parts)


def _judged(lines: list[_ParagraphLine]) -> list[_ParagraphLine]:
    """The lines, each knowing what ends the one before it."""
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and lines[end].before != "forced":
            continue
        for number, what in enumerate(judge_line_ends([line.text for line in lines[start:end]])):
            lines[start + number + 1].before = what
        start = end
    return lines


def _text(lines: Sequence[_ParagraphLine]) -> Iterator[nodes.Block]:
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or lines[end].before in ("paragraph", "blank"):
            content = _joined(lines[start:end])
            yield from [nodes.Paragraph(content)] if content else []
            start = end


def _joined(lines: Sequence[_ParagraphLine], never: str = "") -> nodes.Inlines:
    """Lines as one content: with line breaks, and line ends where a paragraph was wrapped."""
    content: list[nodes.Inline] = []
    before = ""
    for line in lines:
        if content and (line.before != "wrapped" or line.before == never):
            content.append(nodes.LineBreak())
        elif content and not (_CJK_WORD.match(before[-1:]) and _CJK_WORD.match(line.text)):
            content.append(nodes.Text("\n"))
        content.extend(line.content)
        before = line.text
    return normalize_line(content)


def _list(each: PlainList, lines: list[_ParagraphLine]) -> nodes.ListBlock:
    start = each.start
    items: list[nodes.Item] = []
    for item in each.items:
        own = [_without_mark(lines[item.start], item.line.length)]
        own += map(_going_on, lines[item.start + 1 : item.end])
        blocks: list[nodes.Block] = list(_text(own))
        blocks.extend(_list(inner, lines) for inner in item.inner)
        is_label = start is None and not item.line.is_bullet
        items.append(nodes.Item(tuple(blocks), (nodes.Text(item.line.mark),) if is_label else ()))
    kind: Literal["itemize", "enumerate"] = "itemize" if start is None else "enumerate"
    return nodes.ListBlock(kind, tuple(items), start if start is not None else 1)


def _going_on(line: _ParagraphLine) -> _ParagraphLine:
    """A further line of an item: it is wrapped, if it goes on in the middle of a sentence."""
    return replace(line, before="wrapped") if starts_low(line.text) else line


def _without_mark(line: _ParagraphLine, length: int) -> _ParagraphLine:
    """The line without its indent and its mark."""
    content = without_mark(line.content, len(line.indent) + length)
    return _ParagraphLine(content, "blank", _shown(content).strip())
