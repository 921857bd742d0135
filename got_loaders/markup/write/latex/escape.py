"""Makes text stand for itself in LaTeX."""

from __future__ import annotations

import re

from got_loaders._characters import clean_text
from got_loaders.markup.parse.raised_signs import LOWERED, RAISED
from got_loaders.markup.write.latex.signs import show_signs

__all__ = ["CJK", "escape_latex", "latex_text", "shown_text"]

CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
"""A character that needs a font for Chinese, Japanese or Korean."""

_SIGNS = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
        "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    }
)  # fmt: skip
_RAISED = re.compile(f"[{''.join(map(chr, RAISED))}]+")
_LOWERED = re.compile(f"[{''.join(map(chr, LOWERED))}]+")


def escape_latex(text: str) -> str:
    """``text`` so that LaTeX shows it as it is; lines stay lines of the source.

    Control characters, which TeX refuses, are left out; signs above and below the line, which
    few fonts have, are raised and lowered ones, and those of mathematics are formulas.
    """
    return shown_text(clean_text(text))


def shown_text(text: str) -> str:
    """:func:`escape_latex` of a part of a text that was cleaned as a whole."""
    return show_signs(latex_text(text))


def latex_text(text: str) -> str:
    """The same with the signs of mathematics as characters, for a text within a formula."""
    text = text.translate(_SIGNS)
    text = _RAISED.sub(lambda m: rf"\textsuperscript{{{m[0].translate(RAISED)}}}", text)
    return _LOWERED.sub(lambda m: rf"\textsubscript{{{m[0].translate(LOWERED)}}}", text)
