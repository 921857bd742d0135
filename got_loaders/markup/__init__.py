r"""The model's text turned into Markdown or plain text: pure functions from str to str.

The formatted reading is Mathpix Markdown, a mixture of text and LaTeX: ``\title{…}``,
``\section*{…}``, ``\( … \)``, ``\[ … \]``, ``\begin{tabular}…``. A plain reading is text as it
stands on the page. No input raises, nothing that was read is dropped, and time grows linearly.

These functions know nothing of pages, engines or documents.
"""

from __future__ import annotations

from got_loaders.markup.escape import escape_markdown
from got_loaders.markup.markdown import to_markdown
from got_loaders.markup.text import to_text

__all__ = ["escape_markdown", "to_markdown", "to_text"]
