"""Reads a page through PyMuPDF, into plain numbers and lines. Runs in the worker only.

Coordinates are those of the page as it is shown, in points from its top left corner.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from got_loaders.pages.protocol import WorkerFailure
from got_loaders.pages.text_layer.actual_text import states_what_is_shown
from got_loaders.pages.text_layer.assign_lines import LayoutBox
from got_loaders.pages.text_layer.graphics import DrawOp, ruling_lines
from got_loaders.pages.text_layer.links import Link, add_links, page_links
from got_loaders.pages.text_layer.page_pixels import PagePixels
from got_loaders.pages.text_layer.quality import MAX_UNSEEN, InkCoverage
from got_loaders.pages.text_layer.visibility import drop_unseen
from got_loaders.pages.text_layer.words import Line, Word, clean_word, read_lines
from got_loaders.types import Box

MAX_DRAWN = 20_000
"""Things drawn on a page that is still looked at in full; the model's own code is quadratic."""

MAX_LETTERS, MAX_LINES = 50_000, 3000
"""Characters and lines of such a page: a newspaper has 30,000 and 1500, a table of 80 by 24 cells
1920 lines."""

MAX_PIECES, MAX_TEXT = 30_000, 300_000
"""Texts drawn one by one, and characters, of any page; MuPDF's time is quadratic in the former."""

_MAX_UNSEEN_OF_SIMPLIFIED = 0.01
"""The part of such a page's letters that may seem hidden: its spans are looked at as a whole."""

_MIN_INK_PIXELS = 200
"""Pixels at 72 dpi below which ink tells nothing."""

_MARGIN = 2
"""Points around words that count as theirs."""

_MIN_CONTRAST = 64
"""How far from the page's commonest shade of gray, of 255, a pixel counts as ink."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawText:
    """All text that a page's contents have, seen or not, on the page or not.

    ``simplified``: there was so much that each of MuPDF's paragraphs is one line and one word.
    """

    blocks: list[Mapping[str, Any]]
    lines: list[Line]
    links: Sequence[Link] = ()
    simplified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The lines that are seen on a page, and which part of its words lies off it or is hidden.

    Where much is hidden, ``lines`` are all that lie on the page, seen or not. ``garbled``: its
    letters are not those that its fonts draw.
    """

    lines: list[Line]
    outside: float = 0.0
    hidden: float = 0.0
    garbled: bool = False


@contextmanager
def page_as_shown(pymupdf: Any, page: Any, angle: int = 0) -> Iterator[Any]:
    """``page`` in the coordinates in which it is shown, once turned by ``angle`` clockwise.

    Left alone, PyMuPDF reads a page's text and drawings as if it had no /Rotate.
    """
    rotation = page.rotation
    page.set_rotation(rotation + angle)
    try:
        page.__class__ = _shown_page(pymupdf)
        yield page
    finally:
        page.set_rotation(rotation)


def draw_ops(page: Any) -> list[DrawOp]:
    """What is drawn on ``page``, in order, where that is a place at all."""
    ops = ((entry[0], Box(*entry[1])) for entry in page.get_bboxlog())
    return [(name, box) for name, box in ops if all(math.isfinite(v) for v in box)]


def read_text(pymupdf: Any, page: Any, ops: Sequence[DrawOp]) -> RawText:
    """The text of ``page``; :class:`WorkerFailure` where there is absurdly much of it."""
    pieces = sum(name.endswith("-text") for name, _ in ops)
    if pieces > MAX_PIECES:
        raise WorkerFailure("page", f"its text is too scattered to be read: {pieces} pieces")
    # not COLLECT_STYLES: it takes twins that overlap, such as two alefs, for one bold letter
    flags = pymupdf.TEXT_ACCURATE_BBOXES | pymupdf.TEXT_PRESERVE_WHITESPACE
    text = _text_page(pymupdf, page, flags)
    letters = len(text.extractText())
    if letters > MAX_TEXT:
        raise WorkerFailure("page", f"its text is too long to be read: {letters} characters")
    shown = _text_page(pymupdf, page, flags | pymupdf.TEXT_IGNORE_ACTUALTEXT)
    if not states_what_is_shown(text.extractText(), shown.extractText()):
        text = shown
    if len(ops) <= MAX_DRAWN and letters <= MAX_LETTERS:
        blocks = text.extractRAWDICT()["blocks"]
        links = page_links(page)
        lines = add_links(read_lines(blocks), links)
        if len(lines) <= MAX_LINES:
            return RawText(blocks=blocks, lines=lines, links=links, simplified=False)
    lines = simplified_lines(text.extractBLOCKS())
    return RawText(blocks=_with_chars(text.extractDICT()["blocks"]), lines=lines, simplified=True)


