"""Lines and the boxes that a layout model found → the regions of a page, in reading order. Pure.

Every word goes to exactly one region: nothing that stands on the page is left out, whatever the
model did not see.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from got_loaders.pages.text_layer.reading_order import reading_order
from got_loaders.pages.text_layer.words import Line, Word, hull
from got_loaders.types import Box

Kind = Literal[
    "title", "heading", "text", "list", "table", "figure", "formula", "caption", "footnote",
    "header", "footer",
]  # fmt: skip

MAX_BLOCKS = 500
"""Regions of a page at most; what is more is joined, never dropped."""

_PLACE: dict[Kind, int] = {"header": 0, "footnote": 2, "footer": 3}
"""Before and after the page's body, which is 1."""

_INSIDE = 0.8
"""The part of a line's area inside one box that makes all of the line its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A box as the layout model found it; of a table the edges of its rows and columns."""

    box: Box
    kind: Kind = "text"
    rows: tuple[float, ...] = ()
    columns: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A region of the page, and the lines that stand in it, in MuPDF's order.

    ``items`` are the boxes that were joined into it: the items of a list.
    """

    found: Found
    lines: tuple[Line, ...] = ()
    items: tuple[tuple[Line, ...], ...] = ()

    @property
    def box(self) -> Box:
        """The hull of its ink; of tables and figures with the rules and pictures around it."""
        inked = [word.box for line in self.lines for word in line.words]
        if self.found.kind in ("table", "figure") or not inked:
            inked.append(self.found.box)
        return hull(inked)


def arrange(found: Sequence[Found], lines: Sequence[Line]) -> list[Block]:
    """The blocks of a page in reading order, at most :data:`MAX_BLOCKS`."""
    boxes = _outermost(found)[: MAX_BLOCKS // 2]
    owned: list[list[Line]] = [[] for _ in boxes]
    loose: list[Line] = []
    for line in lines:
        for owner, piece in _shared(line, boxes):
            (loose if owner is None else owned[owner]).append(piece)
    blocks = [
        Block(found=box, lines=tuple(mine))
        for box, mine in zip(boxes, owned, strict=True)
        if mine or box.kind in ("figure", "table")
    ]
    blocks += _loose_blocks(loose, MAX_BLOCKS - len(blocks))
    return _lists(_in_order(blocks, right_to_left=is_right_to_left(lines)))


def is_right_to_left(lines: Iterable[Line]) -> bool:
    """Whether most letters are of a script that is read from right to left."""
    kinds = [unicodedata.bidirectional(word.text[0]) for line in lines for word in line.words]
    leftwards = sum(kind in ("R", "AL") for kind in kinds)
    return leftwards > sum(kind == "L" for kind in kinds)


def _outermost(found: Sequence[Found]) -> list[Found]:
    """Without those that lie in another one, the largest first."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda f: -_area(f.box)):
        if not any(_overlap(each.box, other.box) > 0.95 * _area(each.box) for other in kept):
            kept.append(each)
    return kept


def _shared(line: Line, boxes: Sequence[Found]) -> list[tuple[int | None, Line]]:
    """Whose the line is: one box's as a whole, else word by word."""
    whole = line.box
    near = [n for n, each in enumerate(boxes) if _overlap(whole, each.box) > 0]
    if not near:
        return [(None, line)]
    best = max(near, key=lambda n: _overlap(whole, boxes[n].box))
    if _overlap(whole, boxes[best].box) >= _INSIDE * _area(whole):
        return [(best, line)]
    owners = [_owner(word.box, boxes, near) for word in line.words]
    pieces: list[tuple[int | None, list[Word]]] = []
    for word, owner in zip(line.words, _without_orphans(line, owners), strict=True):
        if pieces and pieces[-1][0] == owner:
            pieces[-1][1].append(word)
        else:
            pieces.append((owner, [word]))
    return [(owner, replace(line, words=tuple(words))) for owner, words in pieces]


def _owner(box: Box, boxes: Sequence[Found], near: list[int]) -> int | None:
    best = max(near, key=lambda n: _overlap(box, boxes[n].box))
    return best if _overlap(box, boxes[best].box) >= 0.5 * _area(box) else None


def _without_orphans(line: Line, owners: list[int | None]) -> list[int | None]:
    """Words that no box holds join their neighbour on the line, unless a gap is between them."""
    filled = list(owners)
    for step in (range(1, len(owners)), range(len(owners) - 2, -1, -1)):
        for n in step:
            other = n - step.step
            left, right = sorted((line.words[n].box, line.words[other].box))
            if filled[n] is None and right.x0 - left.x1 <= line.size:
                filled[n] = filled[other]
    return filled


def _loose_blocks(lines: Sequence[Line], most: int) -> list[Block]:
    """Lines outside all boxes, paragraph by paragraph as MuPDF divides them."""
    groups: list[list[Line]] = []
    for line in lines:
        same = groups and groups[-1][-1].block == line.block
        if same or len(groups) >= max(most, 1):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [
        Block(found=Found(box=hull(line.box for line in group)), lines=tuple(group))
        for group in groups
    ]


def _in_order(blocks: Sequence[Block], *, right_to_left: bool) -> list[Block]:
    ordered: list[Block] = []
    for place in range(4):
        part = [block for block in blocks if _PLACE.get(block.found.kind, 1) == place]
        boxes = [block.box for block in part]
        ordered += [part[n] for n in reading_order(boxes, right_to_left=right_to_left)]
    return ordered


def _lists(blocks: Sequence[Block]) -> list[Block]:
    """Items that follow one another in a column become one list."""
    joined: list[Block] = []
    for block in blocks:
        if block.found.kind != "list":
            joined.append(block)
            continue
        last = joined[-1] if joined else None
        if last is not None and last.found.kind == "list" and _below(last, block):
            lines, items = last.lines + block.lines, (*last.items, block.lines)
            found = Found(box=hull((last.found.box, block.found.box)), kind="list")
            joined[-1] = Block(found=found, lines=lines, items=items)
        else:
            joined.append(replace(block, items=(block.lines,)))
    return joined


def _below(upper: Block, lower: Block) -> bool:
    """Whether ``lower`` stands under ``upper``, in the same column and not far away."""
    a, b = upper.box, lower.box
    overlap = min(a.x1, b.x1) - max(a.x0, b.x0)
    near = b.y0 - a.y1 <= 3 * max(line.size for line in lower.lines)
    return near and b.y0 >= a.y0 and overlap > 0.3 * min(a.width, b.width)


def _area(box: Box) -> float:
    return max(box.width, 0.0) * max(box.height, 0.0)


def _overlap(a: Box, b: Box) -> float:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    return across * down if across > 0 and down > 0 else 0.0
