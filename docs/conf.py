"""How Sphinx makes the site: ``make docs``. The pages are Markdown, and read as well without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx

from got_loaders import __version__

project = "got_loaders"
author = "The got_loaders authors"
copyright = "the got_loaders authors, Apache-2.0"  # Sphinx's name
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
myst_heading_anchors = 3
myst_html_meta = {
    "description": "Read PDFs and images with GOT-OCR2, as Documents of LangChain and LlamaIndex: "
    "Markdown with tables and formulas, pages, boxes.",
    "color-scheme": "light dark",
}
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "drawing"]

autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "exclude-members": "__new__",
}
autodoc_inherit_docstrings = False
toc_object_entries = False
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
autodoc_preserve_defaults = False  # True fails where a signature is made of the options
python_maximum_signature_line_length = 88

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_title = f"got_loaders {version}"
html_static_path = ["_static"]
html_logo = html_favicon = "_static/logo.svg"
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_theme_options: dict[str, object] = {"top_of_page_buttons": []}  # nothing to edit elsewhere
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "github-dark"

PROSE = 36
"""A cell of a table with more characters holds a sentence: on a phone such a row is stacked."""
WORD = 30
"""A word of code with so many characters fits into a line on a phone."""


def setup(app: Sphinx) -> None:
    """What only the site needs is added here, so that the pages stay plain Markdown."""
    app.connect("source-read", _for_the_site)
    app.connect("doctree-read", _mark)


def _for_the_site(app: Sphinx, name: str, source: list[str]) -> None:
    """Links out of the docs become plain text; the index's lists are the table of contents."""
    source[0] = re.sub(r"(?<!!)\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", source[0])
    if name == "index":
        source[0] += "\n".join(_contents(source[0], app.env.found_docs - {"index"}))


def _contents(index: str, pages: set[str]) -> Iterator[str]:
    """A table of contents for each heading of the index that has a list of pages below it.

    A page that the index does not name stands at the end.
    """
    for part in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        named = re.findall(r"^- \[.+?\]\(([\w-]+)\.md\)", part, re.MULTILINE)
        pages = pages.difference(named)
        if named:
            yield from _toctree(part.partition("\n")[0], named)
    if pages:
        yield from _toctree("More", sorted(pages))


def _toctree(caption: str, pages: list[str]) -> Iterator[str]:
    yield from ("", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", "")


def _mark(_app: Sphinx, doctree: nodes.document) -> None:
    """Give classes to what the style sheet can't tell by itself.

    Tables that hold sentences, of which a phone shows cell below cell; code whose words are short
    enough for a phone's line, which are not broken at their hyphens.
    """
    for table in doctree.findall(nodes.table):
        if any(len(cell.astext()) > PROSE for cell in table.findall(nodes.entry)):
            table["classes"].append("prose")
    for code in doctree.findall(nodes.literal):
        if all(len(word) <= WORD for word in code.astext().split()):
            code["classes"].append("whole")
