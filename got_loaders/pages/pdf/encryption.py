"""Unlocks encrypted PDFs, or says what keeps them locked. Runs in the worker only."""

from __future__ import annotations

import os
from typing import Any

from got_loaders.pages.protocol import WorkerFailure

__all__ = ["ENCRYPT", "locked_reason", "unlock"]

ENCRYPT = b"/Encrypt"
"""The key of the trailer that says how a PDF is encrypted."""

_CERTIFICATES = "Adobe.PubSec"


def unlock(pymupdf: Any, pdf: Any, password: str | None) -> None:
    """Make the pages of an open PDF readable; :class:`WorkerFailure` without the right password.

    Where attachments alone are encrypted none is needed.
    """
    if not pdf.needs_pass:
        return
    text = None if password is None else _typed_text(password)
    if text is not None and pdf.authenticate(text):
        return
    if _only_attachments(pymupdf.mupdf, _encryption(pymupdf.mupdf, pdf, "Encrypt")):
        pdf.is_encrypted = False
        pdf.init_doc()
        return
    if password is None:
        raise WorkerFailure("password", "the PDF is encrypted; pass its password (password=…)")
    raise WorkerFailure("password", "the PDF is encrypted, and this password does not open it")


def locked_reason(pymupdf: Any, pdf: Any, key: str) -> WorkerFailure | None:
    """Why MuPDF can't open a PDF at all, which was opened without the trailer's ``key``.

    None where attachments alone are encrypted, or nothing is: its pages can be read then.
    """
    mupdf = pymupdf.mupdf
    encryption = _encryption(mupdf, pdf, key)
    if not mupdf.pdf_is_dict(encryption) or _only_attachments(mupdf, encryption):
        return None
    handler = mupdf.pdf_to_name(mupdf.pdf_dict_gets(encryption, "Filter"))
    if handler == _CERTIFICATES:
        text = "the PDF is encrypted for certificates; decrypt it with the key of one of them first"
        return WorkerFailure("unsupported", text)
    if handler and handler != "Standard":
        text = f"the PDF is encrypted by {handler}; decrypt it with the program that made it first"
        return WorkerFailure("unsupported", text)
    version, revision = (
        mupdf.pdf_to_int(mupdf.pdf_dict_gets(encryption, name)) for name in ("V", "R")
    )
    text = (
        f"the PDF is encrypted in a way that is not known (V {version}, R {revision}), or damaged"
    )
    return WorkerFailure("unsupported", text)


def _encryption(mupdf: Any, pdf: Any, key: str) -> Any:
    document = mupdf.pdf_document_from_fz_document(pdf.this)
    return mupdf.pdf_dict_gets(mupdf.pdf_trailer(document), key)


def _only_attachments(mupdf: Any, encryption: Any) -> bool:
    """Whether streams and texts are not encrypted (ISO 32000-2, 7.6.6).

    Other handlers than the standard's two need not heed what is said of these.
    """
    handler = mupdf.pdf_to_name(mupdf.pdf_dict_gets(encryption, "Filter"))
    version = mupdf.pdf_to_int(mupdf.pdf_dict_gets(encryption, "V"))
    if handler not in ("Standard", _CERTIFICATES) or version not in (4, 5):
        return False
    filters = (mupdf.pdf_dict_gets(encryption, name) for name in ("StmF", "StrF"))
    return all(mupdf.pdf_to_name(each) in ("", "Identity") for each in filters)


def _typed_text(password: str) -> str | None:
    """A password as it was typed, also where Python could not decode what the terminal sent."""
    if not any("\ud800" <= letter <= "\udfff" for letter in password):
        return password
    try:
        return os.fsencode(password).decode("utf-8")
    except UnicodeError:
        return None
