r"""Where the text of a formula that is none has blanks.

TeX ignores the blanks of a formula, and what it was printed with is not known. So ``16 \%`` is
``16%``, ``\$ 1.2`` is ``$1.2``, ``2 0 2 1`` is ``2021`` and ``1 , 2 0 4`` is ``1,204``; blanks
between a sign and its neighbours stay as the model wrote them on both of its sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from got_loaders.markup.parse.formula_pieces import Piece
from got_loaders.markup.parse.formula_words import is_acronym, is_chemical, is_name, is_unit

__all__ = ["SpacedPieces", "space_pieces"]

_ORDER = ("", "loose", "soft", "hard")
_WORDS = {"word", "text", "unit"}
_BINARY = {"operator", "relation"}
_AFTER_NOTHING = {"open", "operator", "relation", "tight", "before"}
_RATIOS = {"%", "‰", "¢"}
_CONCENTRATIONS = {"M", "mM", "N"}
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+")


@dataclass(frozen=True, slots=True)
class SpacedPieces:
    """Pieces that are no blanks, and the blank before each and after the last, as in a formula."""

    pieces: list[Piece]
    gaps: list[str]

    def has_blank(self, number: int) -> bool:
        """Whether the text has a blank before this piece."""
        return 0 < number < len(self.pieces) and _Place(self, number).has_blank()


def space_pieces(pieces: Iterable[Piece]) -> SpacedPieces:
    """The pieces without blanks; digits that belong together are one piece."""
    line = SpacedPieces([], [""])
    for piece in pieces:
        if piece.kind in _ORDER:
            line.gaps[-1] = max(line.gaps[-1], piece.kind, key=_ORDER.index)
            continue
        last = line.pieces[-1] if line.pieces else None
        if last and piece.text == last.text == "*" and line.gaps[-1] != "hard":
            line.pieces[-1] = replace(last, text="**")
        elif (
            last and last.kind == "operator" and last.text.strip("*") == "" == piece.text.strip("*")
        ):
            line.pieces[-1] = replace(last, text=last.text + piece.text)
        else:
            line.pieces.append(piece)
            line.gaps.append("")
            continue
        line.gaps[-1] = ""
    return _join_digits(line)


def _join_digits(line: SpacedPieces) -> SpacedPieces:
    joined = SpacedPieces([], [])
    is_spaced, first = False, 0
    while first < len(line.pieces):
        end = first + 1
        while line.pieces[first].kind == "digits" and _goes_on(line, end):
            end += 1
        number = _number(line.pieces[first:end], line.gaps[first + 1 : end])
        is_spaced |= end > first + 1 and " " not in number.text
        joined.pieces.append(number)
        joined.gaps.append(line.gaps[first])
        first = end
    joined.gaps.append(line.gaps[-1])
    if is_spaced:  # then the blanks beside signs mean no more than those between digits
        joined.gaps[:] = ["loose" if gap == "soft" else gap for gap in joined.gaps]
    return joined


def _goes_on(line: SpacedPieces, end: int) -> bool:
    return end < len(line.pieces) and line.pieces[end].kind == "digits" and line.gaps[end] != "hard"


def _number(pieces: list[Piece], gaps: list[str]) -> Piece:
    """Digits between which stand blanks: they mean nothing where one of them stands alone."""
    if len(pieces) == 1:
        return pieces[0]
    apart = {"soft"} if {"soft", "loose"} <= set(gaps) else {"soft", "loose"}
    others = zip(gaps, pieces[1:], strict=True)
    text = pieces[0].text + "".join(" " * (gap in apart) + piece.text for gap, piece in others)
    is_dated = re.fullmatch(r"\d (?:19|20)\d\d", text)  # ``Q1 2021``
    if not is_dated and not _THOUSANDS.fullmatch(text) and min(map(len, text.split())) == 1:
        text = text.replace(" ", "")
    styles = frozenset().union(*(piece.styles for piece in pieces))
    return replace(pieces[0], text=text, styles=styles)


@dataclass(frozen=True, slots=True)
class _Place:
    """The place between two pieces."""

    line: SpacedPieces
    number: int

    @property
    def left(self) -> Piece:
        return self.line.pieces[self.number - 1]

    @property
    def right(self) -> Piece:
        return self.line.pieces[self.number]

    @property
    def gap(self) -> str:
        return self.line.gaps[self.number]

    @property
    def is_written(self) -> bool:
        """Whether a blank that may count stands there."""
        return self.gap in ("soft", "hard")

    def piece(self, offset: int) -> Piece | None:
        """A piece further on; ``-2`` is the one before the left one."""
        position = self.number + offset
        return self.line.pieces[position] if 0 <= position < len(self.line.pieces) else None

    def kind(self, offset: int) -> str:
        """The kind of a piece further on; empty where there is none."""
        piece = self.piece(offset)
        return piece.kind if piece else ""

    def has_blank(self) -> bool:
        left, right, hard = self.left.kind, self.right.kind, self.gap == "hard"
        if right in _BINARY or left in _BINARY:
            return self._beside_operator()
        if left in ("comma", "colon", "stop"):
            return self._after_point()
        if left == "open" or right in ("close", "comma", "colon", "stop"):
            return False
        if "tight" in (left, right):
            return hard and "/" not in (self.left.text, self.right.text)
        if right == "after":
            return hard and left == "text" and self.right.text in _RATIOS
        if right == "raised":
            return hard and self.kind(1) in ("word", "digits")  # no note, but an isotope
        if left == "before" or right == "before":
            return self._beside_currency()
        return self._between_words()

    def _beside_operator(self) -> bool:
        at = self.number if self.right.kind in _BINARY else self.number - 1
        outer = self.line.gaps[at], self.line.gaps[at + 1]
        sign = self.line.pieces[at]
        before = self.line.pieces[at - 1].kind if at else ""
        if before == "comma" and not outer[0] and self._ends_sum(at):  # ``5.000,-``
            return at != self.number and bool(self.gap)
        if (
            not at
            or before in _AFTER_NOTHING
            or before == "comma"
            or at + 1 == len(self.line.pieces)
        ):
            return at == self.number and (before == "comma" or self.gap == "hard")
        if sign.kind == "relation" or ("hard" in outer and (all(outer) or sign.text in "=<>")):
            return True
        if outer[0] == "hard" and not outer[1]:  # ``\text { of } -5``
            return at == self.number
        return outer == ("soft", "soft") or self.gap == "hard"

    def _ends_sum(self, at: int) -> bool:
        following = self.line.pieces[at + 1 : at + 2]
        is_sum = at > 1 and self.line.pieces[at - 2].kind == "digits"
        kinds = {*_WORDS, "before"} if at + 2 == len(self.line.pieces) else _WORDS
        return is_sum and (not following or following[0].kind in kinds)

    def _after_point(self) -> bool:
        between_digits = self.kind(-2) == self.kind(0) == "digits"
        if self.left.kind == "colon":
            first = self.piece(-2)
            is_year = first is not None and bool(_YEAR.fullmatch(first.text))
            return self.is_written and (is_year or not between_digits)
        if self.left.kind == "stop":
            is_decimal = between_digits or self.number == 1 or self.kind(-2) not in _WORDS
            return self.gap == "hard" or (self.right.kind == "digits" and not is_decimal)
        if not between_digits:
            return bool(self.gap) or is_name(self.right.text)
        first, last = self.piece(-2), self.right.text
        is_thousand = first is not None and len(first.text) <= 3 == len(last)
        if not self.gap:
            is_year = first is not None and len(first.text) <= 2 and len(last) == 4
            return is_year and self.kind(-3) in _WORDS
        if self.gap == "hard" or not is_thousand:
            return True
        return not (
            self.gap == "loose" or self.line.gaps[self.number - 1] or self.kind(-3) == "before"
        )

    def _beside_currency(self) -> bool:
        if self.left.kind == "before":
            return self.gap == "hard" and self.right.kind in _WORDS
        is_amount = self.kind(1) in ("digits", "open", "stop", "operator")
        if self.left.kind in ("digits", "after", "close", "raised"):
            return self.is_written or (is_amount and bool(self.gap))
        return self.gap == "hard" or (self.gap == "soft" and is_name(self.left.text))

    def _between_words(self) -> bool:
        left, right = self.left, self.right
        if left.text == "µ":
            return False
        if right.kind == "unit" and left.kind == "digits":
            return True
        if left.kind == "after" and left.text not in _RATIOS:
            if left.text == "°" and self.kind(-2) == "word" and right.kind == "digits":  # N° 12
                return bool(self.gap)
            return self.gap == "hard" and right.kind in _WORDS and len(right.text) > 1
        if self.gap == "hard" or not self.gap:
            return self.gap == "hard"
        left_is_name, right_is_name = (_is_name(piece) for piece in (left, right))
        if left.kind in _WORDS and right.kind in _WORDS:
            is_solution = left.text in _CONCENTRATIONS and self.kind(-2) == "digits"
            if is_solution and len(right.text) > 1 and is_chemical(right.text):
                return True
            return (left_is_name and right_is_name) or is_acronym(right.text)
        if left.kind in _WORDS:
            is_decimal = len(left.text) > 1 and self.kind(1) == "stop" and self.kind(2) == "digits"
            return left_is_name or is_decimal or left.text[-1] in ".,:;…§¶@"
        if right.kind in _WORDS:
            is_unit_of = (
                left.kind in ("digits", "close") and len(right.text) > 1 and is_unit(right.text)
            )
            is_unit_of |= self._begins_unit()
            is_power = left.kind == "raised" and self.kind(-2) == "digits" and len(right.text) > 2
            is_unit_of |= is_power or is_acronym(right.text)
            return right_is_name or is_unit_of or left.text in _RATIOS or right.text == "…"
        return self.gap == "soft"

    def _begins_unit(self) -> bool:
        """Whether it is the ``k`` of ``kΩ``, or the ``a`` of ``a.m.``."""
        second, third = self.piece(1), self.piece(2)
        if self.left.kind != "digits" or second is None:
            return False
        is_time = second.kind == "stop" and third is not None and third.text == "m"
        return (is_time and self.right.text in ("a", "p")) or (
            second.text == "Ω" and self.right.text in ("k", "M", "m")
        )


def _is_name(piece: Piece) -> bool:
    return piece.kind in ("word", "text") and is_name(piece.text)
