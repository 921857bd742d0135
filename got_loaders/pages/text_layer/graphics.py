"""Finds what is drawn on a page besides its words: pictures, ruling lines, frames. Pure.

It works on the log of what MuPDF draws: cheap, in order, and bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from got_loaders.pages.text_layer.assign_lines import LayoutBox, TextBlock
from got_loaders.pages.text_layer.words import Line
from got_loaders.types import Box

_MIN_SCAN = 0.25
"""The part of a page that a picture must fill to count as a scan painted over text."""

_MIN_FIGURE, _MAX_FIGURE = 0.005, 0.9
"""The part of a page that a picture must fill to be a figure, and not the page's background."""

_MAX_FIGURES = 200

_PICTURES = ("fill-image", "fill-imgmask")

_SEAM, _MAX_SEAMS = 1.0, 1.05
"""Points between the strips of one picture, and how much larger than them all it may be."""

_FEW_WORDS = 0.01
"""The part of a picture that words fill at most where its own words are not among them."""

_MAX_RULING = 4
"""Points; what is drawn thinner is a ruling line."""

_MARGIN = 12
"""Points between a table's words and its outer ruling lines."""

_MAX_GROWTH = 1.6
"""How many times as wide or high a table may become by its ruling lines."""

DrawOp = tuple[str, Box]
"""An operation that draws on a page: MuPDF's name for it, and where."""


def covered_fraction(ops: Sequence[DrawOp], size: tuple[float, float]) -> float:
    """The fraction of the texts that a large picture is painted over."""
    min_area = _MIN_SCAN * size[0] * size[1]
    texts = covered = 0
    pictures: list[Box] = []
    for name, box in reversed(ops):
        if name == "fill-image" and box.area >= min_area and len(pictures) < 50:
            pictures.append(box)
        elif name in ("fill-text", "stroke-text"):
            texts += 1
            covered += any(_middle_inside(box, picture) for picture in pictures)
    return covered / texts if texts else 0.0


def pictures(ops: Sequence[DrawOp], size: tuple[float, float]) -> list[Box]:
    """Where the page's pictures are, of which strips and tiles are one; none of all the page."""
    merged: list[Box] = []
    for name, drawn in ops:
        box = drawn.clipped(*size) if name in _PICTURES else None
        if box is None or len(merged) >= _MAX_FIGURES:
            continue
        for other in [each for each in merged if _touch(box, _grown(each, _SEAM))]:
            if _fit(box, other):
                merged.remove(other)
                box = box.union(other)
        merged.append(box)
    page = size[0] * size[1]
    return [box for box in merged if _MIN_FIGURE < box.area / page < _MAX_FIGURE]


def add_pictures(layout: Sequence[LayoutBox], found: Sequence[Box]) -> list[LayoutBox]:
    """``layout``, and the pictures that stand apart from it, as figures."""
    apart = [box for box in found if not any(_touch(box, each.box) for each in layout)]
    return [*layout, *(LayoutBox(box=box, kind="figure") for box in apart)]


def without_words(found: Sequence[Box], lines: Sequence[Line]) -> list[Box]:
    """The pictures on which hardly a word of the page's own text stands."""
    words = [word.box for line in lines for word in line.words]
    return [
        box
        for box in found
        if sum(word.area for word in words if _middle_inside(word, box)) < _FEW_WORDS * box.area
    ]


def insert_pictures(blocks: Sequence[TextBlock], bare: Sequence[Box]) -> list[TextBlock]:
    """``blocks``, and pictures without words that are no block of their own, as figures.

    Each stands before the first block that begins below its top, beside or under it.
    """
    result = list(blocks)
    for box in bare:
        if any(_is_bare(b) and b.box.intersection_area(box) > 0.5 * box.area for b in result):
            continue
        figure = TextBlock(layout=LayoutBox(box=box, kind="figure"))
        places = [
            n
            for n, each in enumerate(result)
            if each.box.y0 > box.y0 and each.box.x0 < box.x1 and each.box.x1 > box.x0
        ]
        result.insert(min(places, default=len(result)), figure)
    return result


def _is_bare(block: TextBlock) -> bool:
    return block.kind in ("figure", "table") and not block.lines


def add_ruling_lines(layout: Sequence[LayoutBox], ops: Sequence[DrawOp]) -> list[LayoutBox]:
    """``layout``, its tables with the lines and frames around them: the model sees words only."""
    paths = [box for name, box in ops if name.endswith("-path")]
    return [
        replace(each, box=_frame(each, layout, paths)) if each.kind == "table" else each
        for each in layout
    ]


def ruling_lines(ops: Sequence[DrawOp]) -> list[Box]:
    """Lines, and what is as thin."""
    paths = (box for name, box in ops if name.endswith("-path"))
    return [box for box in paths if min(box.width, box.height) < _MAX_RULING]


def _frame(table: LayoutBox, layout: Sequence[LayoutBox], paths: Sequence[Box]) -> Box:
    box = table.box
    near = Box(box.x0 - _MARGIN, box.y0 - _MARGIN, box.x1 + _MARGIN, box.y1 + _MARGIN)
    others = [each.box for each in layout if each is not table]
    for path in paths:
        if _touch(near, path):
            grown = box.union(path)
            small = (
                grown.width <= _MAX_GROWTH * table.box.width + _MARGIN
                and grown.height <= _MAX_GROWTH * table.box.height + _MARGIN
            )
            if small and not any(_touch(grown, other) for other in others):
                box = grown
    return box


def _middle_inside(box: Box, outer: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1


def _fit(a: Box, b: Box) -> bool:
    """Whether two pictures are strips or tiles of one: side by side, or one in the other."""
    whole = a.union(b)
    return whole.area <= _MAX_SEAMS * (a.area + b.area - a.intersection_area(b))


def _grown(box: Box, by: float) -> Box:
    return Box(box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by)


def _touch(a: Box, b: Box) -> bool:
    return a.x0 <= b.x1 and b.x0 <= a.x1 and a.y0 <= b.y1 and b.y0 <= a.y1
