"""Boxes are read as people read a page: columns in order, blocks across them in between."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from got_loaders.layout.reading_order import reading_order
from got_loaders.types import Box

HEADER = Box(250, 20, 350, 32)
TITLE = Box(60, 60, 540, 100)
FOOTER = Box(280, 800, 320, 812)


def column(x0: float, x1: float, tops: Sequence[float], height: float = 90) -> list[Box]:
    """Paragraphs of one column, from top to bottom."""
    return [Box(x0, top, x1, top + height) for top in tops]


def page(*parts: Box | list[Box]) -> list[Box]:
    """The boxes of a page as they are to be read."""
    return [box for part in parts for box in (part if isinstance(part, list) else [part])]


TOPS = (120, 220, 320)
LOWER = (520, 620)
LEFT, RIGHT = (50.0, 290.0), (310.0, 550.0)
PAGES = {
    "one column": page(HEADER, TITLE, column(50, 550, TOPS), FOOTER),
    "two columns": page(HEADER, TITLE, column(*LEFT, TOPS), column(*RIGHT, TOPS), FOOTER),
    "three columns": page(
        *(HEADER, TITLE, column(50, 200, TOPS), column(220, 370, TOPS)),
        *(column(390, 550, TOPS), FOOTER),
    ),
    "the right column is longer": page(
        TITLE, column(*LEFT, TOPS[:2]), column(*RIGHT, (*TOPS, *LOWER))
    ),
    "the left column is longer": page(
        TITLE, column(*LEFT, (*TOPS, *LOWER)), column(*RIGHT, TOPS[:2])
    ),
    "a figure across the columns": page(
        *(TITLE, column(*LEFT, TOPS), column(*RIGHT, TOPS), Box(50, 420, 550, 500)),
        *(column(*LEFT, LOWER), column(*RIGHT, LOWER), FOOTER),
    ),
    "paragraphs that don't stand side by side": page(
        column(*LEFT, (100, 330, 560), 200), column(*RIGHT, (100, 200, 440), 80)
    ),
    "a figure across two of three columns": page(
        *(column(50, 200, (100, 300, 500), 180), Box(220, 100, 550, 280)),
        *(column(220, 370, (300, 500), 180), column(390, 550, (300, 500), 180)),
    ),
    "a heading in the left column": page(
        TITLE, Box(50, 110, 150, 120), column(*LEFT, TOPS), column(*RIGHT, TOPS)
    ),
    "a letter": page(
        *(Box(400, 50, 550, 70), Box(50, 100, 200, 180), Box(50, 220, 550, 600)),
        Box(300, 640, 450, 700),
    ),
    "pairs of figure and caption": page(
        *(Box(50, 100, 290, 300), Box(60, 310, 280, 330)),
        *(Box(310, 100, 550, 300), Box(320, 310, 540, 330)),
    ),
    "boxes that overlap a little": page(
        TITLE,
        [Box(50, 95, 303, 221), Box(50, 218, 302, 400)],
        [Box(299, 96, 550, 251), Box(300, 248, 550, 400)],
    ),
    "a page number under the middle column": page(
        column(50, 200, TOPS),
        column(220, 370, TOPS),
        column(390, 550, TOPS),
        Box(290, 500, 300, 512),
    ),
    "a formula at the end of the longer column": page(
        column(*LEFT, TOPS), Box(120, 420, 200, 450), column(*LEFT, (460,)), column(*RIGHT, TOPS)
    ),
    "page numbers left and right": page(
        column(*LEFT, TOPS), column(*RIGHT, TOPS), Box(50, 500, 60, 512), Box(540, 500, 550, 512)
    ),
    "three columns and then two": page(
        *(column(50, 200, TOPS), column(220, 370, TOPS), column(390, 550, TOPS)),
        *(Box(50, 460, 290, 600), Box(315, 450, 550, 580)),
    ),
    "a pinwheel": page(
        *(Box(0, 0, 200, 100), Box(0, 110, 90, 300), Box(100, 110, 200, 200)),
        *(Box(210, 0, 300, 200), Box(100, 210, 300, 300)),
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_read_in_order(name: str) -> None:
    """In whatever sequence the boxes come."""
    right = PAGES[name]
    for step in (1, len(right) - 1):
        given_boxes = right[::-1] if step == 1 else sorted(right, key=lambda b: (b.x1, b.y0))
        assert [given_boxes[i] for i in reading_order(given_boxes)] == right


def test_nothing_to_order() -> None:
    """No box, and a single one."""
    assert reading_order([]) == []
    assert reading_order([TITLE]) == [0]


BOXES = st.lists(
    st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 30)] * 2).map(
        lambda t: Box(t[0], t[1], t[0] + t[2], t[1] + t[3])
    ),
    max_size=25,
)


@given(BOXES, st.randoms(use_true_random=False))
def test_any_boxes_are_each_read_once(boxes: list[Box], random: object) -> None:
    """However they lie, every box has its place, and the same whatever came first."""
    order = reading_order(boxes)
    assert sorted(order) == list(range(len(boxes)))
    shuffled = list(boxes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert [shuffled[i] for i in reading_order(shuffled)] == [boxes[i] for i in order]


def test_many_boxes_are_no_burden() -> None:
    """Nested cuts end: a thousand boxes, each within the one before, are read from the top."""
    boxes = [Box(i, i, 3000 - i, 3000 - i) for i in range(1000)]
    assert sorted(reading_order(boxes)) == list(range(1000))
