"""Source → pages: PDFs through PyMuPDF, images through Pillow, both in a worker process.

Importing this starts nothing and loads neither.
"""

from __future__ import annotations

from got_loaders.pages.document import PageDocument, PageShape, open_document
from got_loaders.pages.interface import PageSource
from got_loaders.pages.select import select_pages
from got_loaders.pages.strikes import Strikes
from got_loaders.pages.textlayer import TextLayer, TextPart

__all__ = [
    "PageDocument",
    "PageShape",
    "PageSource",
    "Strikes",
    "TextLayer",
    "TextPart",
    "open_document",
    "select_pages",
]
