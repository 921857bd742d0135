"""How Sphinx makes the site: ``make docs``. The pages are Markdown, and read as well without it."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from got_loaders import __version__

project = "got_loaders"
author = "The got_loaders authors"
copyright = "the got_loaders authors, Apache-2.0"  # Sphinx's name
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "exclude-members": "__new__",
}
autodoc_inherit_docstrings = False
toc_object_entries = False
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88

html_theme = "alabaster"
html_title = f"got_loaders {version}"
html_theme_options = {
    "description": "Document loaders over GOT-OCR2",
    "fixed_sidebar": True,
    "page_width": "1180px",
    "sidebar_width": "260px",
    "globaltoc_maxdepth": 1,
}
html_show_sphinx = False
html_copy_source = False


def setup(app: Sphinx) -> None:
    """What only the site needs is added here, so that the pages stay plain Markdown."""
    app.connect("source-read", _for_the_site)


def _for_the_site(_app: Sphinx, name: str, source: list[str]) -> None:
    """Links out of the docs become plain text; the index's list is the table of contents."""
    source[0] = re.sub(r"\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", source[0])
    if name == "index":
        pages = "\n".join(re.findall(r"^- \[.+?\]\(([\w-]+)\.md\)", source[0], re.MULTILINE))
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n"
