"""Assigns lines of text to the boxes of a layout model, in reading order. Pure.

Every word goes to exactly one block: nothing that stands on the page is left out, whatever the
model did not see.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from got_loaders.pages.text_layer.reading_order import reading_order
from got_loaders.pages.text_layer.vertical import column_groups, is_vertical_page
from got_loaders.pages.text_layer.words import Line, Word
from got_loaders.types import Box

BlockKind = Literal[
    "title", "heading", "text", "list", "table", "figure", "formula", "caption", "footnote",
    "header", "footer",
]  # fmt: skip

MAX_BLOCKS = 500
"""Blocks of a page at most; what is more is joined, never dropped."""

_PAGE_PART: dict[BlockKind, int] = {"header": 0, "footnote": 2, "footer": 3}
"""Before and after the page's body, which is 1."""

_MIN_OVERLAP = 0.8
"""The part of a line's area that must lie in one box for all of the line to go there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutBox:
    """A box that the layout model found; of a table also the edges of its rows and columns."""

    box: Box
    kind: BlockKind = "text"
    rows: tuple[float, ...] = ()
    columns: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """A block of the page, and the lines in it, in MuPDF's order.

    ``items`` are the boxes that were joined into it: the items of a list.
    """

    layout: LayoutBox
    lines: tuple[Line, ...] = ()
    items: tuple[tuple[Line, ...], ...] = ()

    @property
    def kind(self) -> BlockKind:
        """What the layout model takes it for."""
        return self.layout.kind

    @property
    def box(self) -> Box:
        """Around its ink; of tables and figures with the rules and pictures around it."""
        boxes = [word.box for line in self.lines for word in line.words]
        if self.kind in ("table", "figure") or not boxes:
            boxes.append(self.layout.box)
        return Box.union(*boxes)


def assign_lines(layout: Sequence[LayoutBox], lines: Sequence[Line]) -> list[TextBlock]:
    """The blocks of a page in reading order, at most :data:`MAX_BLOCKS`."""
    columns = column_groups([line for line in lines if line.vertical], MAX_BLOCKS // 4)
    vertical = [_loose_block(group) for group in columns]
    boxes = _drop_nested(_beside_columns(layout, vertical))[: MAX_BLOCKS // 2]
    assigned: list[list[Line]] = [[] for _ in boxes]
    loose: list[Line] = []
    for line in lines:
        for owner, part in () if line.vertical else _split_by_box(line, boxes):
            (loose if owner is None else assigned[owner]).append(part)
    blocks = [
        TextBlock(layout=box, lines=tuple(part))
        for box, part in zip(boxes, assigned, strict=True)
        if part or box.kind in ("figure", "table")
    ]
    blocks += vertical
    blocks += _loose_blocks(loose, MAX_BLOCKS - len(blocks))
    leftwards = is_right_to_left(lines) or is_vertical_page(lines)
    return _join_lists(_sort_blocks(blocks, right_to_left=leftwards))


def is_right_to_left(lines: Iterable[Line]) -> bool:
    """Whether most letters are of a script that is read from right to left."""
    kinds = [unicodedata.bidirectional(word.text[0]) for line in lines for word in line.words]
    leftwards = sum(kind in ("R", "AL") for kind in kinds)
    return leftwards > sum(kind == "L" for kind in kinds)


def _drop_nested(layout: Sequence[LayoutBox]) -> list[LayoutBox]:
    """Without those that lie in another one, the largest first."""
    outermost: list[LayoutBox] = []
    for inner in sorted(layout, key=lambda each: -each.box.area):
        limit = 0.95 * inner.box.area
        if not any(inner.box.intersection_area(outer.box) > limit for outer in outermost):
            outermost.append(inner)
    return outermost


def _split_by_box(line: Line, layout: Sequence[LayoutBox]) -> list[tuple[int | None, Line]]:
    """The line with the box it goes to; in parts, where its words go to several or to none."""
    near = [n for n, each in enumerate(layout) if line.box.intersection_area(each.box) > 0]
    if not near:
        return [(None, line)]
    owner = _owner(line.box, layout, near, _MIN_OVERLAP)
    if owner is not None:
        return [(owner, line)]
    owners = [_owner(word.box, layout, near, 0.5) for word in line.words]
    parts: list[tuple[int | None, list[Word]]] = []
    for word, owner in zip(line.words, _adopt_orphans(line, owners), strict=True):
        if parts and parts[-1][0] == owner:
            parts[-1][1].append(word)
        else:
            parts.append((owner, [word]))
    return [(owner, replace(line, words=tuple(words))) for owner, words in parts]


def _owner(box: Box, layout: Sequence[LayoutBox], near: list[int], min_part: float) -> int | None:
    """The layout box that holds most of ``box``, if that is at least this part of it."""
    overlaps = {n: box.intersection_area(layout[n].box) for n in near}
    best = max(near, key=overlaps.__getitem__)
    return best if overlaps[best] >= min_part * box.area else None


def _adopt_orphans(line: Line, owners: list[int | None]) -> list[int | None]:
    """Words that no box holds join their neighbor on the line, unless a gap is between them."""
    filled = list(owners)
    for indices in (range(1, len(owners)), range(len(owners) - 2, -1, -1)):
        for n in indices:
            neighbor = n - indices.step
            left, right = sorted((line.words[n].box, line.words[neighbor].box))
            if filled[n] is None and right.x0 - left.x1 <= line.size:
                filled[n] = filled[neighbor]
    return filled


def _loose_blocks(lines: Sequence[Line], max_blocks: int) -> list[TextBlock]:
    """Lines outside all boxes, paragraph by paragraph as MuPDF divides them."""
    groups: list[list[Line]] = []
    for line in lines:
        same = groups and groups[-1][-1].block == line.block
        if same or len(groups) >= max(max_blocks, 1):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_loose_block(group) for group in groups]


def _loose_block(lines: Sequence[Line]) -> TextBlock:
    return TextBlock(
        layout=LayoutBox(box=Box.union(*(line.box for line in lines))), lines=tuple(lines)
    )


def _beside_columns(layout: Sequence[LayoutBox], vertical: Sequence[TextBlock]) -> list[LayoutBox]:
    """``layout`` without the tables and figures that it takes vertical writing for."""
    columns = [block.box for block in vertical]
    return [
        each
        for each in layout
        if each.kind not in ("table", "figure")
        or sum(box.intersection_area(each.box) for box in columns) < 0.5 * each.box.area
    ]


def _sort_blocks(blocks: Sequence[TextBlock], *, right_to_left: bool) -> list[TextBlock]:
    ordered: list[TextBlock] = []
    for page_part in range(4):
        part = [block for block in blocks if _PAGE_PART.get(block.kind, 1) == page_part]
        boxes = [block.box for block in part]
        ordered += [part[n] for n in reading_order(boxes, right_to_left=right_to_left)]
    return ordered


def _join_lists(blocks: Sequence[TextBlock]) -> list[TextBlock]:
    """Items that follow one another in a column become one list."""
    joined: list[TextBlock] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if block.kind != "list":
            joined.append(block)
        elif last is not None and last.kind == "list" and _is_below(block, last):
            lines, items = last.lines + block.lines, (*last.items, block.lines)
            layout = LayoutBox(box=last.layout.box.union(block.layout.box), kind="list")
            joined[-1] = TextBlock(layout=layout, lines=lines, items=items)
        else:
            joined.append(replace(block, items=(block.lines,)))
    return joined


def _is_below(lower: TextBlock, upper: TextBlock) -> bool:
    """Whether ``lower`` stands under ``upper``, in the same column and not far away."""
    a, b = upper.box, lower.box
    overlap = min(a.x1, b.x1) - max(a.x0, b.x0)
    near = b.y0 - a.y1 <= 3 * max(line.size for line in lower.lines)
    return near and b.y0 >= a.y0 and overlap > 0.3 * min(a.width, b.width)
