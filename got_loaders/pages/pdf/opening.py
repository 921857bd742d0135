"""Opens PDFs through PyMuPDF. Runs in the worker only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from got_loaders.pages.pdf.encryption import ENCRYPT, locked_reason, unlock
from got_loaders.pages.protocol import Bytes, WorkerFailure

__all__ = ["drop_structure", "open_pdf"]

_MAX_SEARCHED = 200_000_000
"""Bytes of a file that MuPDF can't open in which the reason is looked for."""


def open_pdf(pymupdf: Any, path: str | None, data: Bytes, password: str | None) -> Any:
    """PyMuPDF's document of ``data``, or of the file ``path``; it is never saved.

    :class:`WorkerFailure` where it can't be opened.
    """
    try:
        pdf = _open(pymupdf, path, data)
    except Exception as error:
        pdf = _open_without_encryption(pymupdf, path, data)
        if pdf is None:
            raise WorkerFailure(
                "source", f"the PDF is damaged beyond repair{_why(error)}"
            ) from error
    unlock(pymupdf, pdf, password)
    return pdf


def _why(error: Exception) -> str:
    """What PyMuPDF says beside the file's name, which stands before it in any case."""
    text = str(error)
    return "" if text.startswith("Failed to open ") else f": {text}"


def drop_structure(pymupdf: Any, pdf: Any) -> None:
    """Drop the tree of a tagged document.

    MuPDF follows it while it draws, without bounds, and draws the same where there is none.
    """
    mupdf = pymupdf.mupdf
    document = mupdf.pdf_document_from_fz_document(pdf.this)
    root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(document), "Root")
    if mupdf.pdf_is_dict(root):
        mupdf.pdf_dict_dels(root, "StructTreeRoot")


def _open(pymupdf: Any, path: str | None, data: Bytes) -> Any:
    if path is None:
        return pymupdf.open(stream=data if isinstance(data, bytes) else bytes(data), filetype="pdf")
    if _is_utf8_on_disk(path):
        return pymupdf.open(path, filetype="pdf")
    return pymupdf.open(stream=Path(path).read_bytes(), filetype="pdf")


def _open_without_encryption(pymupdf: Any, path: str | None, data: Bytes) -> Any:
    """A document whose encryption MuPDF does not know, where its pages can be read without.

    None where that is not what keeps it from being opened; :class:`WorkerFailure` where it is.
    """
    if (len(data) if path is None else Path(path).stat().st_size) > _MAX_SEARCHED:
        return None
    stream = bytes(data) if path is None else Path(path).read_bytes()
    if ENCRYPT not in stream:
        return None
    hidden = b"/Hidden_"
    try:
        pdf = pymupdf.open(stream=stream.replace(ENCRYPT, hidden), filetype="pdf")
    except Exception:  # noqa: BLE001  # MuPDF's errors have no other class in common
        return None
    reason = locked_reason(pymupdf, pdf, hidden[1:].decode("ascii"))
    if reason is not None:
        pdf.close()
        raise reason
    return pdf


def _is_utf8_on_disk(path: str) -> bool:
    """Whether MuPDF, which opens a path by its UTF-8 bytes, would find this one.

    It depends on the name, and on the encoding that Python takes names to have here.
    """
    try:
        return path.encode("utf-8") == os.fsencode(path)
    except UnicodeError:
        return False
