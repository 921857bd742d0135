"""Assesses whether a page's own text is good enough to be used instead of OCR. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from got_loaders.pages.text_layer.words import Line

MAX_UNSEEN = 0.2
"""The part of a page's letters up to which what is hidden is left out; with more it is no text."""

_CID = re.compile(r"\(cid:\d+\)")
_MAX_UNREADABLE = 0.05
_MAX_OUTSIDE = 0.5
_MIN_LETTERS = 0.4
_MAX_ODD_WORDS = 0.35
_MIN_INK, _MIN_INK_OF_SCAN = 0.5, 0.8
_MUCH_INK = 0.005
_MIN_WORDS_TO_JUDGE = 20
_VOWELS = "aeiouyœæø\u0131"


@dataclass(frozen=True, slots=True, kw_only=True)
class InkCoverage:
    """A page's ink outside figures and tables.

    ``in_words`` is the share of it that lies where words are, ``bare`` the part of the page that
    the rest of it fills.
    """

    in_words: float
    bare: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySignals:
    """What the assessment goes by, besides a page's lines.

    ``outside`` is the share of its words that lie off the page, ``hidden`` the share of its letters
    that can't be seen on it, ``covered`` the share of its texts that a picture was painted over,
    be it one that lets them through. ``garbled``: its letters are not those that its fonts draw.
    ``ink`` is None where there is hardly any; ``scanned`` says
    whether PyMuPDF's classifier takes the page for a picture of text.
    """

    outside: float = 0.0
    covered: float = 0.0
    hidden: float = 0.0
    garbled: bool = False
    ink: InkCoverage | None = None
    scanned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextQuality:
    """Whether a page's own text is good; ``reason`` is empty where it is.

    ``seen``: the text is what one sees, readable or not, so that its places are those of the ink.
    """

    reason: str = ""
    seen: bool = True

    @property
    def good(self) -> bool:
        """Whether the text can be used instead of OCR."""
        return not self.reason


def assess_quality(lines: Sequence[Line], signals: QualitySignals) -> TextQuality:
    """Good, or the first reason why it is not."""
    if signals.outside > _MAX_OUTSIDE:
        return TextQuality(reason="the text lies outside the page", seen=False)
    if not lines:
        return TextQuality(reason="the page has no text of its own", seen=False)
    if max(unseen_fraction(lines), signals.hidden) > MAX_UNSEEN:
        why = "lies under a picture" if signals.covered > MAX_UNSEEN else "is invisible"
        return TextQuality(reason=f"the text {why}", seen=False)
    text = " ".join(line.text for line in lines)
    reason = _unreadable(text)
    if signals.garbled and not reason:
        reason = "its letters are not those that its fonts draw"
    if reason:
        return TextQuality(reason=reason)
    return _assess_ink(signals)


def _assess_ink(signals: QualitySignals) -> TextQuality:
    """Whether what is seen is more than the text. The classifier takes rules for pictures, too."""
    ink = signals.ink
    if signals.scanned and (ink is None or ink.in_words < _MIN_INK_OF_SCAN):
        return TextQuality(reason="the page is mostly a picture of text", seen=False)
    if ink is not None and ink.in_words < _MIN_INK and ink.bare > _MUCH_INK:
        return TextQuality(reason="much of the page is drawn, not text", seen=False)
    return TextQuality()


def unseen_fraction(lines: Sequence[Line]) -> float:
    """The part of the letters whose style says that they are invisible."""
    total = sum(len(line.text) for line in lines)
    return sum(len(line.text) for line in lines if not line.seen) / total if total else 0.0


def _unreadable(text: str) -> str:
    """Why the characters can't be what is printed; "" where they may be."""
    known = _CID.sub("\ufffd", text)
    printed = [char for char in known if not char.isspace()]
    if sum(_is_unknown(char) for char in printed) > _MAX_UNREADABLE * len(printed):
        return "unreadable characters"
    tokens = known.split()
    if len(tokens) < _MIN_WORDS_TO_JUDGE:
        return ""
    runs = re.sub(r"([^\w\s]|_)(?:\s*\1)+", r"\1", known)  # dot leaders, rules
    letters = [char for char in runs if not char.isspace()]
    if sum(char.isalnum() for char in letters) < _MIN_LETTERS * len(letters):
        return "mostly signs, few letters"
    return "the letters make no words" if _odd_fraction(tokens) > _MAX_ODD_WORDS else ""


def _is_unknown(char: str) -> bool:
    """U+FFFD and characters that no standard defines; bullets from symbol fonts are known."""
    if "\uf020" <= char <= "\uf0ff":
        return False
    return char == "\ufffd" or unicodedata.category(char) in ("Co", "Cn")


def _odd_fraction(tokens: Sequence[str]) -> float:
    """The share of Latin words of four letters or more that no language would write.

    They have no vowel, or capitals in the midst of small letters: what is left of a font whose
    codes are not those of its letters. Ciphers that keep the vowels pass.
    """
    words = [word for token in tokens for word in re.findall(r"[^\W\d_]{4,}", token)]
    latin = [word for word in words if "LATIN" in unicodedata.name(word[0], "")]
    if len(latin) < _MIN_WORDS_TO_JUDGE:
        return 0.0
    return sum(_is_odd(word) for word in latin) / len(latin)


def _is_odd(word: str) -> bool:
    plain = unicodedata.normalize("NFD", word).lower()
    if not any(char in _VOWELS for char in plain):
        return not word.isupper()  # abbreviations
    return not (word.islower() or word.isupper() or word.istitle() or word[1:].islower())
