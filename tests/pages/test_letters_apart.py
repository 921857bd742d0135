"""Letters that MuPDF takes apart are one word, and words that stand apart are several."""

from __future__ import annotations

from typing import Any

import pytest

from got_loaders.pages.text_layer.glyphs import FILLED
from got_loaders.pages.text_layer.words import read_lines


def spans(pieces: list[str], gap: float, *, flags: int = 0, drawn: bool = False) -> dict[str, Any]:
    """A line of pieces with a blank and ``gap`` points between them; letters are 10 points high.

    ``drawn``: the blank is one of the file's, and no guess of MuPDF's.
    """
    chars: list[dict[str, Any]] = []
    x = 50.0
    for n, piece in enumerate(pieces):
        if n:
            box = (x, 93.0, x + gap, 100.0)
            chars.append({"c": " ", "origin": (x, 100.0), "bbox": box, "synthetic": not drawn})
            x += gap
        for letter in piece:
            chars.append({"c": letter, "origin": (x, 100.0), "bbox": (x, 93.0, x + 5, 100.0)})
            x += 5
    span = {"font": "Helvetica", "flags": flags, "char_flags": FILLED, "alpha": 255, "size": 10.0}
    return {"dir": (1.0, 0.0), "wmode": 0, "spans": [span | {"chars": chars}]}


def text_of(*lines: dict[str, Any]) -> list[str]:
    """The texts of the lines."""
    return [line.text for line in read_lines([{"lines": list(lines)}])]


@pytest.mark.parametrize("gap", [0.1, 0.6, 1.1])
def test_pieces_of_a_word_that_touch_are_one(gap: float) -> None:
    """``Platform for``: MuPDF saw blanks where there is hardly a gap."""
    assert text_of(spans(["Platf", "orm"], gap)) == ["Platform"]


def test_words_stay_apart() -> None:
    """Where the gap is that of a blank, where the file has one, and in fonts of fixed width."""
    assert text_of(spans(["one", "two"], 1.5)) == ["one two"]
    assert text_of(spans(["one", "two"], 0.6, drawn=True)) == ["one two"]
    assert text_of(spans(["x", "y"], 0.6, flags=8)) == ["x y"]


def test_pieces_on_lines_of_their_own_are_one_word_where_they_touch() -> None:
    """And other lines stay lines."""
    first, second = spans(["Platf"], 0), spans(["orm"], 0)
    for char in second["spans"][0]["chars"]:
        x, y = char["origin"]
        char["origin"], char["bbox"] = (x + 25.5, y), (x + 25.5, 93.0, x + 30.5, 100.0)
    assert text_of(first, second) == ["Platform"]
    for char in second["spans"][0]["chars"]:
        x, y = char["origin"]
        char["origin"], char["bbox"] = (x + 3, y), (x + 3, 93.0, x + 8, 100.0)
    assert text_of(first, second) == ["Platf", "orm"]
