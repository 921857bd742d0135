r"""Signs that Mathpix takes for others: a prime for an apostrophe, seconds for a decade."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from got_loaders.markup.parse.formula_pieces import Piece
from got_loaders.markup.parse.formula_spacing import SpacedPieces
from got_loaders.markup.parse.formula_words import is_unit

__all__ = ["names_function", "read_idioms", "reckons_with_letters"]

_FUNCTIONS = {
    "log", "ln", "exp", "sin", "cos", "tan", "gcd", "lcm", "det", "sgn", "ker", "erf", "arctan",
}  # fmt: skip
_BEFORE_BRACKETS = {"dim", "rank", "deg", "tr", "Tr", "diag", "Var", "Cov", "span", "arg", "Pr"}
_IN_RANGES = set("abcdefghxpkt")
"""What a range may have: labels, multiples, pence, thousands, tonnes."""
_DECADE = re.compile("19[1-9]0|20[12]0")
"""Other round numbers before ``s`` are as likely seconds."""


def names_function(pieces: Sequence[Piece]) -> bool:
    """Whether a function is applied, as in ``gcd(12,18)=6``."""
    for number, piece in enumerate(pieces):
        if piece.kind != "word":
            continue
        is_applied = number + 1 < len(pieces) and pieces[number + 1].text == "("
        if piece.text in _FUNCTIONS or (is_applied and piece.text in _BEFORE_BRACKETS):
            return True
    return False


def reckons_with_letters(pieces: Sequence[Piece]) -> bool:
    """Whether a small letter after a number is a variable, as in ``5x+3``, and no unit."""
    signs = {
        piece.text
        for number, piece in enumerate(pieces)
        if number and piece.kind in ("operator", "relation") and pieces[number - 1].kind != "open"
    }
    if not signs:
        return False
    allowed = _IN_RANGES if signs & {"-", "\N{EN DASH}"} == signs else {"t"}
    return any(
        piece.kind == "word" and len(piece.text) == 1 and piece.text.islower()
        and not is_unit(piece.text) and piece.text not in allowed
        and pieces[number - 1].kind == "digits" and not _is_exponent(pieces, number)
        for number, piece in enumerate(pieces) if number
    )  # fmt: skip


def _is_exponent(pieces: Sequence[Piece], number: int) -> bool:
    """Whether it is the letter of ``1.2e-5``."""
    kinds = [piece.kind for piece in pieces[number + 1 : number + 3]]
    return pieces[number].text == "e" and kinds == ["operator", "digits"]


def read_idioms(line: SpacedPieces) -> SpacedPieces:
    """The line with apostrophes for primes that are such, and decades in one piece."""
    for number in range(1, len(line.pieces)):
        before, piece = line.pieces[number - 1 : number + 1]
        following = line.pieces[number + 1] if number + 1 < len(line.pieces) else None
        if piece.text == "\N{PRIME}" and following and _is_apostrophe(before, following):
            line.pieces[number] = replace(piece, text="'")
        elif piece.text == "s" and _DECADE.fullmatch(before.text):
            line.gaps[number] = ""
    return line


def _is_apostrophe(before: Piece, following: Piece) -> bool:
    if following.kind == "digits":  # thousands: `$'000`, `1'234`
        is_long = len(following.text) == 3
        return is_long and (before.kind == "digits" or following.text == "000")
    return following.text == "s" and before.kind == "digits"
