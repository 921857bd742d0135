r"""What a formula within a line becomes: itself, or the sign, number or words that it only shows.

``\( \checkmark \)`` is a sign, ``\( 16 \% \)`` an amount, ``\( { }^{1} \)`` a mark. The same for
each language that a reading may be written in.
"""

from __future__ import annotations

import re

from got_loaders.markup.nodes import Inline, InlineMath, Inlines, Text
from got_loaders.markup.parse.block_builder import Glue
from got_loaders.markup.parse.sign_formulas import sign_of_formula
from got_loaders.markup.parse.text_formulas import FormulaText, text_of_formula
from got_loaders.markup.parse.trivial_math import render_trivial_math

__all__ = ["inline_formula"]

_MICRO = re.compile(r"(?:[msglLAVFWNJ]|mol|Pa|rad)(?![A-Za-z])")
r"""The unit after ``\( \mu \)m``."""
_LEADING = "⁰¹²³⁴⁵⁶⁷⁸⁹*†‡"
"""Marks that may stand before their word, as in ``¹⁴C``; then the blank before them stays."""


def inline_formula(tex: str, before: str, after: str) -> tuple[Inline | Glue, ...]:
    """What to show of a formula, given the character before it and the next few after it."""
    if (sign := sign_of_formula(tex)) is not None:
        return (Text(sign),)
    if trivial := render_trivial_math(tex):
        text = trivial.text
        leads = not text.strip(_LEADING) and after[:1].isalpha()
        attached = trivial.attached and not leads
        return (Glue(text, attached or text[:1] == " ", text[-1:] == " "),)
    if tex == r"\mu" and _MICRO.match(after):
        return (Text("µ"),)
    if said := text_of_formula(tex):
        return _touching(said, before, after[:1])
    return (InlineMath(tex),) if tex else ()


def _touching(said: FormulaText, before: str, after: str) -> Inlines:
    r"""The text of a formula with blanks of its own where a word or a number touches it."""
    is_apart = said.blank_before and (before.isalnum() or before in (")", "]", "%"))
    leads = said.blank_after and (after.isalnum() or after in ("(", "[", "\\"))
    return (
        *((Text(" "),) if before and is_apart else ()),
        *said.content,
        *((Text(" "),) if after and leads else ()),
    )
