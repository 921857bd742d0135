"""A text → how it looks, by what it is written in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from got_loaders.errors import OptionError
from got_loaders.rendering.rendered import Rendered, RenderKind

if TYPE_CHECKING:
    from got_loaders.markup.parse.languages import Language

__all__ = ["KINDS", "recognize", "render"]

KINDS: tuple[RenderKind, ...] = get_args(RenderKind)
_DOCUMENT = re.compile(r"\A\s*(?:%[^\n]*\n\s*)*\\document(?:class|style)(?![A-Za-z])")


def render(text: str, kind: RenderKind | None = None) -> Rendered:
    r"""How ``text`` looks: a page with formulas and tables, or pictures of what it denotes.

    Without ``kind`` it is recognized: ``**kern``, TikZ, a dictionary of a chart and molecules as
    GOT-OCR2 writes them, a document by its ``\documentclass``; all else is the model's mark-up, in
    which music, molecules and drawings become pictures where they stand.
    "markdown", "plain" and "formula" are never guessed. What can't be rendered has a ``reason``,
    and shows its source; :class:`~got_loaders.errors.OptionError` is raised for an unknown
    ``kind``. Nothing is fetched, and nothing of the text runs but TeX, which is locked in.
    """
    if not isinstance(text, str):
        raise OptionError(f"text must be a string, not {type(text).__name__}")
    if kind is not None and kind not in KINDS:
        raise OptionError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    kind = kind or recognize(text)
    return _notation(text, kind) or _page(text, kind)


def _notation(text: str, kind: RenderKind) -> Rendered | None:
    from got_loaders.rendering.notation import NOTATIONS  # here: what draws loads slowly

    return NOTATIONS[kind](text) if kind in NOTATIONS else None


def _page(text: str, kind: RenderKind) -> Rendered:
    from got_loaders.markup import escape_html  # here: the parser loads slowly
    from got_loaders.rendering.formula import formula_html
    from got_loaders.rendering.page import render_reading

    if kind == "formula":
        return Rendered(kind=kind, source=text, html=formula_html(_bare(text), display=True))
    if kind == "plain":
        html = render_reading(text, formatted=False) or f"<pre>{escape_html(text)}</pre>"
        return Rendered(kind=kind, source=text, html=html)
    language: Language = "markdown" if kind == "markdown" else "mathpix"
    return Rendered(kind=kind, source=text, html=render_reading(text, language=language))


def recognize(text: str) -> RenderKind:
    """What a text is written in; of one that has words beside its music or drawings, "text"."""
    from got_loaders.markup import content_kind  # here: the parser loads slowly
    from got_loaders.markup.nodes import CodeBlock
    from got_loaders.markup.parse.languages import parse_reading
    from got_loaders.rendering.tikz_source import is_pictures_alone

    if _DOCUMENT.match(text):
        return "latex"
    kind = content_kind(text)
    if kind == "music":
        is_alone = all(isinstance(block, CodeBlock) for block in parse_reading(text, "mathpix"))
    elif kind == "tikz":
        is_alone = is_pictures_alone(text)
    else:
        return kind
    return kind if is_alone else "text"


def _bare(tex: str) -> str:
    """A formula without the delimiters that may stand around it."""
    tex = tex.strip()
    for opening, closing in (("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("$", "$")):
        inner = tex.removeprefix(opening).removesuffix(closing)
        if len(inner) == len(tex) - len(opening) - len(closing):
            return inner
    return tex
