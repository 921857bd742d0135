"""Lines → running text: rows from top to bottom, hyphens at line ends undone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from got_loaders.pages.text_layer.assign_lines import is_right_to_left
from got_loaders.pages.text_layer.words import Line

_SOFT_HYPHEN = "\u00ad"
_HYPHENS = ("-", "\u2010", _SOFT_HYPHEN)
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
"""Chinese and Japanese, which are written without blanks."""


def rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that share a baseline, each row in its direction of reading, from top to bottom.

    MuPDF's order is kept where it runs down the page, and where it starts again at the top of a
    column; else the rows are sorted. Lines that are not level keep their place.
    """
    ordered = list(lines) if _runs_down(lines) else sorted(lines, key=lambda each: each.base)
    found: list[list[Line]] = []
    for line in ordered:
        if found and _same_row(found[-1][0], line):
            found[-1].append(line)
        else:
            found.append([line])
    leftwards = is_right_to_left(lines)
    return [sorted(row, key=lambda each: each.box.x0, reverse=leftwards) for row in found]


def row_texts(lines: Sequence[Line]) -> list[str]:
    """The text of each row."""
    return [" ".join(line.text for line in row) for row in rows(lines)]


def joined(texts: Iterable[str], compounds: frozenset[str] = frozenset()) -> str:
    """Rows as one paragraph. A word that a hyphen divides is made whole.

    ``compounds`` are words that are known to be written with a hyphen.
    """
    whole = ""
    for text in texts:
        whole = _append(whole, text, compounds) if whole else text
    return whole.replace(_SOFT_HYPHEN, "")


def compound_words(lines: Iterable[Line]) -> frozenset[str]:
    """The words of a page that have a hyphen inside."""
    return frozenset(
        word.text.strip(".,;:()[]\"'").lower()
        for line in lines
        for word in line.words
        if "-" in word.text[1:-1]
    )


def _append(whole: str, text: str, compounds: frozenset[str]) -> str:
    if whole.endswith(_HYPHENS) and whole[-2:-1].isalpha() and text[:1].islower():
        if whole[-1] == _SOFT_HYPHEN or not _keeps_hyphen(whole, text, compounds):
            return whole[:-1] + text
        return whole + text
    if _WIDE.match(whole[-1]) and _WIDE.match(text[:1]):
        return whole + text
    return f"{whole} {text}"


def _keeps_hyphen(whole: str, text: str, compounds: frozenset[str]) -> bool:
    head = whole[-60:].split(" ")[-1]
    tail = text[:60].split(" ")[0]
    compound = (head + tail).strip(".,;:()[]\"'").lower()
    return "-" in head[:-1] or compound in compounds


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
