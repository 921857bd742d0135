"""A result's text in each of its forms: the one place that decides how it is written.

Documents take their text from here, too, so that theirs can't differ from a result's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from got_loaders._characters import clean_text
from got_loaders.markup import (
    content_kind,
    escape_html,
    escape_latex,
    escape_markdown,
    to_html,
    to_latex,
    to_markdown,
    to_text,
    to_text_and_formulas,
)
from got_loaders.results.agreement import Agreement, compare
from got_loaders.results.figures import figure_reference

if TYPE_CHECKING:
    from got_loaders.options import Output
    from got_loaders.results.page_result import PageResult

__all__ = ["agreement_of", "content_kind_of", "is_markup", "reading_in", "text_in"]


def text_in(result: PageResult, output: Output) -> str:
    """The result's text as ``output`` wants it; empty where nothing was read.

    Where the picture of a figure is kept, a reference to it stands before what was read in it.
    """
    parts = (figure_reference(result, output), reading_in(result, output))
    return "\n\n".join(filter(None, parts))


def reading_in(result: PageResult, output: Output) -> str:
    """What was read, as ``output`` wants it, without any reference to a picture.

    Formatted readings and a page's own text are converted, from the language that the engine says
    it writes; a plain reading of GOT-OCR2 is no mark-up, and is only escaped. Characters that
    nobody sees are left out first: afterwards, that would undo escapes. "raw" is what the model
    wrote; of a page's own text, which is written in GOT-OCR2's mark-up, only where that was asked
    for. Markdown that a person wrote stays as it was typed.
    """
    if result.ocr is None:
        return ""
    text, language = clean_text(result.ocr.text), result.ocr.markup
    if not is_markup(result):
        return _escape(text, output)
    match output:
        case "markdown" if result.origin == "corrected" and language == "markdown":
            return text
        case "markdown":
            return to_markdown(text, table_format=result.table_format, language=language)
        case "latex":
            return to_latex(text, language=language)
        case "html":
            return to_html(text, language=language)
        case "raw" if result.formatted or language != "mathpix":
            return text
        case _:
            return to_text(text, language=language)


def content_kind_of(result: PageResult) -> str:
    """What else than "text" the reading is written in (music, say); "text" where it is none."""
    if result.ocr is None or not is_markup(result):
        return "text"
    return content_kind(result.ocr.text, language=result.ocr.markup)


def agreement_of(result: PageResult) -> Agreement | None:
    """How far ``result.text`` agrees with the page's own words; None where either is missing."""
    if result.origin != "ocr" or result.ocr is None or result.own_text is None:
        return None
    text = clean_text(result.ocr.text)
    if not is_markup(result):
        return compare(text, result.own_text)
    text, formulas = to_text_and_formulas(text, language=result.ocr.markup)
    return compare(text, result.own_text, formulas)


def is_markup(result: PageResult) -> bool:
    """Whether the text is mark-up: a page's own text always is, and that of models that know no
    other way to write than Markdown."""
    is_markdown = result.ocr is not None and result.ocr.markup != "mathpix"
    return result.formatted or result.origin == "text_layer" or is_markdown


def _escape(text: str, output: Output) -> str:
    escapes = {"markdown": escape_markdown, "latex": escape_latex, "html": escape_html}
    return escapes[output](text) if output in escapes else text
