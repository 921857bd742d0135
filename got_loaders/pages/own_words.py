"""The words that a page's file names, as a value and as the worker's JSON. Pure.

They are what is cheap to have: MuPDF's words in the order of the file, the hidden ones too, looked
at by no model of layout. What is good enough to stand for the page is its
:class:`~got_loaders.pages.TextLayer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from got_loaders.types import Box

__all__ = ["PageWord", "PageWords", "words_from_json", "words_to_json"]


class PageWord(NamedTuple):
    """A word, where it stands on the page as it is shown, in page units, and with which others.

    ``block`` counts the page's paragraphs, as MuPDF sees them, and ``line`` the lines of one.
    """

    text: str
    box: Box
    block: int
    line: int


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of a page in the order in which its file has them; true where there are any.

    That is the order of reading in most files: columns follow one another in it. Words may be
    hidden, as those of a scan's text layer are, and may be wrong.
    """

    words: tuple[PageWord, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words)

    @property
    def text(self) -> str:
        """The words with blanks between them; a line feed ends a line, two of them a block."""
        blocks = (list(block) for _, block in groupby(self.words, lambda word: word.block))
        return "\n\n".join("\n".join(_lines(block)) for block in blocks)

    def within(self, box: Box) -> PageWords:
        """Those whose middle lies in ``box``, which is in page units."""
        return PageWords(tuple(word for word in self.words if _is_within(word.box, box)))


def words_to_json(words: Iterable[PageWord]) -> list[list[Any]]:
    """Words for a worker's answer."""
    return [[word.text, *word.box, word.block, word.line] for word in words]


def words_from_json(rows: Iterable[Sequence[Any]]) -> PageWords:
    """The words in a worker's answer."""
    return PageWords(tuple(PageWord(row[0], Box(*row[1:5]), row[5], row[6]) for row in rows))


def _lines(block: Sequence[PageWord]) -> list[str]:
    lines = groupby(block, lambda word: word.line)
    return [" ".join(word.text for word in line) for _, line in lines]


def _is_within(inner: Box, outer: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1
