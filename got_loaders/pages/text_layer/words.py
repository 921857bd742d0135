"""Joins MuPDF's characters into words and lines. Pure: it takes PyMuPDF's dictionaries.

Boxes are those of the ink, on the page as it is shown. Lines come in MuPDF's order, which is that
of the file; right-to-left text has its letters in reading order already.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from got_loaders.types import Box

FILLED, STROKED = 16, 32
"""MuPDF's marks of visible characters (``FZ_STEXT_FILLED``, ``FZ_STEXT_STROKED``)."""

_MONOSPACED = 8
_ACCENTS = {
    "\u00b4": "\u0301", "\u02c6": "\u0302", "\u02dc": "\u0303", "\u00a8": "\u0308",
    "\u02d8": "\u0306", "\u02d9": "\u0307", "\u02da": "\u030a", "\u02dd": "\u030b",
    "\u02c7": "\u030c", "\u00b8": "\u0327", "\u02db": "\u0328", "\u00af": "\u0304",
}  # fmt: skip
"""Accents that stand alone → those that combine with a letter."""

_ACCENTED = re.compile(f"([{''.join(_ACCENTS)}])([^\\W\\d_])")

_GLYPHLESS = "GlyphLessFont"
"""Tesseract's font: it has no shapes, so its text can't be seen whatever its mode."""


class Word(NamedTuple):
    """Characters between blanks, and where their ink is."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words that MuPDF takes for one line.

    ``base`` is the height of its baseline, ``angle`` its direction in degrees clockwise (0 is
    level), ``block`` the number of MuPDF's paragraph, ``seen`` whether most of it is visible.
    """

    words: tuple[Word, ...]
    block: int = 0
    base: float = 0.0
    size: float = 10.0
    angle: float = 0.0
    mono: bool = False
    seen: bool = True

    @property
    def box(self) -> Box:
        """Around its words."""
        return Box.union(*(word.box for word in self.words))

    @property
    def text(self) -> str:
        """Its words with a blank between them."""
        return " ".join(word.text for word in self.words)


def read_lines(blocks: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of PyMuPDF's ``rawdict`` blocks; lines without a word are left out."""
    lines = []
    for number, block in enumerate(blocks):
        for line in block.get("lines", ()):
            words = tuple(_words(line["spans"]))
            if words:
                lines.append(_line(line, words, number))
    return lines


def compose_accents(text: str) -> str:
    """``text`` with accents that stand alone before their letter, as TeX sets them, put on it."""
    return _ACCENTED.sub(_compose, text) if _ACCENTED.search(text) else text


def _compose(match: re.Match[str]) -> str:
    letter = match[2].replace("\u0131", "i").replace("\u0237", "j")
    accented = unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])
    return accented if len(accented) == 1 else match[0]


def _line(line: Mapping[str, Any], words: tuple[Word, ...], block: int) -> Line:
    spans = [span for span in line["spans"] if _letters(span)]
    largest = max(spans, key=lambda span: float(span["size"]))
    total = sum(_letters(span) for span in spans)
    seen = sum(_letters(span) for span in spans if _visible(span))
    return Line(
        words=words,
        block=block,
        base=_finite(largest["chars"][0]["origin"][1], words[0].box.y1),
        size=max(_finite(largest["size"], 10.0), 1.0),
        angle=_angle(line),
        mono=all(span["flags"] & _MONOSPACED for span in spans),
        seen=2 * seen > total,
    )


def _words(spans: Iterable[Mapping[str, Any]]) -> Iterator[Word]:
    text = ""
    boxes: list[Box] = []
    for span in spans:
        for char in span["chars"]:
            if char["c"].isspace():
                if text:
                    yield Word(compose_accents(text), Box.union(*boxes))
                text, boxes = "", []
            elif _printed(char["c"]):
                text += char["c"]
                boxes.append(_char_box(char, float(span["size"])))
    if text:
        yield Word(compose_accents(text), Box.union(*boxes))


def _char_box(char: Mapping[str, Any], size: float) -> Box:
    """Where its ink is; of a character without ink, a dot on the baseline."""
    box = Box(*char["bbox"])
    if all(math.isfinite(v) for v in box) and box.x0 < box.x1 and box.y0 < box.y1:
        return box
    x, y = (_finite(value, 0.0) for value in char["origin"])
    side = min(max(_finite(size, 1.0), 1.0), 100.0) / 10
    return Box(x, y - side, x + side, y)


def _angle(line: Mapping[str, Any]) -> float:
    if line.get("wmode"):  # from top to bottom, with upright characters
        return 0.0
    across, down = line["dir"]
    angle = math.degrees(math.atan2(down, across)) if math.isfinite(across + down) else 0.0
    return 0.0 if abs(angle) < 0.5 else round(angle, 1)


def _visible(span: Mapping[str, Any]) -> bool:
    if span["font"].startswith("Type3"):  # drawn by procedures: MuPDF does not know
        return True
    drawn = span["char_flags"] & (FILLED | STROKED)
    return bool(drawn) and span["alpha"] != 0 and span["font"] != _GLYPHLESS


def _letters(span: Mapping[str, Any]) -> int:
    return sum(not char["c"].isspace() and _printed(char["c"]) for char in span["chars"])


def _printed(char: str) -> bool:
    """Whether a character shows: no control characters and no joiners of width 0."""
    return unicodedata.category(char) not in ("Cc", "Cs") and char not in "\u200b\u2060\ufeff"


def _finite(value: float, default: float) -> float:
    return float(value) if math.isfinite(value) else default
