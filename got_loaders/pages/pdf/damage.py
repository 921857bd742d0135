"""What of a page MuPDF could not draw. Worker only.

MuPDF warns, and paints nothing, or fills up with black; so a page may look blank that is not.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from got_loaders.pages.pdf.damaged_images import (
    DamagedImage,
    damaged_images,
    has_broken_jpeg,
    has_cut_jbig2,
    has_jpeg_of_other_size,
    is_of_one_color,
    single_color_image,
)
from got_loaders.pages.pdf.mupdf_messages import causes, is_weak, listen, lost, without_kind
from got_loaders.pages.protocol import Bytes

__all__ = ["find_damage"]

_MAX_CONTENTS = 100_000
"""Bytes of contents whose end is looked at: a page that shows nothing has few."""

_OPERATOR_LAST = re.compile(rb"(?:^|[\s\])>}])(?:[A-Za-z][A-Za-z0-9]{0,2}\*?|['\"])\s*\Z")
_COMMENT = re.compile(rb"%[^\r\n]*")

_NOISE = 0.1
"""Of an image that is lost the first rows may be noise, and the rest is filled up."""


def find_damage(
    pymupdf: Any, page: Any, pixmap: Any, zoom: float, messages: Sequence[str]
) -> tuple[tuple[str, ...], Bytes]:
    """What is missing from ``pixmap``, in words, by the ``messages`` that came while it was drawn.

    And its pixels, white where MuPDF filled up an image, lest a box of black is taken for ink.
    ``zoom`` is pixels per point.
    """
    pixels, is_uniform = pixmap.samples, is_of_one_color(pixmap)
    if not lost(messages):
        texts = list(_silent_damage(pymupdf, page)) if is_uniform else []
        texts += ["a picture on it ends early"] if has_cut_jbig2(page) else []
        texts += ["a picture on it is damaged: a broken JPEG"] if has_broken_jpeg(page) else []
        return tuple(texts), pixels
    images = list(damaged_images(pymupdf, page))
    contents = list(_contents(pymupdf, page))
    texts = [text for text in (*(i.text for i in images), *(t for t, _ in contents)) if text]
    explained = {c for image in images for c in image.causes} | {c for _, f in contents for c in f}
    rest = [cause for cause in causes(messages) if cause not in explained]
    filled = any("padding truncated" in message for message in messages)
    if not (is_uniform or (filled and not images)):
        rest = [cause for cause in rest if not is_weak(cause)]
    if not texts and not rest and (is_uniform or filled):
        rest = [without_kind(lost(messages)[-1])]
    if rest:
        texts.append(f"part of it can't be drawn: {rest[0]}")
    if images or filled:
        pixels = bytearray(pixels)
        for area in _filled_areas(page, pixmap, zoom, images):
            _paint_white(pixels, pixmap, area)
    return tuple(dict.fromkeys(texts)), pixels


def _silent_damage(pymupdf: Any, page: Any) -> Iterator[str]:
    """What may be wrong with a page of one colour, though MuPDF says nothing."""
    if single_color_image(pymupdf, page):
        yield "a picture on it comes out in one colour"
    if has_jpeg_of_other_size(page):
        yield "a picture on it is larger than the PDF says"
    contents = page.read_contents()
    if not (contents or b"").strip() and page.get_images() and _owns_resources(page):
        yield "it has pictures, and no contents that show them"
    if contents and len(contents) <= _MAX_CONTENTS:
        tokens = _COMMENT.sub(b"", contents).strip()
        words = tokens.split()
        is_cut = bool(tokens) and not _OPERATOR_LAST.search(tokens)
        if is_cut or words.count(b"q") > words.count(b"Q"):
            yield "its contents end early"


def _owns_resources(page: Any) -> bool:
    """Whether what the page may draw is named for it alone, as far as can be told at a glance."""
    kind = page.parent.xref_get_key(page.xref, "Resources")[0]
    return bool(kind == "dict" or (kind == "xref" and page.parent.page_count == 1))


def _contents(pymupdf: Any, page: Any) -> Iterator[tuple[str, list[str]]]:
    """What is wrong with the streams that say what is drawn, and MuPDF's words for it.

    The text is empty where nothing is lost but a checksum.
    """
    pdf = page.parent
    for xref in dict.fromkeys([*page.get_contents(), *(form[0] for form in page.get_xobjects())]):
        with listen(pymupdf) as messages, suppress(Exception):  # the page's own messages say it
            pdf.xref_stream(xref)
        found = causes(messages) if lost(messages) else []
        if not found:
            continue
        if all(map(is_weak, found)) and _is_whole(pdf, xref):
            yield "", found
        elif any("premature end" in cause for cause in found):
            yield f"its contents end early: {found[0]}", found
        else:
            yield f"its contents are damaged: {found[0]}", found


def _is_whole(pdf: Any, xref: int) -> bool:
    """Whether a stream that is merely deflated came to its end, and lacks its checksum alone."""
    if pdf.xref_get_key(xref, "Filter")[1].strip("[] ") != "/FlateDecode":
        return False
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflate.decompress(pdf.xref_stream_raw(xref)[2:])
    except zlib.error:
        return False
    return inflate.eof and len(inflate.unused_data) < 4


def _filled_areas(
    page: Any, pixmap: Any, zoom: float, images: Sequence[DamagedImage]
) -> Iterator[Any]:
    """What is of one colour, in the place of an image that could not be decoded wholly."""
    by_size = {image.size: image for image in images if not image.is_mask}
    for info in page.get_image_info():
        image = by_size.get((info["width"], info["height"]))
        share = (0.0 if not by_size else None) if image is None else image.share
        if share is None or share == 1:
            continue
        is_lost = image is None or image.is_lost  # what came out of it is no picture
        filled = _lower_part(page, pixmap, zoom, info["transform"], _NOISE if is_lost else share)
        if not filled.is_empty and _is_filled(pixmap, filled):
            yield _lower_part(page, pixmap, zoom, info["transform"], 0 if is_lost else share)


def _lower_part(page: Any, pixmap: Any, zoom: float, transform: Any, share: float) -> Any:
    """Where the rows of an image lie that come after the first ``share`` of them."""
    a, b, c, d, e, f = transform
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in (0, 1) for y in (share, 1)]
    xs, ys = zip(*corners, strict=True)
    box = type(page.rect)(min(xs), min(ys), max(xs), max(ys)) * page.rotation_matrix
    return (box * zoom).irect & pixmap.irect


def _is_filled(pixmap: Any, area: Any) -> bool:
    """Whether all pixels of the area but those at its rim, which are blended, are the same."""
    margin = 2 if min(area.width, area.height) > 8 else 0
    left, right = area.x0 + margin, area.x1 - margin
    pixels, size = pixmap.samples_mv, pixmap.n
    rows = range(area.y0 + margin, area.y1 - margin)
    starts = (y * pixmap.stride + left * size for y in rows)
    found = {bytes(pixels[start : start + (right - left) * size]) for start in starts}
    return len(found) == 1 and all(row == row[:size] * (right - left) for row in found)


def _paint_white(pixels: bytearray, pixmap: Any, area: Any) -> None:
    row = b"\xff" * (area.width * pixmap.n)
    for y in range(area.y0, area.y1):
        start = y * pixmap.stride + area.x0 * pixmap.n
        pixels[start : start + len(row)] = row
