"""The pages of a PDF as SVG, and a PDF of these pages alone. Runs in a worker only."""

from __future__ import annotations

from pathlib import Path

from got_loaders.pages.pdf.document import load_pymupdf

__all__ = ["pymupdf_folder", "vector_pages"]

_ZOOM = 96 / 72
"""A page's points as the pixels of style sheets, which are a 96th of an inch."""


def vector_pages(data: bytes, *, max_pages: int) -> tuple[bytes, list[str]]:
    """A PDF that holds only the pages of ``data``, and these as SVG.

    Actions, scripts, forms, links, attachments and metadata are not taken over. ``ValueError``
    where there are more pages than ``max_pages``, or none.
    """
    pymupdf = load_pymupdf()
    with pymupdf.open(stream=data, filetype="pdf") as source, pymupdf.open() as pages:
        if not 0 < len(source) <= max_pages:
            raise ValueError(f"the document has {len(source)} pages, not 1 to {max_pages}")
        pages.insert_pdf(source, links=False, annots=False, widgets=False)
        zoom = pymupdf.Matrix(_ZOOM, _ZOOM)
        svgs = [page.get_svg_image(zoom, text_as_path=True) for page in pages]
        pages.set_metadata({})
        return pages.tobytes(garbage=3, deflate=True, no_new_id=True), svgs


def pymupdf_folder() -> str:
    """Where PyMuPDF lies; it is loaded and tried."""
    pymupdf = load_pymupdf()
    with pymupdf.open() as trial:
        trial.new_page().insert_text((9, 9), "x")
        vector_pages(trial.tobytes(), max_pages=1)
    return str(Path(pymupdf.__file__).parent)
