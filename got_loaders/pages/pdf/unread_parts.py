"""What a PDF holds beside its pages that a reader of it would see instead of them. Worker only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["unread_parts"]

_XFA = "the PDF is an XFA form, which is not read: its pages may show nothing but a notice"


def unread_parts(pymupdf: Any, pdf: Any) -> tuple[str, ...]:
    """In words: a form that Adobe's readers alone can show, and the files of a portfolio."""
    try:
        return tuple(_unread_parts(pymupdf.mupdf, pdf))
    except Exception:  # noqa: BLE001  # damaged: a remark is not worth the document
        return ()


def _unread_parts(mupdf: Any, pdf: Any) -> Iterator[str]:
    document = mupdf.pdf_document_from_fz_document(pdf.this)
    root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(document), "Root")
    form = mupdf.pdf_dict_gets(root, "AcroForm")
    if mupdf.pdf_dict_gets(form, "XFA").m_internal and _is_dynamic(mupdf, root, form):
        yield _XFA
    if mupdf.pdf_is_dict(mupdf.pdf_dict_gets(root, "Collection")):
        count = pdf.embfile_count()
        files = "its attached file is" if count == 1 else f"its {count} attached files are"
        yield f"the PDF is a portfolio: {files} not read"


def _is_dynamic(mupdf: Any, root: Any, form: Any) -> bool:
    """Whether the form is drawn from XFA alone: a static one has fields, which are on its pages."""
    needs_rendering = mupdf.pdf_to_bool(mupdf.pdf_dict_gets(root, "NeedsRendering"))
    return bool(needs_rendering or not mupdf.pdf_array_len(mupdf.pdf_dict_gets(form, "Fields")))
