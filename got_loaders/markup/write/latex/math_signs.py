"""Writes into a formula what is no ASCII: signs by their commands, letters as text."""

from __future__ import annotations

from got_loaders.markup.write.latex.escape import shown_text
from got_loaders.markup.write.latex.math_builder import MathBuilder
from got_loaders.markup.write.latex.signs import math_of_sign

__all__ = ["write_sign"]

_PRIMES = {"\N{PRIME}": 1, "″": 2, "‴": 3}


def write_sign(formula: MathBuilder, piece: str) -> None:
    """Write a sign, or a run of letters, which the fonts of mathematics lack."""
    if piece in _PRIMES:
        for _ in range(_PRIMES[piece]):
            formula.add_script("'")
    elif piece == "°":
        formula.add_script("^")
        formula.add_atom(r"\circ")
    elif piece.isprintable():
        formula.close_singles()
        sign = math_of_sign(piece) or f"\\text{{{shown_text(piece)}}}"
        formula.add_atom(f"{{{sign}}}" if formula.top.missing else sign)
