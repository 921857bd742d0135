"""Joins lines into running text: rows from top to bottom, hyphens at line ends undone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from got_loaders.pages.text_layer.assign_lines import is_right_to_left
from got_loaders.pages.text_layer.words import Line

_SOFT_HYPHEN = "\u00ad"
_HYPHENS = ("-", "\u2010", _SOFT_HYPHEN)
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
"""Chinese and Japanese, which are written without blanks."""


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


def row_texts(lines: Sequence[Line]) -> list[str]:
    """The text of each row."""
    return [" ".join(line.text for line in row) for row in rows(lines)]


def join_rows(texts: Iterable[str], hyphenated: frozenset[str] = frozenset()) -> str:
    """Rows as one paragraph. A word that a hyphen divides is made whole.

    ``hyphenated`` are words that are known to be written with a hyphen.
    """
    paragraph = ""
    for text in texts:
        paragraph = _append(paragraph, text, hyphenated) if paragraph else text
    return paragraph.replace(_SOFT_HYPHEN, "")


def hyphenated_words(lines: Iterable[Line]) -> frozenset[str]:
    """The words of a page that have a hyphen inside."""
    return frozenset(
        word.text.strip(".,;:()[]\"'").lower()
        for line in lines
        for word in line.words
        if "-" in word.text[1:-1]
    )


def _append(paragraph: str, text: str, hyphenated: frozenset[str]) -> str:
    if paragraph.endswith(_HYPHENS) and paragraph[-2:-1].isalpha() and text[:1].islower():
        if paragraph[-1] == _SOFT_HYPHEN or not _keeps_hyphen(paragraph, text, hyphenated):
            return paragraph[:-1] + text
        return paragraph + text
    if _CJK.match(paragraph[-1]) and _CJK.match(text[:1]):
        return paragraph + text
    return f"{paragraph} {text}"


def _keeps_hyphen(paragraph: str, text: str, hyphenated: frozenset[str]) -> bool:
    head = paragraph[-60:].split(" ")[-1]
    tail = text[:60].split(" ")[0]
    compound = (head + tail).strip(".,;:()[]\"'").lower()
    return "-" in head[:-1] or compound in hyphenated


def _runs_down(lines: Sequence[Line]) -> bool:
    if any(line.angle for line in lines):
        return True
    return all(
        below.base > above.base - 0.5 * above.size  # further down, or in the same row
        or below.box.x0 > above.box.x1  # the next column
        or below.box.x1 < above.box.x0
        for above, below in pairwise(lines)
    )


def _same_row(first: Line, line: Line) -> bool:
    if first.angle or line.angle:
        return False
    return abs(first.base - line.base) < 0.5 * max(first.size, line.size)
