"""A PDF page's own text: extracted, assessed, laid out, and written in the model's language.

``values`` is all that the library's own process needs; the rest runs in the worker. All but
``mupdf_page``, ``links``, ``layout_model`` and ``extractor``, which know PyMuPDF, are pure.
"""

from __future__ import annotations

from got_loaders.pages.text_layer.values import TextLayer, TextPart

__all__ = ["TextLayer", "TextPart"]
