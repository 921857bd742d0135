"""Draws the pages of a PDF. Runs in the process that draws, only."""

from __future__ import annotations

from got_loaders.pages.pdf.vectors import pymupdf_folder, vector_pages
from got_loaders.rendering.worker.values import DrawingError, Drawn

__all__ = ["draw", "files"]


def draw(payload: bytes, *, max_pages: int) -> Drawn:
    """The pages of the PDF in ``payload``, and a PDF of these pages that can do nothing else."""
    try:
        pdf, svgs = vector_pages(payload, max_pages=max_pages)
    except ValueError as error:
        raise DrawingError(str(error)) from error
    return Drawn(tuple(svgs), pdf)


def files() -> str:
    """The folder that PyMuPDF may read."""
    return pymupdf_folder()
