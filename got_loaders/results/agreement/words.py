"""A text → its words, as far as two readers of the same page should agree on them. Pure.

What readers and files write in many ways is made one: case, ligatures, full-width forms, accents
that stand beside their letter, hyphens and apostrophes within a word, a word that is parted at the
end of a line. Punctuation is no word. Letters and digits part (``x2``, ``H2O``), since one reader
raises what the other leaves on the line; separators within a number are a part of it. Scripts that
have no blanks count by the character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["ComparedWord", "split_words"]

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese and Japanese; Korean has blanks
)
_INDIC = "\u0900-\u0963\u0966-\u0dff"
"""Letters and their signs, which for Python are no letters (``\\w``)."""

_LETTER = rf"(?:(?![{_UNSPACED}])(?:[^\W\d_]|[{_INDIC}]))"
_JOINER = r"(?:['\u2019\u02bc]|[-\u2010\u2011\u00ad]\s{0,40})"
"""An apostrophe, or a hyphen, after which a line may end."""
_WORD = re.compile(
    rf"(?P<letters>{_LETTER}++(?:{_JOINER}{_LETTER}++)*+)"
    rf"|(?P<number>\d++(?:[.,]\d++)*+)|[{_UNSPACED}]"
)
_ASCII_WORD = re.compile(
    r"(?P<letters>[a-z]++(?:(?:'|-\s{0,40})[a-z]++)*+)|(?P<number>\d++(?:[.,]\d++)*+)"
)
"""The same in lower ASCII, found in a third of the time."""
_JOINED = re.compile(_JOINER)

_LAM_ALEF = re.compile("\u0644([\u0622\u0623\u0625\u0627])")
"""A ligature of Arabic, whose two letters MuPDF and others name in the order of the page."""
_BREAK = re.compile(r"[\n\t]")
"""Between lines, and between the cells of a row."""

_BESIDE = {
    "\u00b4": "\u0301", "\u02cb": "\u0300", "\u00a8": "\u0308", "\u02c6": "\u0302",
    "\u02dc": "\u0303", "\u00af": "\u0304", "\u02d8": "\u0306", "\u02d9": "\u0307",
    "\u02dd": "\u030b", "\u02c7": "\u030c", "\u02da": "\u030a", "\u00b8": "\u0327",
    "\u02db": "\u0328",
}  # fmt: skip
"""Accents as signs of their own, which TeX's older fonts draw beside a letter, and those above it.
The last two follow their letter."""
_BEFORE = "".join(_BESIDE)[:-2]
_BEHIND = "".join(_BESIDE)[-2:]

_MARK = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
"""Marks above and below letters that precede the scripts of India; of Hebrew and Arabic the points
that most texts leave out. Where no letter has them in it they are left out."""
_MARKS = re.compile(f"[{_MARK}]+")
_CLUSTER = re.compile(
    rf"[\x00-\x7f]++(?![{_MARK}{_BEHIND}])|[{_BEFORE}](?=[^\W\d_]).[{_MARK}]*+"
    rf"|.(?:[{_MARK}]++|[{_BEHIND}])?+|[\x00-\x7f]",
    re.DOTALL,
)


class ComparedWord(NamedTuple):
    """A word as it is compared, and where the text has it; ``line`` counts lines and cells."""

    key: str
    start: int
    end: int
    line: int


def split_words(text: str) -> list[ComparedWord]:
    """The words of a text in order; time grows linearly."""
    folded, starts, ends = _folded(text)
    return list(_words(text, folded, starts, ends))


def _words(
    text: str, folded: str, starts: Sequence[int], ends: Sequence[int]
) -> Iterator[ComparedWord]:
    breaks = [match.start() for match in _BREAK.finditer(text)]
    line = 0
    for match in (_ASCII_WORD if text.isascii() else _WORD).finditer(folded):
        first, last = match.span()
        start, end, key = starts[first], ends[last - 1], match[0]
        while line < len(breaks) and breaks[line] < start:
            line += 1
        if match.lastgroup == "letters" and not key.isascii():
            key = _LAM_ALEF.sub("\\1\u0644", key)
        if match.lastgroup == "letters" and not key.isalpha():
            key = _JOINED.sub("", key)
        yield ComparedWord(key, start, end, line)


def _folded(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """The text in one way of writing; for each of its characters, where in ``text`` that which it
    was made of begins and ends."""
    if text.isascii():
        return text.lower(), range(len(text)), range(1, len(text) + 1)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        cluster, start, end = match[0], match.start(), match.end()
        if cluster.isascii():
            parts.append(cluster.lower())
            starts += range(start, end)
            ends += range(start + 1, end + 1)
        else:
            letters = _folded_cluster(cluster)
            parts.append(letters)
            starts += [start] * len(letters)
            ends += [end] * len(letters)
    return "".join(parts), starts, ends


def _folded_cluster(cluster: str) -> str:
    """A letter with its accents, in one character if there is such a one, its case folded."""
    if len(cluster) > 1:
        if cluster[0] in _BEFORE:
            cluster = cluster[1:].replace("\u0131", "i") + _BESIDE[cluster[0]]
        elif cluster[-1] in _BEHIND:
            cluster = cluster[:-1] + _BESIDE[cluster[-1]]
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    return _MARKS.sub("", folded)
