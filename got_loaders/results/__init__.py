"""What came of a page: its text in every form, and where on the page it stood.

The pipeline makes results, and Documents are made of them. Importing this loads no mark-up, no
PyMuPDF and no Pillow.
"""

from __future__ import annotations

from got_loaders.results.agreement import Agreement, TextSpan
from got_loaders.results.page_result import PageResult, TableFormat

__all__ = ["Agreement", "PageResult", "TableFormat", "TextSpan"]
