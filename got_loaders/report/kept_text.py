"""The text of a record, which has one form, in as many forms as can be made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from got_loaders._characters import clean_text
from got_loaders.markup import escape_markdown, to_html, to_latex, to_markdown, to_text
from got_loaders.rendering.page import render_reading
from got_loaders.report.kept_html import kept_html
from got_loaders.report.values import Form
from got_loaders.types import MarkupLanguage

__all__ = ["KeptText", "kept_as", "kept_text"]

_KEPT: dict[Form, str] = {
    "markdown": "Markdown; the other forms are worked out from it",
    "latex": "LaTeX; the other forms are worked out from it",
    "html": "HTML; the other forms are not known",
    "text": "text without mark-up",
    "raw": "what the model wrote",
}


_MAX_TYPESET = 300_000
"""Letters: some hundred pages of print. Records may come from others, and be made to take hours."""

_TOO_LONG = f"shown as it was kept: texts of more than {_MAX_TYPESET:,} letters are not typeset"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText:
    """How it is shown, in which ``form`` it was kept, its texts, and a ``note`` on what is not."""

    form: Form
    shown: str
    texts: dict[Form, str]
    note: str = ""


def kept_text(text: str, metadata: Mapping[str, Any]) -> KeptText:
    """What can be made of a record's text, by what its metadata says of it."""
    text = clean_text(text)
    form = _form(metadata)
    if not text.strip():
        return KeptText(form=form, shown="", texts={form: text})
    if len(text) > _MAX_TYPESET:
        return KeptText(form=form, shown=_as_it_is(text), texts={form: text}, note=_TOO_LONG)
    match form:
        case "markdown":
            return _marked_up(text, form, "markdown")
        case "latex":
            return _marked_up(text, form, "mathpix")
        case "raw" if metadata.get("ocr_mode") == "format":
            return _marked_up(text, form, "mathpix")
        case "html":
            return KeptText(form=form, shown=kept_html(text), texts={form: text})
        case _:
            texts: dict[Form, str] = {"markdown": escape_markdown(text), "text": text, form: text}
            return KeptText(form=form, shown=_as_it_is(text), texts=texts)


def kept_as(metadata: Mapping[str, Any]) -> str:
    """In which form its text was kept, in words."""
    return _KEPT[_form(metadata)]


def _form(metadata: Mapping[str, Any]) -> Form:
    found = metadata.get("content_format", "markdown")
    return found if found in get_args(Form) else "markdown"


def _marked_up(text: str, form: Form, language: MarkupLanguage) -> KeptText:
    texts: dict[Form, str] = {
        "markdown": to_markdown(text, language=language),
        "html": to_html(text, language=language),
        "latex": to_latex(text, language=language),
        "text": to_text(text, language=language),
        form: text,
    }
    shown = render_reading(text, language=language, formatted=True)
    return KeptText(form=form, shown=shown, texts=texts)


def _as_it_is(text: str) -> str:
    return render_reading(text, language="mathpix", formatted=False)
