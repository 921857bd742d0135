"""Joins lines into running text: rows from top to bottom, hyphens at line ends undone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from got_loaders.pages.text_layer.assign_lines import is_right_to_left
from got_loaders.pages.text_layer.hyphens import KnownWords, join_lines
from got_loaders.pages.text_layer.styled_text import (
    StyledText,
    blank_between,
    concat,
    join_styled,
)
from got_loaders.pages.text_layer.words import SOFT_HYPHEN, Line

NO_WORDS = KnownWords()

_TAIL = 200
"""Characters before a line's end by which it is decided what stands there."""


def rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that share a baseline, each row in its direction of reading, from top to bottom.

    MuPDF's order is kept where it runs down the page, and where it starts again at the top of a
    column; else the rows are sorted. Lines that are not level keep their place.
    """
    ordered = list(lines) if _runs_down(lines) else sorted(lines, key=lambda each: each.base)
    grouped: list[list[Line]] = []
    for line in ordered:
        if grouped and _same_row(grouped[-1][0], line):
            grouped[-1].append(line)
        else:
            grouped.append([line])
    leftwards = is_right_to_left(lines)
    return [sorted(row, key=lambda each: each.box.x0, reverse=leftwards) for row in grouped]


def row_texts(lines: Sequence[Line]) -> list[StyledText]:
    """The text of each row."""
    return [join_styled([line.styled for line in row]) for row in rows(lines)]


def join_rows(texts: Iterable[StyledText], known: KnownWords = NO_WORDS) -> StyledText:
    """Rows as one paragraph. A word that a hyphen divides is made whole."""
    parts: list[StyledText] = []
    before = ""
    for text in texts:
        if before:
            gap, drops = join_lines(before, text.text, known)
            last = parts[-1]
            if drops:
                parts[-1] = last[:-1]
            if gap:
                parts.append(blank_between(last, text))
            before = before[:-1] + text.text if drops else before + gap + text.text
        else:
            before = text.text
        before = before[-_TAIL:]
        parts.append(text)
    return concat(parts).without(SOFT_HYPHEN)


def _runs_down(lines: Sequence[Line]) -> bool:
    if any(line.angle or line.vertical for line in lines):
        return True
    return all(
        below.base > above.base - 0.5 * above.size  # further down, or in the same row
        or below.box.x0 > above.box.x1  # the next column
        or below.box.x1 < above.box.x0
        for above, below in pairwise(lines)
    )


def _same_row(first: Line, line: Line) -> bool:
    if first.angle or line.angle or first.vertical or line.vertical:
        return False
    return abs(first.base - line.base) < 0.5 * max(first.size, line.size)
