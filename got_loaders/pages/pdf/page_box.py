"""Which part of a PDF's page is shown, and how it is turned: one answer for pictures and texts.

Viewers agree on what to show where a file breaks the standard (ISO 32000-1, 14.11.2); MuPDF's own
functions disagree with them and with one another. So the answer is written into the page of the
open document, which is never saved, and all of them work with the same box. Runs in the worker.
"""

from __future__ import annotations

from typing import Any

from got_loaders.pages.protocol import WorkerFailure

__all__ = ["load_page", "quarter_turn", "shown_box"]

PdfBox = tuple[float, float, float, float]
"""Left, bottom, right, top, in a page's own units: its origin lies anywhere, y points up."""

_DEFAULT: PdfBox = (0, 0, 612, 792)
"""What MuPDF and pdfium show of a page that does not say how large it is: US Letter."""

_MIN_SIDE = 1
"""Units; in the place of a smaller box MuPDF shows an empty square."""

_MAX_COORDINATE = 1_000_000
"""Units, 350 metres: what lies beyond is a mistake, or too far away for MuPDF's rectangles."""

_MAX_USER_UNIT = 75_000
"""What makes a page as wide as Acrobat can show it at all (381 km) of one of 200 inches."""


def shown_box(media: PdfBox | None, crop: PdfBox | None) -> PdfBox:
    """The part that is shown of a page with this MediaBox and CropBox.

    What of the crop box lies on the sheet. A crop box that is empty, or lies off the sheet, counts
    for nothing; nor does a corner matter that is named before another.
    """
    sheet = _DEFAULT if media is None else _upright(media)
    if _is_empty(sheet):
        sheet = _DEFAULT
    if crop is None:
        return sheet
    cut = _upright(crop)
    left, bottom = max(cut[0], sheet[0]), max(cut[1], sheet[1])
    part = left, bottom, min(cut[2], sheet[2]), min(cut[3], sheet[3])
    return sheet if _is_empty(part) else part


def quarter_turn(rotate: int) -> int:
    """/Rotate as 0, 90, 180 or 270; what is no multiple of 90 counts for nothing."""
    return 0 if rotate % 90 else rotate % 360


def load_page(pymupdf: Any, pdf: Any, number: int) -> Any:
    """PyMuPDF's page ``number``; :class:`WorkerFailure` where it is damaged or missing."""
    mupdf = pymupdf.mupdf
    try:
        document = mupdf.pdf_document_from_fz_document(pdf.this)
        page = mupdf.pdf_lookup_page_obj(document, number)
        exists = mupdf.pdf_is_dict(page)
        if exists:
            _normalize(mupdf, page)
        loaded = pdf.load_page(number)
    except Exception as error:
        raise WorkerFailure("page", f"the PDF is damaged here: {error}") from error
    if not exists:  # MuPDF gives an empty page: an error is better than a blank
        raise WorkerFailure("page", "the PDF is damaged here: the page is missing from it")
    return loaded


def _normalize(mupdf: Any, page: Any) -> None:
    """Write into MuPDF's dictionary ``page`` what is shown of it."""
    media, crop = (
        _read(mupdf, mupdf.pdf_dict_gets_inheritable(page, name))
        for name in ("MediaBox", "CropBox")
    )
    rect = mupdf.FzRect(*shown_box(media, crop))
    mupdf.pdf_dict_put_rect(page, mupdf.PDF_ENUM_NAME_MediaBox, rect)
    mupdf.pdf_dict_put_rect(page, mupdf.PDF_ENUM_NAME_CropBox, rect)
    rotate = mupdf.pdf_to_int(mupdf.pdf_dict_gets_inheritable(page, "Rotate"))
    mupdf.pdf_dict_put_int(page, mupdf.PDF_ENUM_NAME_Rotate, quarter_turn(rotate))
    unit = mupdf.pdf_dict_gets(page, "UserUnit")
    if unit.m_internal and not 0 < mupdf.pdf_to_real(unit) <= _MAX_USER_UNIT:
        mupdf.pdf_dict_dels(page, "UserUnit")


def _read(mupdf: Any, array: Any) -> PdfBox | None:
    """A box; None where it is not four numbers."""
    values = [mupdf.pdf_array_get(array, index) for index in range(4)]
    if not all(mupdf.pdf_is_number(value) for value in values):
        return None
    x0, y0, x1, y1 = (_clamp(mupdf.pdf_to_real(value)) for value in values)
    return x0, y0, x1, y1


def _clamp(value: float) -> float:
    return max(-_MAX_COORDINATE, min(_MAX_COORDINATE, value))


def _upright(box: PdfBox) -> PdfBox:
    x0, y0, x1, y1 = box
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _is_empty(box: PdfBox) -> bool:
    return box[2] - box[0] < _MIN_SIDE or box[3] - box[1] < _MIN_SIDE