def _with_chars(blocks: Sequence[dict[str, Any]]) -> list[Mapping[str, Any]]:
    """``dict`` blocks as ``rawdict`` ones: each span's box divided among its characters."""
    for span in (s for block in blocks for line in block.get("lines", ()) for s in line["spans"]):
        (x0, y0, x1, y1), count = span["bbox"], max(1, len(span["text"]))
        wide = x1 - x0 >= y1 - y0
        dx, dy = ((x1 - x0) / count, 0.0) if wide else (0.0, (y1 - y0) / count)
        first = Box(x0, y0, x0 + dx, y1) if wide else Box(x0, y0, x1, y0 + dy)
        span["chars"] = [
            {
                "c": char,
                "bbox": (
                    first.x0 + n * dx,
                    first.y0 + n * dy,
                    first.x1 + n * dx,
                    first.y1 + n * dy,
                ),
            }
            for n, char in enumerate(span["text"])
        ]
    return list(blocks)


def _text_page(pymupdf: Any, page: Any, flags: int) -> Any:
    return page.get_textpage(flags=flags, clip=pymupdf.INFINITE_RECT())


def seen_text(
    raw: RawText, pixels: PagePixels, size: tuple[float, float], ops: Sequence[DrawOp]
) -> PageText:
    """What of ``raw`` is seen on a page of this size in points, which is drawn as ``pixels``.

    Of a page that is simplified a hidden part can't be left out: all of it counts as hidden.
    """
    lines, outside = clip_lines(raw.lines, size)
    stroked = [box for name, box in ops if name == "stroke-text"]
    seen = drop_unseen(raw.blocks, pixels, stroked)
    hidden = seen.hidden
    if raw.simplified:
        hidden = float(hidden > _MAX_UNSEEN_OF_SIMPLIFIED)
    elif 0 < hidden <= MAX_UNSEEN:
        lines, _ = clip_lines(add_links(read_lines(seen.blocks), raw.links), size)
    return PageText(lines=lines, outside=outside, hidden=hidden)


def simplified_lines(blocks: Sequence[Any]) -> list[Line]:
    """PyMuPDF's ``blocks`` as one word each."""
    texts = [(" ".join(str(block[4]).split()), block) for block in blocks if block[6] == 0]
    return [
        Line(words=(Word(text, Box(*block[:4])),), block=number, base=block[3])
        for number, (text, block) in enumerate(texts)
        if text
    ]


def clip_lines(lines: Sequence[Line], size: tuple[float, float]) -> tuple[list[Line], float]:
    """The lines, cut to a page of this size, and the share of words whose middle is off it.

    What nobody sees is taken out of the words, before anything looks for mark-up in them.
    """
    clipped: list[Line] = []
    count = inside = 0
    for line in lines:
        placed = [
            word._replace(box=box)
            for word in line.words
            if (box := _clip(word.box, size)) is not None
        ]
        count += len(line.words)
        inside += len(placed)
        words = tuple(word for word in map(clean_word, placed) if word.text)
        if words:
            clipped.append(replace(line, words=words))
    return clipped, 1 - inside / count if count else 0.0


def ink_coverage(
    pymupdf: Any,
    page: Any,
    ops: Sequence[DrawOp],
    lines: Sequence[Line],
    layout: Sequence[LayoutBox],
) -> InkCoverage | None:
    """The ink outside figures, tables and ruling lines; None where there is hardly any."""
    import numpy as np

    pixmap = page.get_pixmap(colorspace=pymupdf.csGRAY, alpha=False)
    shades = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.width)
    ground = int(np.bincount(shades.ravel(), minlength=256).argmax())
    ink = np.abs(shades.astype(np.int16) - ground) > _MIN_CONTRAST
    for each in layout:
        small = each.box.area < 0.5 * ink.size
        if each.kind == "table" or (each.kind == "figure" and small):
            ink[_pixels(each.box)] = False
    for rule in ruling_lines(ops):
        ink[_pixels(rule)] = False
    total = int(ink.sum())
    if total <= _MIN_INK_PIXELS:
        return None
    for line in lines:
        ink[_pixels(line.box)] = False
    bare = int(ink.sum())
    return InkCoverage(in_words=1 - bare / total, bare=bare / ink.size)


@functools.cache
def _shown_page(pymupdf: Any) -> type:
    """PyMuPDF's class of pages, of which no rotation is taken back."""
    none = {"rotation": 0, "rotation_matrix": pymupdf.Identity}
    return type("ShownPage", (pymupdf.Page,), none | {"derotation_matrix": pymupdf.Identity})


def _pixels(box: Box) -> tuple[slice, slice]:
    x, y = max(0, math.floor(box.x0) - _MARGIN), max(0, math.floor(box.y0) - _MARGIN)
    return slice(y, math.ceil(box.y1) + _MARGIN), slice(x, math.ceil(box.x1) + _MARGIN)


def _clip(box: Box, size: tuple[float, float]) -> Box | None:
    """``box`` clipped to the page; None where its middle is off it."""
    if not all(math.isfinite(value) for value in box):
        return None
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return box.clipped(*size) if 0 <= x <= size[0] and 0 <= y <= size[1] else None
