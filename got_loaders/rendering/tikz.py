"""TikZ pictures and whole LaTeX documents → PDF and SVG, by a TeX engine of this machine."""

from __future__ import annotations

import re

from got_loaders._characters import clean_text
from got_loaders.markup import to_latex
from got_loaders.markup.write.latex.verbatim import only_draws
from got_loaders.rendering.pictures import pictures, refused
from got_loaders.rendering.rendered import Rendered, RenderKind
from got_loaders.rendering.tex import NO_ENGINE, TexError, choose_engine, compile_tex
from got_loaders.rendering.tex.picture import picture_document
from got_loaders.rendering.tex.scalable_fonts import BEGIN, with_scalable_fonts
from got_loaders.rendering.tikz_source import find_pictures, find_settings
from got_loaders.rendering.worker import DrawingError, draw

__all__ = ["latex_document", "tikz"]

_DOCUMENT = re.compile(r"\\document(?:class|style)(?![A-Za-z])")
_END = re.compile(r"\\end[ \t]*\{document\}")
_LINE = re.compile(r"line \d+: ")
_MAX_LENGTH = 300_000
_TOO_LONG = f"it is longer than {_MAX_LENGTH:,} characters"
_MAX_PAGES = 50


def tikz(text: str) -> Rendered:
    r"""The TikZ pictures in ``text``, each on a page of its size; what else it holds is left out.

    Libraries and styles that are set outside of the pictures count. A text with a
    ``\documentclass`` is compiled as it is. ``reason`` says what TeX did not understand, or that no
    engine is installed.
    """
    if len(text) > _MAX_LENGTH:
        return refused("tikz", text, _TOO_LONG)
    clean = clean_text(text)
    if _DOCUMENT.search(clean):
        return _compiled("tikz", text, _ended(clean))
    found = find_pictures(clean)
    if not found:
        return refused("tikz", text, "there is no TikZ picture in it, or none that begins to draw")
    settings = find_settings(clean)
    harmless = not settings and all(map(only_draws, found))
    return _compiled("tikz", text, picture_document(found, settings), own=True, harmless=harmless)


def latex_document(text: str) -> Rendered:
    r"""A document, typeset: its PDF, and its pages as SVG.

    A text without ``\documentclass`` is taken for the model's mark-up, and a document is made of it
    in which only what is known to be harmless runs.
    """
    if len(text) > _MAX_LENGTH:
        return refused("latex", text, _TOO_LONG)
    clean = clean_text(text)
    if _DOCUMENT.search(clean):
        if not BEGIN.search(clean):
            return refused("latex", text, "it has no \\begin{document}")
        return _compiled("latex", text, _ended(clean))
    if not clean.strip():
        return refused("latex", text, "there is nothing in it")
    document = to_latex(clean, document=True)
    return _compiled("latex", text, document, own=True, harmless=True)


def _ended(document: str) -> str:
    """A document that was cut off, with its end."""
    return document if _END.search(document) else f"{document}\n\\end{{document}}\n"


def _compiled(
    kind: RenderKind, text: str, document: str, *, own: bool = False, harmless: bool = False
) -> Rendered:
    """``own``: the document is of our making, so that its lines are not those of the text."""
    engine = choose_engine(document, harmless=harmless)
    if engine is None:
        return refused(kind, text, NO_ENGINE)
    try:
        pdf = compile_tex(with_scalable_fonts(document), engine)
        drawn = draw("mupdf", pdf, max_pages=_MAX_PAGES)
    except (TexError, DrawingError) as error:
        return refused(kind, text, _LINE.sub("", str(error)) if own else str(error))
    name = "Drawing" if kind == "tikz" else "Page"
    return pictures(kind, text, drawn.svgs, name=name, pdf=drawn.pdf)
