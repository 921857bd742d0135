"""Reads hostile documents as strangers' documents are read, with small limits, and looks at them.

What a reader of an output sees is found by parsers of their own: markdown-it, Python's HTML parser.
"""

from __future__ import annotations

import json
import re
from typing import Any

from langchain_core.documents import Document

from got_loaders import GotOcrLoader, ReadOptions, read
from got_loaders.documents.records import RecordBuilder
from got_loaders.integrations.langchain.loader import to_document
from got_loaders.options import Output
from got_loaders.results import PageResult
from got_loaders.testing import FakeEngine
from tests.markup import html_reading, markdown_reading
from tests.markup.markdown_reading import html_of_a_reader_without_maths

__all__ = ["LIMITS", "OUTPUTS", "active", "documents", "in_every_output", "results", "unfit"]

LIMITS: dict[str, Any] = {
    "max_page_seconds": 2,
    "max_page_bytes": 500_000_000,
    "max_image_pixels": 20_000_000,
    "on_error": "keep",
}
OUTPUTS: tuple[Output, ...] = ("markdown", "html", "latex", "text")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ACTS_IN_TEX = re.compile(
    r"\\(?:input|include|includegraphics|InputIfFileExists|lstinputlisting|verbatiminput|import"
    r"|subfile|includepdf|attachfile|openin|openout|read|readline|write|immediate|special|csname"
    r"|catcode|def|gdef|let|newcommand|loop|directlua|latelua|luaexec|ShellEscape|usepackage|href"
    r"|url|hyperref|hyperlink|htmlData|htmlStyle|htmlClass|cssId|style|require|pdffiledump|filedump"
    r"|pdfximage|pdfobj|primitive|XeTeXpicfile|mdfivesum|scantokens|font|end\{document\})(?![A-Za-z])"
)
_ACTS_IN_MATHS = re.compile(
    r"\\(?:href|url|includegraphics|html(?:Data|Style|Class|Id)|class|style|cssId|require|unicode|bbox)"
    r"(?![A-Za-z])"
)
"""MathJax and KaTeX make links, load pictures and set attributes and styles by these."""

_VERBATIM = re.compile(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", re.DOTALL)


def results(source: object, **options: Any) -> list[PageResult]:
    """The results, with the limits above unless ``options`` give others."""
    return list(read(source, engine=FakeEngine("text"), **LIMITS | options))


def documents(source: object, reply: str = "text", **options: Any) -> list[Document]:
    """The Documents of a model that always reads ``reply``."""
    return GotOcrLoader(source, engine=FakeEngine(reply), **LIMITS | options).load()


def unfit(document: Document) -> list[str]:
    """What keeps a Document from being stored or shown: controls, what can't be encoded."""
    found = [f"{sign!r} in the text" for sign in _CONTROLS.findall(document.page_content)]
    for key, value in document.metadata.items():
        if key in ("source", "file_path"):  # a path has to be what it is
            continue
        bad = _CONTROLS.findall(value) if isinstance(value, str) else []
        found += [f"{sign!r} in {key}" for sign in bad]
    try:
        document.page_content.encode("utf-8")
        json.dumps(document.metadata, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except ValueError as error:
        found.append(f"{error}")
    told = document.metadata.get("error", "")
    if not told.isprintable() or len(told) > 2000:
        found.append("an error that is not one printable line")
    return found


def active(text: str, output: str) -> list[str]:
    """What in an output would act on its reader's machine, or load something; "text" is no mark-up.

    In formulas it is what browsers' scripts for them act on; in LaTeX also what reads files.
    """
    if output == "markdown":
        live = [part for part in html_of_a_reader_without_maths(text) if part != "<br>"]
        live += markdown_reading.read(text).html
        return live + _in_formulas(markdown_reading.read(text).formulas)
    if output == "html":
        page = html_reading.read(text)
        return page.faults + _in_formulas(page.formulas)
    if output == "latex":
        return _ACTS_IN_TEX.findall(_VERBATIM.sub("", text))
    return []


def _in_formulas(formulas: list[str]) -> list[str]:
    return [formula for formula in formulas if _ACTS_IN_MATHS.search(formula)]


def in_every_output(data: bytes, **options: Any) -> dict[str, Document]:
    """The Document of a page's own text in each output; the page is read once."""
    (result,) = results(data, text_layer="auto", max_page_seconds=30, **options)
    assert result.origin == "text_layer"
    found: dict[str, Document] = {}
    for output in OUTPUTS:
        builder = RecordBuilder(ReadOptions(output=output))
        (record,) = builder.add([result])
        found[output] = to_document(record)
    return found
