"""Reads a page through PyMuPDF, into plain numbers and lines. Runs in the worker only.

Pages are upright here: their rotation was removed before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from got_loaders._characters import clean_text
from got_loaders.pages.protocol import WorkerFailure
from got_loaders.pages.text_layer.assign_lines import LayoutBox
from got_loaders.pages.text_layer.graphics import DrawOp, ruling_lines
from got_loaders.pages.text_layer.quality import InkCoverage
from got_loaders.pages.text_layer.words import Line, Word, read_lines
from got_loaders.types import Box

MAX_DRAWN = 20_000
"""Things drawn on a page that is still looked at in full; the model's own code is quadratic."""

MAX_LETTERS, MAX_LINES = 50_000, 3000
"""Characters and lines of such a page: a newspaper has 30,000 and 1500, a table of 80 by 24 cells
1920 lines."""

MAX_PIECES, MAX_TEXT = 30_000, 300_000
"""Texts drawn one by one, and characters, of any page; MuPDF's time is quadratic in the former."""

_MIN_INK_PIXELS = 200
"""Pixels at 72 dpi below which ink tells nothing."""

_MARGIN = 2
"""Points around words that count as theirs."""

_MIN_CONTRAST = 64
"""How far from the page's commonest shade of gray, of 255, a pixel counts as ink."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The lines that lie on a page, and the share of its words that lie off it.

    ``simplified``: there was so much that each of MuPDF's paragraphs is one line and one word.
    """

    lines: list[Line]
    outside: float
    simplified: bool


def drop_structure(pymupdf: Any, document: Any) -> None:
    """Drop the structure tree of a document that is never saved."""
    mupdf = pymupdf.mupdf
    raw = mupdf.pdf_document_from_fz_document(document.this)
    root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(raw), "Root")
    mupdf.pdf_dict_dels(root, "StructTreeRoot")


def make_upright(pymupdf: Any, page: Any, angle: int = 0) -> None:
    """Turn ``page`` by ``angle`` degrees clockwise, and make it one that is not rotated.

    PyMuPDF's own way goes wrong where the page is cropped, so its sheet is cut to size first.
    """
    if angle:
        page.set_rotation(angle)
    if page.rotation:
        crop, sheet = page.cropbox, page.mediabox
        page.set_mediabox(pymupdf.Rect(crop.x0, sheet.y1 - crop.y1, crop.x1, sheet.y1 - crop.y0))
        page.remove_rotation()
        sides = " ".join(f"{side:g}" for side in page.mediabox)
        page.parent.xref_set_key(page.xref, "CropBox", f"[{sides}]")  # lest one is inherited


def draw_ops(page: Any) -> list[DrawOp]:
    """What is drawn on ``page``, in order, where that is a place at all."""
    ops = ((entry[0], Box(*entry[1])) for entry in page.get_bboxlog())
    return [(name, box) for name, box in ops if all(math.isfinite(v) for v in box)]


def page_text(pymupdf: Any, page: Any, ops: Sequence[DrawOp]) -> PageText:
    """The text of ``page``; :class:`WorkerFailure` where there is absurdly much of it."""
    pieces = sum(name.endswith("-text") for name, _ in ops)
    if pieces > MAX_PIECES:
        raise WorkerFailure("page", f"its text is too scattered to be read: {pieces} pieces")
    # not COLLECT_STYLES: it takes twins that overlap, such as two alefs, for one bold letter
    flags = pymupdf.TEXT_ACCURATE_BBOXES | pymupdf.TEXT_PRESERVE_WHITESPACE
    text = page.get_textpage(flags=flags, clip=pymupdf.INFINITE_RECT())
    letters = len(text.extractText())
    if letters > MAX_TEXT:
        raise WorkerFailure("page", f"its text is too long to be read: {letters} characters")
    simplified = len(ops) > MAX_DRAWN or letters > MAX_LETTERS
    lines = [] if simplified else read_lines(_blocks(text))
    if simplified or len(lines) > MAX_LINES:
        simplified, lines = True, simplified_lines(text.extractBLOCKS())
    clipped, outside = clip_lines(lines, (page.rect.width, page.rect.height))
    return PageText(lines=clipped, outside=outside, simplified=simplified)


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
        boxed = [(w.text, box) for w in line.words if (box := _clip(w.box, size)) is not None]
        count += len(line.words)
        inside += len(boxed)
        words = tuple(Word(text, box) for read, box in boxed if (text := clean_text(read)))
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


def _blocks(text: Any) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = text.extractRAWDICT()["blocks"]
    return blocks


def _pixels(box: Box) -> tuple[slice, slice]:
    x, y = max(0, math.floor(box.x0) - _MARGIN), max(0, math.floor(box.y0) - _MARGIN)
    return slice(y, math.ceil(box.y1) + _MARGIN), slice(x, math.ceil(box.x1) + _MARGIN)


def _clip(box: Box, size: tuple[float, float]) -> Box | None:
    """``box`` clipped to the page; None where its middle is off it."""
    if not all(math.isfinite(value) for value in box):
        return None
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return box.clipped(*size) if 0 <= x <= size[0] and 0 <= y <= size[1] else None
