"""Which pictures of a PDF page can't be decoded, or not wholly. Worker only.

MuPDF fills up what it can't decode, with black for the most part, and warns; here each picture is
decoded once more, alone, to tell which of them it was, and how much came out of its stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from got_loaders.pages.image.truncated import has_stray_marker, jpeg_share_of, jpeg_size
from got_loaders.pages.pdf.jbig2 import ends_early
from got_loaders.pages.pdf.mupdf_messages import causes, is_weak, listen, lost, without_kind

__all__ = [
    "DamagedImage",
    "damaged_images",
    "has_broken_jpeg",
    "has_cut_jbig2",
    "has_jpeg_of_other_size",
    "is_of_one_color",
    "single_color_image",
]

_MAX_IMAGES = 100
"""Of a page, that are looked at."""

_HARDLY_ANY = 0.05
"""An image of which a smaller share was decoded shows its margin at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedImage:
    """An image, or the mask of one, of which MuPDF said something.

    ``size`` is in its pixels, ``share`` how much of its rows came out, from the top: 1.0 where all
    did, and are wrong, None where they are right. ``causes`` are MuPDF's words.
    """

    size: tuple[int, int]
    share: float | None
    causes: Sequence[str]
    is_mask: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether nothing of it, or hardly anything, can be seen."""
        return self.share is not None and self.share < _HARDLY_ANY

    @property
    def text(self) -> str:
        """What people are told; empty where nothing is missing."""
        if self.share is None:
            return ""
        what = "the mask of a picture" if self.is_mask else "a picture"
        reason = f": {self.causes[0]}" if self.causes else ""
        if self.is_lost:
            return f"{what} on it can't be decoded{reason}"
        if self.share < 1:
            percent = int(100 * self.share)
            return f"only the upper {percent} % of {what} on it can be decoded{reason}"
        return f"{what} on it is damaged{reason}"


def damaged_images(pymupdf: Any, page: Any) -> Iterator[DamagedImage]:
    """Those that MuPDF does not decode in silence, of the page and its forms, masks included."""
    pymupdf.TOOLS.store_shrink(100)  # else MuPDF takes what it has decoded, and says nothing
    seen: set[int] = set()
    for xref, mask, width, height, *_ in page.get_images(full=True)[:_MAX_IMAGES]:
        for number in (xref, mask):
            if not number or number in seen:
                continue
            seen.add(number)
            found, share = _examine(pymupdf, page.parent, number)
            if found or share is not None:
                size, is_mask = (width, height), number != xref
                yield DamagedImage(size=size, share=share, causes=found, is_mask=is_mask)


def single_color_image(pymupdf: Any, page: Any) -> bool:
    """Whether an image with a palette comes out in one colour, though its data are not all one.

    Its palette is too short then; MuPDF says nothing of that.
    """
    pdf = page.parent
    for xref, _, _, _, _, colors, *_ in page.get_images(full=True)[:_MAX_IMAGES]:
        if colors == "Indexed" and is_of_one_color(pymupdf.Pixmap(pdf, xref)):
            data = pdf.xref_stream(xref) or b""
            if data.strip(data[:1]):
                return True
    return False


def has_cut_jbig2(page: Any) -> bool:
    """Whether an image lacks an end that MuPDF does not miss."""
    images = page.get_images(full=True)[:_MAX_IMAGES]
    numbers = {image[0] for image in images if image[8] == "JBIG2Decode"}
    return any(ends_early(page.parent.xref_stream_raw(number) or b"") for number in numbers)


def has_broken_jpeg(page: Any) -> bool:
    """Whether a JPEG is damaged where MuPDF fills up with gray, and says nothing."""
    return any(has_stray_marker(data) for data, _ in _jpegs(page))


def has_jpeg_of_other_size(page: Any) -> bool:
    """Whether a JPEG is larger than the PDF says: MuPDF shows its upper rows alone."""
    return any(
        size is not None and (size[0] > stated[0] or size[1] > stated[1])
        for size, stated in ((jpeg_size(data), stated) for data, stated in _jpegs(page))
    )


def _jpegs(page: Any) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The JPEGs of a page as they are in the file, and the size that the PDF says."""
    for number, _, width, height, *_, kind, _ in page.get_images(full=True)[:_MAX_IMAGES]:
        data = (page.parent.xref_stream_raw(number) or b"") if kind == "DCTDecode" else b""
        if data.startswith(b"\xff\xd8"):
            yield data, (width, height)


def is_of_one_color(pixmap: Any) -> bool:
    """Whether all its pixels are the same. PyMuPDF's own answer takes half a second."""
    pixels = pixmap.samples_mv
    row = bytes(pixels[: pixmap.width * pixmap.n])
    return bool(row == row[: pixmap.n] * pixmap.width and bytes(pixels) == row * pixmap.height)


def _examine(pymupdf: Any, pdf: Any, xref: int) -> tuple[list[str], float | None]:
    """What is wrong with an image, and the share that was decoded; None where nothing is wrong."""
    error: Exception | None = None
    with listen(pymupdf) as messages:
        try:
            pymupdf.Pixmap(pdf, xref)
        except Exception as raised:  # noqa: BLE001  # MuPDF's errors have no base class
            error = raised
    if error is not None:
        return list(dict.fromkeys([*causes(messages), without_kind(str(error))])), 0.0
    found = causes(messages)
    if any("unknown filter" in message for message in messages):
        return found, 0.0
    return found, _decoded_share(pymupdf, pdf, xref, messages) if lost(messages) else None


def _decoded_share(pymupdf: Any, pdf: Any, xref: int, messages: Iterable[str]) -> float | None:
    """How much of an image's rows its stream gives; None where all, and its end alone is wrong."""
    mupdf = pymupdf.mupdf
    document = mupdf.pdf_document_from_fz_document(pdf.this)
    image = mupdf.pdf_load_image(document, mupdf.pdf_new_indirect(document, xref, 0)).m_internal
    stride = (image.w * image.n * image.bpc + 7) // 8
    share = float(len(pdf.xref_stream(xref) or b"") / max(stride * image.h, 1))
    if share < 1:
        return share
    if any("end of file in jpeg" in message for message in messages):
        jpeg = pdf.extract_image(xref)
        complete = jpeg_share_of(jpeg["image"]) if jpeg.get("ext") == "jpeg" else None
        return 1.0 if complete is None else None if complete == 1 else complete
    return None if all(map(is_weak, causes(messages))) else 1.0
