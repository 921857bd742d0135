"""The PDF that is handed out, and its pages as pictures."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from got_loaders.pages.pdf.vectors import vector_pages
from got_loaders.rendering.worker import DrawingError, client, draw

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types


def hostile_pdf() -> bytes:
    """A page with all that a PDF can do beside showing it."""
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=100, height=50)
        page.insert_text((9, 20), "Shown")
        page.insert_link(
            {"kind": pymupdf.LINK_URI, "uri": "http://evil.example", "from": page.rect}
        )
        page.add_text_annot((1, 1), "evil")
        pdf.embfile_add("evil.exe", b"evil")
        action = "<</S/JavaScript/JS(app.alert\\(1\\))>>"
        pdf.xref_set_key(pdf.pdf_catalog(), "OpenAction", action)
        pdf.xref_set_key(page.xref, "AA", f"<</O {action}>>")
        pdf.set_metadata({"title": "evil"})
        return bytes(pdf.tobytes())


def test_the_pdf_holds_its_pages_and_nothing_that_acts() -> None:
    """Scripts, actions, links, notes, attachments and metadata are left out."""
    pdf, svgs = vector_pages(hostile_pdf(), max_pages=1)
    assert len(svgs) == 1
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        assert opened[0].get_text().strip() == "Shown"
        assert tuple(opened[0].rect) == (0, 0, 100, 50)
        whole = opened.tobytes(expand=255)
    for sign in (b"JavaScript", b"OpenAction", b"evil", b"/AA", b"/Annot", b"EmbeddedFile"):
        assert sign not in whole


def test_pages_are_bounded_and_rubbish_is_refused() -> None:
    """Too many pages, or none, are a reason; so is what is no PDF."""
    with pytest.raises(ValueError, match="1 pages, not 1 to 0"):
        vector_pages(hostile_pdf(), max_pages=0)
    try:
        drawn = draw("mupdf", hostile_pdf(), max_pages=1)
        assert "evil" not in drawn.svgs[0]
        with pytest.raises(DrawingError):
            draw("mupdf", b"rubbish", max_pages=1)
    finally:
        client.close_all()
