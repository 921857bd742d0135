"""Joins MuPDF's characters into words and lines. Pure: it takes PyMuPDF's dictionaries.

Boxes are those of the ink, on the page as it is shown. Lines come in MuPDF's order, which is that
of the file; right-to-left text has its letters in reading order already.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from got_loaders._characters import clean_text
from got_loaders.pages.text_layer.glyphs import Glyph, GlyphLine, read_glyphs
from got_loaders.pages.text_layer.line_pieces import join_pieces
from got_loaders.pages.text_layer.scripts import Baseline, main_baseline, mark_scripts
from got_loaders.pages.text_layer.styled_text import PLAIN, Style, StyledText, join_styled
from got_loaders.pages.text_layer.twins import drop_twins
from got_loaders.types import Box

SOFT_HYPHEN = "\u00ad"

_ACCENTS = {
    "\u00b4": "\u0301", "\u02c6": "\u0302", "\u02dc": "\u0303", "\u00a8": "\u0308",
    "\u02d8": "\u0306", "\u02d9": "\u0307", "\u02da": "\u030a", "\u02dd": "\u030b",
    "\u02c7": "\u030c", "\u00b8": "\u0327", "\u02db": "\u0328", "\u00af": "\u0304",
}  # fmt: skip
"""Accents that stand alone → those that combine with a letter."""

_ACCENTED = re.compile(f"([{''.join(_ACCENTS)}])([^\\W\\d_])")


class Word(NamedTuple):
    """Characters between blanks, where their ink is, and how they are set; () is plain."""

    text: str
    box: Box
    styles: tuple[Style, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words that MuPDF takes for one line.

    ``base`` is the height of its baseline, ``size`` that of most letters, ``angle`` its direction
    in degrees clockwise (0 is level), ``block`` the number of MuPDF's paragraph, ``seen`` whether
    most of it is visible; ``vertical`` lines have upright characters under each other.
    """

    words: tuple[Word, ...]
    block: int = 0
    base: float = 0.0
    size: float = 10.0
    angle: float = 0.0
    mono: bool = False
    seen: bool = True
    vertical: bool = False

    @property
    def box(self) -> Box:
        """Around its words."""
        return Box.union(*(word.box for word in self.words))

    @property
    def text(self) -> str:
        """Its words with a blank between them."""
        return " ".join(word.text for word in self.words)

    @property
    def styled(self) -> StyledText:
        """Its text, and how it is set."""
        return join_styled([StyledText(word.text, word.styles) for word in self.words])


def read_lines(blocks: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of PyMuPDF's ``rawdict`` blocks; lines without a word are left out.

    What is drawn twice is there once, and pieces of one line are one line.
    """
    lines = []
    for line in join_pieces(drop_twins(read_glyphs(blocks))):
        base = main_baseline(line)
        mark_scripts(line)
        words = tuple(_words(line.glyphs))
        if base is not None and words:
            lines.append(_line(line, words, base))
    return lines


def clean_word(word: Word) -> Word:
    """The word without characters that nobody sees, but a soft hyphen at its end, which shows
    where a line ends."""
    text = clean_text(word.text)
    if text == word.text:
        return word
    if text and word.text.endswith(SOFT_HYPHEN):
        text += SOFT_HYPHEN
    if not word.styles:
        return word._replace(text=text)
    styles: list[Style] = []
    for char, style in zip(word.text, word.styles, strict=True):
        if len(styles) < len(text) and text[len(styles)] in (char, "\ufffd"):
            styles.append(style)
    styles += [PLAIN] * (len(text) - len(styles))
    return word._replace(text=text, styles=tuple(styles))


def is_bold_page(lines: Iterable[Line]) -> bool:
    """Whether most of a page is bold: then that means nothing."""
    bold = total = 0
    for line in lines:
        for word in line.words:
            total += len(word.text)
            bold += sum(style.bold for style in word.styles)
    return 2 * bold > total


def compose_accents(text: StyledText) -> StyledText:
    """``text`` with accents that stand alone before their letter, as TeX sets them, put on it."""
    composed = StyledText("")
    start = 0
    for match in _ACCENTED.finditer(text.text):
        letter = _compose(match)
        part = text[start : match.start()]
        style = text.styles[match.end() - 1 : match.end()]
        composed += part + StyledText(letter, style * len(letter))
        start = match.end()
    return composed + text[start:] if start else text


def _compose(match: re.Match[str]) -> str:
    letter = match[2].replace("\u0131", "i").replace("\u0237", "j")
    accented = unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])
    return accented if len(accented) == 1 else match[0]


def _line(line: GlyphLine, words: tuple[Word, ...], base: Baseline) -> Line:
    letters = [glyph for glyph in line.glyphs if not glyph.is_blank]
    main = next((glyph for glyph in letters if line.height(glyph) == base.height), letters[0])
    return Line(
        words=words,
        block=line.block,
        base=main.y,
        size=base.size,
        angle=_angle(line),
        mono=all(glyph.mono for glyph in letters),
        seen=2 * sum(glyph.seen for glyph in letters) > len(letters),
        vertical=line.vertical,
    )


def _words(glyphs: Sequence[Glyph]) -> Iterator[Word]:
    for is_blank, run in groupby(glyphs, lambda glyph: glyph.is_blank):
        if not is_blank:
            yield _word(list(run))


def _word(glyphs: Sequence[Glyph]) -> Word:
    styles = tuple(glyph.style for glyph in glyphs for _ in glyph.char)
    text = StyledText(
        "".join(glyph.char for glyph in glyphs),
        styles if any(style != PLAIN for style in styles) else (),
    )
    text = compose_accents(text)
    return Word(text.text, Box.union(*(glyph.box for glyph in glyphs)), text.styles)


def _angle(line: GlyphLine) -> float:
    angle = math.degrees(math.atan2(line.down, line.across))
    if line.vertical:  # from top to bottom, with upright characters
        angle = (angle + 90) % 360 - 180
    return 0.0 if abs(angle) < 0.5 else round(angle, 1)
