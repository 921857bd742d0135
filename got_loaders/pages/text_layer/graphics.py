"""What is drawn on a page besides its words: pictures, rules, frames. Pure.

It works on the log of what MuPDF draws: cheap, in order, and bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from got_loaders.pages.text_layer.assign_lines import Found
from got_loaders.pages.text_layer.words import hull
from got_loaders.types import Box

_LARGE = 0.25
"""The part of a page that a picture must fill to count as a scan painted over text."""

_LEAST_FIGURE, _MOST_FIGURE = 0.005, 0.9
"""The part of a page that a picture must fill to be a figure, and not the page's background."""

_MAX_FIGURES = 200

_RULE = 4
"""Points; what is drawn thinner is a rule."""

_NEAR = 12
"""Points between a table's words and its outer rules."""

_MAX_GROWTH = 1.6
"""How many times as wide or high a table may become by its rules."""

Step = tuple[str, Box]
"""Something drawn on a page: MuPDF's word for it, and where."""


def covered_share(steps: Sequence[Step], size: tuple[float, float]) -> float:
    """The part of the texts that a large picture is painted over."""
    least = _LARGE * size[0] * size[1]
    texts = covered = 0
    pictures: list[Box] = []
    for step, box in reversed(steps):
        if step == "fill-image" and box.width * box.height >= least and len(pictures) < 50:
            pictures.append(box)
        elif step in ("fill-text", "stroke-text"):
            texts += 1
            covered += any(_middle_inside(box, picture) for picture in pictures)
    return covered / texts if texts else 0.0


def hidden_share(steps: Sequence[Step]) -> float:
    """The part of the texts that is drawn invisibly."""
    names = [step for step, _ in steps if step.endswith("-text")]
    return names.count("ignore-text") / len(names) if names else 0.0


def with_pictures(
    found: Sequence[Found], steps: Sequence[Step], size: tuple[float, float]
) -> list[Found]:
    """``found``, and the page's pictures that stand apart from it, as figures."""
    boxes = list(found)
    for step, whole in steps:
        box = whole.clipped(*size) if step == "fill-image" else None
        if box is None or len(boxes) >= _MAX_FIGURES:
            continue
        share = box.width * box.height / (size[0] * size[1])
        if _LEAST_FIGURE < share < _MOST_FIGURE and not any(_touch(box, f.box) for f in boxes):
            boxes.append(Found(box=box, kind="figure"))
    return boxes


def with_rules(found: Sequence[Found], steps: Sequence[Step]) -> list[Found]:
    """``found``, its tables with the rules and frames around them: the model sees words only."""
    paths = [box for name, box in steps if name.endswith("-path")]
    return [
        replace(each, box=_framed(each, found, paths)) if each.kind == "table" else each
        for each in found
    ]


def rules(steps: Sequence[Step]) -> list[Box]:
    """Lines, and what is as thin."""
    return [box for name, box in steps if name.endswith("-path") and _is_thin(box)]


def _framed(table: Found, found: Sequence[Found], paths: Sequence[Box]) -> Box:
    box = table.box
    near = Box(box.x0 - _NEAR, box.y0 - _NEAR, box.x1 + _NEAR, box.y1 + _NEAR)
    others = [each.box for each in found if each is not table]
    for path in paths:
        if _touch(near, path):
            grown = hull((box, path))
            small = (
                grown.width <= _MAX_GROWTH * table.box.width + _NEAR
                and grown.height <= _MAX_GROWTH * table.box.height + _NEAR
            )
            if small and not any(_touch(grown, other) for other in others):
                box = grown
    return box


def _is_thin(box: Box) -> bool:
    return min(box.width, box.height) < _RULE


def _middle_inside(box: Box, outer: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1


def _touch(a: Box, b: Box) -> bool:
    return a.x0 <= b.x1 and b.x0 <= a.x1 and a.y0 <= b.y1 and b.y0 <= a.y1
