r"""The model's text turned into Markdown, LaTeX, plain text or HTML: pure functions, str to str.

The formatted reading is Mathpix Markdown, a mixture of text and LaTeX: ``\title{…}``,
``\section*{…}``, ``\( … \)``, ``\[ … \]``, ``\begin{tabular}…``. Other models than GOT-OCR2 write
Markdown: ``language="markdown"``. A plain reading is text as it stands on the page. No input
raises, nothing that was read is dropped, and time grows linearly.

``parse/lexer`` → ``parse/pairing`` → ``parse/parser``, or ``parse/markdown/`` → ``nodes`` →
``write/``, a module or folder for each format. These functions know nothing of pages, engines or
documents.
"""

from __future__ import annotations

from got_loaders.markup.parse.content_kind import content_kind
from got_loaders.markup.write.html import escape_html, to_html
from got_loaders.markup.write.latex.escape import escape_latex
from got_loaders.markup.write.latex.writer import to_latex
from got_loaders.markup.write.markdown import to_markdown
from got_loaders.markup.write.markdown_escape import escape_markdown
from got_loaders.markup.write.text import to_text, to_text_and_formulas

__all__ = [
    "content_kind",
    "escape_html",
    "escape_latex",
    "escape_markdown",
    "to_html",
    "to_latex",
    "to_markdown",
    "to_text",
    "to_text_and_formulas",
]
