"""The documents that are mutated, made in code and the same in every run.

An integer stands for the same mutant only as long as these, and what writes them (PyMuPDF and
Pillow), stay as they are: new ones go to the end.
"""

from __future__ import annotations

import functools

from tests.fuzz.image_seeds import IMAGES
from tests.fuzz.pdf_seeds import PDFS

__all__ = ["SEEDS", "is_pdf", "seed_document"]

SEEDS = (*PDFS, *PDFS, *IMAGES)
"""Their names; PDFs twice, for they are the harder ones."""


@functools.cache
def seed_document(name: str) -> bytes:
    """The document of that name."""
    return (PDFS | IMAGES)[name]()


def is_pdf(name: str) -> bool:
    """Whether it is a PDF."""
    return name in PDFS
