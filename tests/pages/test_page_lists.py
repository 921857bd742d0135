"""Lists of a page's own text: their bullets, and lists within lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from got_loaders.markup import to_text
from got_loaders.pages.text_layer.assign_lines import LayoutBox, TextBlock
from got_loaders.pages.text_layer.to_mmd import to_mmd
from got_loaders.pages.text_layer.words import Line, Word
from got_loaders.types import Box
from tests.pages.drawing import drawn
from tests.pages.making import of_bytes, opened

Row = tuple[float, str]


def listed(rows: Sequence[Row], *, gap: float = 14, boxes: int = 1) -> str:
    """A list block of rows that begin at x with a mark, and go on ``gap`` points behind it.

    ``boxes``: how many rows the layout model puts in one box.
    """
    lines = []
    for n, (x, text) in enumerate(rows):
        words, y = [], 100 + 15 * n
        for place, word in enumerate(text.split()):
            start = x + gap if place == 1 and len(text.split()[0]) < 5 else x
            words.append(Word(word, Box(start, y - 7, start + 5 * len(word), y)))
            x = start + 5 * len(word) + 3
        lines.append(Line(words=tuple(words), base=y, size=10))
    items = tuple(tuple(lines[n : n + boxes]) for n in range(0, len(lines), boxes))
    layout = LayoutBox(box=Box(0, 0, 500, 800), kind="list")
    return to_text(to_mmd(TextBlock(layout=layout, lines=tuple(lines), items=items)))


@pytest.mark.parametrize(
    "mark", ["•", "▪", "‣", "◦", "\ufffd", "\uf0b7", "\uf0a7", "\ue5d2", "–", "o"]
)
@pytest.mark.parametrize("boxes", [1, 3])
def test_bullets_become_those_of_a_list(mark: str, boxes: int) -> None:
    """Also those that no standard names, and letters that are bullets in their font."""
    rows = [(50.0, f"{mark} {word} of it") for word in ("one", "two", "three")]
    assert listed(rows, boxes=boxes) == "- one of it\n- two of it\n- three of it"


def test_a_word_of_one_letter_is_no_bullet() -> None:
    """Where it stands as near to the next word as any other."""
    rows = [(50.0, "o tempo passa"), (50.0, "o mar fica")]
    assert listed(rows, gap=3) == "- o tempo passa\n- o mar fica"


NESTED: list[Row] = [
    (50, "• one"), (64, "o two"), (64, "o three"), (78, "\uf0a7 four"), (50, "• five"),
]  # fmt: skip


@pytest.mark.parametrize("boxes", [1, 2, 5])
def test_lists_within_lists_stay_there(boxes: int) -> None:
    """By how far they are indented, however the layout model divides them."""
    text = "- one\n  - two\n  - three\n    - four\n- five"
    assert listed(NESTED, boxes=boxes) == text


def test_numbers_within_bullets_and_bullets_within_numbers() -> None:
    """Each list counts for itself."""
    rows: list[Row] = [(50, "1. one"), (64, "• a"), (64, "• b"), (50, "2. two"), (64, "1. c")]
    assert listed(rows) == "1. one\n   - a\n   - b\n2. two\n   1. c"
    rows = [(50, "• one"), (64, "1. a"), (64, "2. b"), (50, "• two"), (64, "(a) c"), (64, "(b) d")]
    assert listed(rows) == "- one\n  1. a\n  2. b\n- two\n  - (a) c\n  - (b) d"


def test_a_numbered_list_after_bullets_is_another_list() -> None:
    """At the same indent, one after the other."""
    rows: list[Row] = [(50, "• one"), (50, "• two"), (50, "1. three"), (50, "2. four")]
    assert listed(rows) == "- one\n- two\n\n1. three\n2. four"


def test_numbers_that_end_under_each_other_are_one_list() -> None:
    """Their text begins at one place, their marks do not."""
    rows: list[Row] = [(53 - 5 * (n > 9), f"{n}. item") for n in range(8, 12)]
    assert listed(rows) == "- 8. item\n- 9. item\n- 10. item\n- 11. item"


def test_deep_lists_end() -> None:
    """However far a page indents them."""
    text = listed([(20.0 * n, f"• item{n}") for n in range(300)])
    assert all(f"item{n}" in text for n in range(300))


def test_lists_of_a_page() -> None:
    """From the page to its text."""
    rows = [(60, "•", "The first item of the list"), (78, "–", "something that belongs to it"),
            (78, "–", "and something else"), (60, "•", "The second item of the list")]  # fmt: skip

    def draw(page: Any) -> None:
        page.insert_textbox((60, 60, 550, 150), "The boats went out early. " * 9, fontsize=11)
        for n, (x, mark, text) in enumerate(rows):
            page.insert_htmlbox((x, 200 + 16 * n, x + 18, 220 + 16 * n), mark)
            page.insert_htmlbox((x + 18, 200 + 16 * n, 550, 220 + 16 * n), text)

    with opened(of_bytes(drawn(draw))) as document:
        parts = document.text_layer(0).parts
    assert to_text(parts[-1].text) == (
        "- The first item of the list\n  - something that belongs to it\n  - and something else\n"
        "- The second item of the list"
    )
