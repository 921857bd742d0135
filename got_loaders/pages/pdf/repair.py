"""Finds the pages of a PDF whose cross-references or page tree are broken. Runs in the worker only.

MuPDF repairs a file that it can't open; one that opens and shows no page it takes for empty.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

__all__ = ["recover_pages"]

_TRIED = 100
"""Pages that are looked for; where none of them is there the tree is broken."""

_MAX_OBJECTS, _MAX_PAGES = 1_000_000, 50_000
"""What is looked at and gathered at most."""

_GUESSED = "the PDF's page tree is broken: its pages stand in the order in which they were found"


def recover_pages(pymupdf: Any, pdf: Any) -> tuple[int, tuple[str, ...]]:
    """How many pages the open document has, and what is to be said of them.

    It is repaired if none of them can be found; what can't be repaired is left as it is.
    """
    mupdf = pymupdf.mupdf
    document = mupdf.pdf_document_from_fz_document(pdf.this)
    total = _count(mupdf, document)  # before a page is looked for: then MuPDF counts what is there
    if _any_page(mupdf, document, total):
        return total, ()
    with suppress(Exception):  # such as that it was repaired before
        mupdf.pdf_repair_xref(document)
    total = _count(mupdf, document)
    if _any_page(mupdf, document, total):
        return total, ()
    count = _gather_pages(mupdf, document)
    return (count, (_GUESSED,)) if count else (total, ())


def _count(mupdf: Any, document: Any) -> int:
    try:
        return int(mupdf.pdf_count_pages(document))
    except Exception:  # noqa: BLE001  # MuPDF's errors have no other class in common
        return 0


def _any_page(mupdf: Any, document: Any, total: int) -> bool:
    """Whether one of the first pages is there; of many pages others may be."""
    first = range(min(total, _TRIED))
    return any(_is_page(mupdf, document, number) for number in first) or total > _TRIED


def _is_page(mupdf: Any, document: Any, number: int) -> bool:
    try:
        return bool(mupdf.pdf_is_dict(mupdf.pdf_lookup_page_obj(document, number)))
    except Exception:  # noqa: BLE001  # as above
        return False


def _gather_pages(mupdf: Any, document: Any) -> int:
    """Make a page tree of all pages that are in the file; how many there are."""
    root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(document), "Root")
    if not mupdf.pdf_is_dict(root):
        return 0
    kids, count = mupdf.pdf_new_array(document, 1), 0
    for number in range(1, min(mupdf.pdf_xref_len(document), _MAX_OBJECTS)):
        reference = mupdf.pdf_new_indirect(document, number, 0)
        if count < _MAX_PAGES and _says_page(mupdf, reference):
            mupdf.pdf_array_push(kids, reference)
            count += 1
    tree = mupdf.pdf_new_dict(document, 3)
    mupdf.pdf_dict_puts(tree, "Type", mupdf.pdf_new_name("Pages"))
    mupdf.pdf_dict_puts(tree, "Kids", kids)
    mupdf.pdf_dict_puts(tree, "Count", mupdf.pdf_new_int(count))
    if count:
        mupdf.pdf_dict_puts(root, "Pages", mupdf.pdf_add_object(document, tree))
    return count


def _says_page(mupdf: Any, reference: Any) -> bool:
    try:
        return bool(mupdf.pdf_to_name(mupdf.pdf_dict_gets(reference, "Type")) == "Page")
    except Exception:  # noqa: BLE001  # as above
        return False
