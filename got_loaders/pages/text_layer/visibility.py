"""Tells which characters of a page a reader sees, by what they change in its picture. Pure.

It takes PyMuPDF's dictionaries. A word is seen where the page looks different with and without
it. So it does not matter by what it is hidden: its colour, what lies over it, clips, masks, blend
modes, or a font without shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from got_loaders.pages.text_layer.glyphs import GLYPHLESS, is_painted, is_type3
from got_loaders.pages.text_layer.page_pixels import PagePixels
from got_loaders.pages.text_layer.pixel_sums import (
    at_most,
    difference,
    lightness,
    places,
    sums,
)
from got_loaders.types import Box

MIN_CONTRAST = 0.06
"""The least difference between ink and what is behind it, of that between black and white.

Light grey headings have 0.2 and more, watermarks 0.1; scanned paper differs by 0.02 from itself.
"""

MIN_SIZE = 1.25
"""Points of the smallest letters that are seen, on a page whose longer side has 800 or more."""

_LONG_SIDE = 800.0

_MAX_CONTRAST = 4 * MIN_CONTRAST
"""What counts of a pixel's contrast at most: what shines through the seams of a cover here and
there is not seen, however dark it is."""

_MIN_ASPECT = 0.05
"""A letter's shorter side by its longer one; what is thinner was squeezed until nobody reads it."""

_CLIPPING = 64
"""MuPDF's mark of characters that clip, or are filled with a pattern (``FZ_STEXT_CLIP``)."""

_MIN_INK = 0.001
"""The part of the square of its size that a letter fills; a light font's dot fills 0.01."""

_MOST = 0.75
"""The part of a word that is seen where all of it is kept: it is cut off at an edge."""

_MIN_RUN = 3
"""Characters of another word that are left out where they can't be seen; fewer stay: on a photo
some letters of a word that can be read have hardly any contrast."""

_SOLID = 0.75
"""The part of its box that a word can't fill: one whose box is fuller stands on text, such as a
black disc."""

_THIN = "Iijlftr1"
"""Letters that are as thin as they are where nothing is squeezed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleText:
    """PyMuPDF's blocks with a blank for what nobody sees, and the part of the letters it was."""

    blocks: list[Mapping[str, Any]]
    hidden: float


class _Letters(NamedTuple):
    """Characters of one style without a blank between them; ``start`` counts all of the page's."""

    span: Mapping[str, Any]
    chars: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.chars)


def drop_unseen(
    blocks: Sequence[Mapping[str, Any]], pixels: PagePixels, stroked: Sequence[Box] = ()
) -> VisibleText:
    """The ``rawdict`` blocks of a page that is drawn as ``pixels``, without what can't be seen.

    ``stroked`` is where outlines of letters are drawn: MuPDF does not tell their color where the
    letters are filled, too.
    """
    spans = [span for block in blocks for line in block.get("lines", ()) for span in line["spans"]]
    chars = [char for span in spans for char in span["chars"] if not char["c"].isspace()]
    if not chars:
        return VisibleText(blocks=list(blocks), hidden=0.0)
    judge = _Judge([Box(*char["bbox"]) for char in chars], pixels, stroked)
    seen = [known for piece in _pieces(spans) for known in judge.seen(piece)]
    counted = [char["c"].isalnum() and pixels.holds(char["bbox"]) for char in chars]
    hidden = sum(each and not known for each, known in zip(counted, seen, strict=True))
    if not all(seen):
        known = iter(seen)
        blocks = [_visible_block(block, known) for block in blocks]
    return VisibleText(blocks=list(blocks), hidden=hidden / max(1, sum(counted)))


def _pieces(spans: Iterable[Mapping[str, Any]]) -> Iterator[_Letters]:
    start = 0
    for span in spans:
        for chars in "".join(char["c"] for char in span["chars"]).split():
            yield _Letters(span, chars, start)
            start += len(chars)


