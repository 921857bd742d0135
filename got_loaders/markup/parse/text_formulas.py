r"""Formulas that are text: numbers, amounts, dates, units, words in ``\text``.

Half of what Mathpix writes as a formula is such: ``\( 16 \% \)``, ``\( \mathbf{2 0 2 1} \)``. A
search for ``16%`` does not find ``$16 \%$``, so they become what was printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.formula_idioms import (
    names_function,
    read_idioms,
    reckons_with_letters,
)
from got_loaders.markup.parse.formula_pieces import Piece, scan_formula
from got_loaders.markup.parse.formula_signs import FormulaStyle
from got_loaders.markup.parse.formula_spacing import SpacedPieces, space_pieces

__all__ = ["FormulaText", "display_block", "text_of_formula"]

_MAX_CHARS = 2000
"""Characters; a longer formula is one."""
_ROWS = re.compile(
    r"""
    \\begin\s*\{\s*(?P<name>array|tabular|gathered|aligned|split)\s*\}\s*(?:\[\s*[tcb]\s*\])?\s*
    (?P<columns>\{(?:[^{}]|\{[^{}]*\})*\})?
    (?P<rows>.*)
    \\end\s*\{\s*(?P=name)\s*\}
    """,
    re.VERBOSE | re.DOTALL,
)
_RULES = re.compile(r"\\(?:hline|toprule|midrule|bottomrule)(?![A-Za-z])")
_ROW_END = re.compile(r"(\\\\(?:\s*\[[^\]]{0,20}\])?)|(\\.)", re.DOTALL)
_NOT_APART = {"after", "close", "comma", "stop", "raised"}
_UNITS = {"digits", "raised", "after", "unit"}
_MOLECULES = {"H₂", "N₂", "O₂", "O₃", "F₂", "P₄", "S₈", "I₂", "Cl₂", "Br₂"}
_NODES: dict[FormulaStyle, type[nodes.Bold | nodes.Italic | nodes.Underline]] = {
    "italic": nodes.Italic, "bold": nodes.Bold, "underline": nodes.Underline,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormulaText:
    """What a formula says that is none, and on which sides it has a blank where it touches."""

    content: nodes.Inlines
    blank_before: bool = False
    blank_after: bool = False


def text_of_formula(tex: str, *, display: bool = False) -> FormulaText | None:
    """The text that a formula is; None for a real one.

    One that stands alone (``display``) and calculates or compares is real, whatever with.
    """
    tex = tex.strip()
    if not tex or len(tex) > _MAX_CHARS:
        return None
    if (rows := _ROWS.fullmatch(tex)) is None:
        return _one_line(tex, display=display)
    if rows["columns"] is None and rows["name"] in ("array", "tabular"):
        return None
    content: list[nodes.Inline] = []
    for row in _split_rows(rows["rows"]):
        cells = [cell for cell in row.split("&") if cell.strip()] if r"\&" not in row else [row]
        line = _line(cells[0], display=display) if len(cells) == 1 else None
        if line is None:
            return None
        content.extend([nodes.LineBreak()] if content else [])
        content.extend(_inlines(line))
    return FormulaText(tuple(content)) if content else None


def display_block(tex: str, environment: str = "") -> nodes.Block:
    """The block of a formula that stands alone: a paragraph where it is text."""
    said = None if environment else text_of_formula(tex, display=True)
    return nodes.Paragraph(said.content) if said else nodes.DisplayMath(tex, environment)


def _one_line(tex: str, *, display: bool) -> FormulaText | None:
    if (line := _line(tex, display=display)) is None:
        return None
    if not line.pieces:
        return None if display else FormulaText((nodes.Text(" "),))
    starts = line.gaps[0] == "hard" and line.pieces[0].kind not in _NOT_APART
    return FormulaText(_inlines(line), starts, line.gaps[-1] == "hard")


def _split_rows(body: str) -> list[str]:
    """The rows that are not empty, without rules."""
    marked = _ROW_END.sub(lambda match: "\0" if match[1] else match[2], _RULES.sub("", body))
    return [row for row in marked.split("\0") if row.strip()]


def _line(tex: str, *, display: bool) -> SpacedPieces | None:
    pieces = scan_formula(tex.strip())
    if pieces is None:
        return None
    line = read_idioms(space_pieces(pieces))
    return line if _is_text(line.pieces, display) else None


def _is_text(pieces: Sequence[Piece], display: bool) -> bool:
    """Whether upright letters are units and words, not variables that are reckoned with."""
    if names_function(pieces) or reckons_with_letters(pieces):
        return False
    kinds = {piece.kind for piece in pieces}
    lone = [
        number for number, piece in enumerate(pieces)
        if piece.kind == "word" and len(piece.text) == 1 and piece.text.isalpha()
        and not (number and _follows_number(pieces, number))
    ]  # fmt: skip
    shown = "".join(piece.text for piece in pieces)
    if re.fullmatch("[A-Z][a-z]?[₀-₉]+", shown):
        return shown in _MOLECULES
    if not lone:
        return not (display and kinds & {"operator", "relation", "tight"} and len(pieces) > 1)
    is_hyphened = any(piece.kind == "word" and len(piece.text) > 1 for piece in pieces)
    signs = {p.text for p in pieces if p.kind in ("operator", "relation")}
    return not display and not (signs - {"-"} or (signs and not is_hyphened))


def _follows_number(pieces: Sequence[Piece], number: int) -> bool:
    before = pieces[number - 1]
    if before.text in ("/", "·") and number > 1:
        before = pieces[number - 2]
        return before.kind in _UNITS or before.kind == "word"
    if before.kind == "raised" and number == 1:
        return False  # the mark of a note
    return before.kind in _UNITS or (before.kind == "word" and number > 1)


def _inlines(line: SpacedPieces) -> nodes.Inlines:
    """A line in which all between two blanks looks alike, so that a number stays in one piece."""
    words: list[list[Piece]] = []
    for number, piece in enumerate(line.pieces):
        if number == 0 or line.has_blank(number):
            words.append([])
        words[-1].append(piece)
    styled = [
        ("".join(piece.text for piece in word), frozenset().union(*(p.styles for p in word)))
        for word in words
    ]
    content: list[nodes.Inline] = []
    for styles, group in groupby(styled, key=lambda word: word[1]):
        text = " ".join(word for word, _ in group)
        content.extend([nodes.Text(" ")] if content else [])
        inline: nodes.Inline = nodes.Text(text)
        for style in (style for style in _NODES if style in styles):
            inline = _NODES[style]((inline,))
        content.append(inline)
    return tuple(content)
