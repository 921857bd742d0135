"""Opens PDFs through PyMuPDF. Runs in the worker only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from got_loaders.pages.protocol import Bytes, WorkerFailure

__all__ = ["open_pdf"]


def open_pdf(pymupdf: Any, path: str | None, data: Bytes, password: str | None) -> Any:
    """PyMuPDF's document of ``data``, or of the file ``path``, without its structure tree.

    It is never saved. :class:`WorkerFailure` where it can't be opened.
    """
    try:
        pdf = _open(pymupdf, path, data)
    except Exception as error:
        raise WorkerFailure("source", f"the PDF is damaged beyond repair: {error}") from error
    _unlock(pdf, password)
    _drop_structure(pymupdf.mupdf, pdf)
    return pdf


def _open(pymupdf: Any, path: str | None, data: Bytes) -> Any:
    if path is None:
        return pymupdf.open(stream=data if isinstance(data, bytes) else bytes(data), filetype="pdf")
    if _is_utf8_on_disk(path):
        return pymupdf.open(path, filetype="pdf")
    return pymupdf.open(stream=Path(path).read_bytes(), filetype="pdf")


def _is_utf8_on_disk(path: str) -> bool:
    """Whether MuPDF, which opens a path by its UTF-8 bytes, would find this one.

    It depends on the name, and on the encoding that Python takes names to have here.
    """
    try:
        return path.encode("utf-8") == os.fsencode(path)
    except UnicodeError:
        return False


def _unlock(pdf: Any, password: str | None) -> None:
    if not pdf.needs_pass:
        return
    if password is None:
        raise WorkerFailure("password", "the PDF is encrypted; pass its password (password=…)")
    text = _typed_text(password)
    if text is None or not pdf.authenticate(text):
        raise WorkerFailure("password", "the PDF is encrypted, and this password does not open it")


def _typed_text(password: str) -> str | None:
    """A password as it was typed, also where Python could not decode what the terminal sent."""
    try:
        return os.fsencode(password).decode("utf-8") if _has_surrogates(password) else password
    except UnicodeError:
        return None


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _drop_structure(mupdf: Any, pdf: Any) -> None:
    """Drop the tree of a tagged document.

    MuPDF follows it while it draws, without bounds, and draws the same where there is none.
    """
    raw = mupdf.pdf_document_from_fz_document(pdf.this)
    root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(raw), "Root")
    if mupdf.pdf_is_dict(root):
        mupdf.pdf_dict_dels(root, "StructTreeRoot")
