"""A PDF page's own text: read, judged, laid out, and written in the model's language.

``values`` is all that the library's own process needs; the rest runs in the worker. ``words``,
All but ``page``, ``layout`` and ``reader``, which know PyMuPDF, are pure.
"""

from __future__ import annotations

from got_loaders.pages.text_layer.values import TextLayer, TextPart

__all__ = ["TextLayer", "TextPart"]
