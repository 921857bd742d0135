"""Which caption of a page belongs to which of its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from got_loaders.results.page_result import PageResult
    from got_loaders.types import Box

__all__ = ["with_captions"]

_NEAR = 0.06
"""How far a caption is from its figure at most, in heights of the page: three or four lines."""

_SAME = 0.01
"""Figures that are as near to a caption as the nearest, by this much, stand over one caption."""

_MAX_CAPTION = 300
"""Characters."""


def with_captions(results: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """The results of a page, whose figures have the text of the captions beside them.

    A caption belongs to the figure or table that is nearest above, below or beside it, or to all
    that are as near; a figure that several are of has the nearest one.
    """
    if all(result.figure is None for result in results):
        return tuple(results)
    nearest: dict[int, tuple[float, str]] = {}
    for caption in results:
        if caption.region is None or caption.region.type != "caption":
            continue
        text = " ".join(caption.text.split())
        for distance, index in _owners(caption.region.box, results) if text else ():
            nearest[index] = min(nearest.get(index, (distance, text)), (distance, text))
    texts = (nearest.get(index, (0.0, ""))[1] for index in range(len(results)))
    return tuple(map(_captioned, results, texts))


def _owners(caption: Box, results: Sequence[PageResult]) -> list[tuple[float, int]]:
    """Which figures a caption belongs to, by their places among the results, and how near."""
    distances = [
        (_gap(caption, result.region.box), index)
        for index, result in enumerate(results)
        if result.region is not None and result.region.type in ("figure", "table")
    ]
    height = max(result.info.height for result in results)
    limit = min((gap for gap, _ in distances), default=0) + _SAME * height
    near = [each for each in distances if each[0] <= min(limit, _NEAR * height)]
    return [(gap, index) for gap, index in near if results[index].figure is not None]


def _gap(one: Box, other: Box) -> float:
    """How far apart two boxes are, one above or beside the other; far where neither."""
    across = max(one.x0, other.x0) - min(one.x1, other.x1)
    down = max(one.y0, other.y0) - min(one.y1, other.y1)
    return max(across, down, 0) if min(across, down) < 0 else float("inf")


def _captioned(result: PageResult, caption: str) -> PageResult:
    if result.figure is None:
        return result
    short = caption if len(caption) <= _MAX_CAPTION else f"{caption[:_MAX_CAPTION].rstrip()}…"
    return replace(result, figure=replace(result.figure, caption=short))
