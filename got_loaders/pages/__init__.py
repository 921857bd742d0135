"""Source → pages: PDFs through PyMuPDF, images through Pillow, both in a worker process.

Importing this starts nothing and loads neither.
"""

from __future__ import annotations

from got_loaders.pages.document import PageDocument
from got_loaders.pages.drawing import draw_location
from got_loaders.pages.interface import PageSource
from got_loaders.pages.opening import open_document
from got_loaders.pages.own_words import PageWord, PageWords
from got_loaders.pages.render_size import PageShape
from got_loaders.pages.selection import select_pages
from got_loaders.pages.text_layer import TextLayer, TextPart
from got_loaders.pages.worker.crash_counter import CrashCounter

__all__ = [
    "CrashCounter",
    "PageDocument",
    "PageShape",
    "PageSource",
    "PageWord",
    "PageWords",
    "TextLayer",
    "TextPart",
    "draw_location",
    "open_document",
    "select_pages",
]
