"""Judges what the end of a line means: a wrapped paragraph goes on, or something ends there.

A formatted reading has no mark for it. The model writes a paragraph on one line, however long,
and the lines of an address each on its own; other readings keep the lines of the page. So it is
told by how long the lines are beside each other, where sentences end, and how lines begin. This
is a judgement and not a rule of the model's; nothing is lost where it is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

__all__ = ["LineEnd", "columns", "judge_line_ends", "starts_low"]

LineEnd = Literal["wrapped", "break", "paragraph"]
"""What follows: the same paragraph, another line of it, another paragraph."""

_MAX_PRINTED = 150
"""Columns of a printed line at most; where one is longer, each line is a paragraph."""
_MIN_WRAPPED = 30
"""Columns that a wrapped paragraph has at least."""
_PROSE = 60
"""Columns from which on a line is more likely prose than a line of a verse or an address."""
_FULL = 0.9
"""Share of the longest line that a line has, with the word that follows, if it was wrapped."""
_MIN_FULL, _MIN_GOING_ON = 0.5, 0.4
"""Shares of line ends in a narrow block that must be full, and of these that go on in the middle
of a sentence, for it to be wrapped text."""

_SENTENCE_END = re.compile(
    r"""[.!?:;…。।॥\uff01\uff1f\uff1b\uff1a\u061f\u061b\u06d4]["'”’»)\]}]*\Z"""
)
_SHORT_WORD = re.compile(r"(?<![^\s])[^\W\d_A-Z]{1,3}\Z")
"""An article or the like, before which no line ends that was not wrapped."""
_HYPHEN = re.compile(r"[^\W\d_][-\u2010\u00ad]\Z")
_BEGINS = re.compile(
    r"""
      [⁽¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠ†‡]                       # the mark of a note
    | [-–—•·◦▪▫●○■□☐☑☒✓✗‣\u2043∙*►➢]\s          # an item, something said
    | \(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,5})\)\s | \d{1,3}\.\s | \[\d{1,3}\]\s
    """,
    re.VERBOSE,
)
_CAPTION = re.compile(r"(?:Fig(?:ure|\.)|Tab(?:le|elle|\.)|Abb(?:ildung|\.)|Chart|Scheme)\s*\d")
_LABELLED = re.compile(r"[^\W\d_][^:\n]{0,30}:(?:\s|\Z)")
_FIRST_LETTER = re.compile(r"""["'“”„«»¿¡(\[]{0,3}([^\W\d_])""")
_WORD = re.compile(r"\S+")


def judge_line_ends(lines: Sequence[str]) -> list[LineEnd]:
    """What the end of each line but the last means; work grows with the lines' length."""
    widths = list(map(columns, lines))
    longest = max(widths, default=0)
    pairs = list(pairwise(lines))
    if longest > _MAX_PRINTED:
        joins = [
            width > _PROSE and not _SENTENCE_END.search(line) and starts_low(following)
            for width, (line, following) in zip(widths, pairs, strict=False)
        ]
    else:
        joins = _wrapped(pairs, widths, longest)
    ends: list[LineEnd] = []
    for number, joined in enumerate(joins):
        is_prose = max(widths[number : number + 2]) > _PROSE
        is_prose |= any(joins[max(0, number - 1) : number + 2])
        is_prose |= longest > _MAX_PRINTED and lines[number].endswith(".")
        if longest <= _MAX_PRINTED and all(map(_LABELLED.match, lines[number : number + 2])):
            is_prose = False  # keys with their values, of which one is long
        is_prose |= any(map(_CAPTION.match, lines[number : number + 2]))
        ends.append("wrapped" if joined else "paragraph" if is_prose else "break")
    return ends


def _wrapped(pairs: list[tuple[str, str]], widths: list[int], longest: int) -> list[bool]:
    """For each line end whether the line was wrapped there."""
    text = "".join(line for pair in pairs for line in pair)
    caseless = _is_caseless(text)
    full: list[bool] = []
    going_on: list[bool] = []
    for width, (line, following) in zip(widths, pairs, strict=False):
        is_full = width + 1 + _first_word_columns(following) > _FULL * longest
        full.append(is_full and longest >= _MIN_WRAPPED and not _begins_anew(line, following))
        is_open = caseless or _is_open(line, following, is_wide=longest >= _PROSE)
        going_on.append(full[-1] and is_open and not _SENTENCE_END.search(line))
    is_narrow = longest < _PROSE
    all_alike = min(widths) > _FULL * longest and len(widths) > 2
    if not any(going_on) or (is_narrow and caseless and all_alike):
        full = [False] * len(full)
    elif is_narrow:
        enough = sum(full) >= _MIN_FULL * len(full)
        if not enough or sum(going_on) < _MIN_GOING_ON * sum(full):
            full = [False] * len(full)
    hyphens = (_HYPHEN.search(line) and starts_low(following) for line, following in pairs)
    return [bool(is_full or hyphen) for is_full, hyphen in zip(full, hyphens, strict=True)]


def _is_open(line: str, following: str, *, is_wide: bool) -> bool:
    """Whether a sentence seems to go on after the line."""
    if starts_low(following) or _SHORT_WORD.search(line):
        return True
    return is_wide and (line.endswith(",") or following[:1].isdigit())


def starts_low(line: str) -> bool:
    """Whether a line begins with a small letter, as in the middle of a sentence."""
    first = _FIRST_LETTER.match(line)
    return first is not None and first[1].islower() and not _BEGINS.match(line)


def columns(text: str) -> int:
    """Columns of a text where letters are equally wide: wide ones of East Asia take two."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) > 0 for c in text)
    return len(text) + wide - marks


def _first_word_columns(line: str) -> int:
    word = _WORD.match(line[:40])
    if word is None:
        return 0
    if unicodedata.east_asian_width(word[0][0]) in "WF":
        return 1
    return columns(word[0])


def _begins_anew(line: str, following: str) -> bool:
    """Whether the next line begins something of its own, whatever stands before it."""
    both = _LABELLED.match(line) and _LABELLED.match(following)
    return bool(both or _BEGINS.match(following) or _CAPTION.match(following))


def _is_caseless(text: str) -> bool:
    """Whether letters do not tell where sentences begin: no small ones, or other scripts."""
    low = sum(map(str.islower, text))
    return low * 2 < sum(map(str.isalpha, text)) - sum(map(str.isupper, text)) or not low