class _Judge:
    """Tells whether pieces are seen; ``boxes`` are those of all characters, in points."""

    def __init__(self, boxes: Sequence[Box], pixels: PagePixels, stroked: Sequence[Box]) -> None:
        self._boxes, self._pixels, self._stroked = boxes, pixels, stroked
        changed = at_most(difference(pixels.shown, pixels.ground), pixels.glyphs, _MAX_CONTRAST)
        where = places(boxes, pixels.zoom, changed.shape)
        self._changed, self._glyphs = sums(changed, where), sums(pixels.glyphs, where)
        self._smallest = MIN_SIZE * min(1.0, max(changed.shape) / pixels.zoom / _LONG_SIDE)

    def seen(self, piece: _Letters) -> list[bool]:
        """Whether each character of a piece is seen."""
        count, span = piece.end - piece.start, piece.span
        if not _is_drawn(span) or self._is_squeezed(piece):
            return [False] * count
        box = Box.union(*self._boxes[piece.start : piece.end])
        if span["char_flags"] & _CLIPPING or not is_painted(span):
            return [self._has_contrast(box)] * count
        changed = self._changed[piece.start : piece.end] * (span["alpha"] / 255 / MIN_CONTRAST)
        glyphs = self._glyphs[piece.start : piece.end]
        ink = 255 * _MIN_INK * (span["size"] * self._pixels.zoom) ** 2
        if glyphs.sum() < ink or changed.sum() < glyphs.sum() or self._is_ground(span, box):
            return [False] * count
        if self._is_buried(piece, box):
            return [False] * count
        seen = (changed >= glyphs) | (glyphs < ink)
        return [True] * count if seen.mean() >= _MOST else _fill_gaps(seen.tolist())

    def _is_squeezed(self, piece: _Letters) -> bool:
        """Whether its letters are too small, too flat or too thin to be read."""
        if piece.span["size"] < self._smallest:
            return True
        chars = zip(piece.chars, self._boxes[piece.start : piece.end], strict=True)
        wide = [box for char, box in chars if char.isalnum() and char not in _THIN]
        sides = [sorted((box.width, box.height)) for box in wide]
        return bool(sides) and all(short < _MIN_ASPECT * long for short, long in sides)

    def _has_contrast(self, box: Box) -> bool:
        """Whether something is there, for text that ``ground`` has: it was painted as a picture."""
        place = self._pixels.ground[self._pixels.cut(box)]
        return bool(place.size) and float(lightness(place).std()) >= MIN_CONTRAST / 2

    def _is_ground(self, span: Mapping[str, Any], box: Box) -> bool:
        """Whether it has the color of what is behind it, so that what changes it is other text.

        Not where other text is what is behind it, as under white digits on a black disc.
        """
        if is_type3(span) or any(box.intersection_area(each) for each in self._stroked):
            return False
        place = self._pixels.cut(box)
        ground = self._pixels.ground[place]
        if not ground.size or self._pixels.glyphs[place].mean() > 255 * _SOLID:
            return False
        color = [span["color"] >> shift & 255 for shift in (16, 8, 0)]
        return float(difference(ground, color).mean()) < 255 * MIN_CONTRAST

    def _is_buried(self, piece: _Letters, box: Box) -> bool:
        """Whether it stands in other text of one color, in which no letter can be told."""
        place = self._pixels.cut(box)
        if sum(char.isalnum() for char in piece.chars) < _MIN_RUN:
            return False  # one letter may fill its box
        if self._pixels.glyphs[place].mean() <= 255 * _SOLID:
            return False
        return float(lightness(self._pixels.shown[place]).std()) < MIN_CONTRAST / 2


def _fill_gaps(seen: list[bool]) -> list[bool]:
    """``seen`` with short runs of unseen characters taken for seen."""
    filled: list[bool] = []
    for known, run in groupby(seen):
        length = len(list(run))
        filled += [known or length < _MIN_RUN] * length
    return filled


def _is_drawn(span: Mapping[str, Any]) -> bool:
    """Whether its style says that it is seen; of Type 3 fonts MuPDF does not know the style."""
    if span["font"] == GLYPHLESS:
        return False
    if span["char_flags"] & _CLIPPING or (is_type3(span) and not is_painted(span)):
        return True
    return is_painted(span) and span["alpha"] > 0


def _visible_block(block: Mapping[str, Any], seen: Iterator[bool]) -> Mapping[str, Any]:
    """A block with blanks for the characters that are not seen; ``seen`` has those it is to ask."""
    lines = [
        {**line, "spans": [_visible_span(span, seen) for span in line["spans"]]}
        for line in block.get("lines", ())
    ]
    return {**block, "lines": lines} if "lines" in block else block


def _visible_span(span: Mapping[str, Any], seen: Iterator[bool]) -> Mapping[str, Any]:
    chars = [
        char if char["c"].isspace() or next(seen) else {**char, "c": " "} for char in span["chars"]
    ]
    return {**span, "chars": chars}
