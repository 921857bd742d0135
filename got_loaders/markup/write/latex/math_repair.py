r"""Repairs a formula so that LaTeX takes it: braces, ``\left``, environments, scripts.

What the model wrote may be cut off or out of step anywhere. Everything that shows stays; what is
missing is added (``\right.``, ``{}``), what cannot be is made a sign or left out (a stray ``}``,
an ``\end`` of nothing). Commands that act on the machine instead of the page never pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from got_loaders.markup.parse.lexer import Token, tokenize
from got_loaders.markup.parse.trivial_math import strip_math
from got_loaders.markup.write.latex.escape import CJK, latex_text
from got_loaders.markup.write.latex.math_builder import MathBuilder, MathScope, RepairedMath
from got_loaders.markup.write.latex.math_commands import (
    ARGUMENTS,
    DELIMITERS,
    ESCAPED_SIGNS,
    MATRIX_LIKE,
    NAMED_DELIMITERS,
    RULES,
    SPACES,
    TEXT_COMMANDS,
)  # fmt: skip
from got_loaders.markup.write.unsafe_commands import is_unsafe_in_latex

__all__ = ["repair_math"]

_PIECES = re.compile(rf"\s+|{CJK.pattern}+|.", re.DOTALL)
_ESCAPED = {"#": r"\#", "%": r"\%", "$": r"\$"}
_COLUMNS = re.compile(r"[\s|lcr@!*.:\d]*")
_HEIGHT = re.compile(r"(\\\\)\*?\s?\[\s?-?[\d.]+\s?(?:pt|em|ex|mm|cm|in)\s?\]")
_ROOT = re.compile(r"\\sqrt\s?\[([^\[\]{}&\\]{1,20})\]")


def repair_math(tex: str, environment: str = "", *, display: bool = False) -> RepairedMath:
    """A formula on one line that LaTeX takes, without its delimiters or its environment."""
    tex = _ROOT.sub(r"{}^{\1}\\sqrt", _HEIGHT.sub(r"\1", " ".join(tex.split())))
    repair = _Repair(environment, display)
    for token in tokenize(tex):
        repair.take(token)
    return repair.finish()


class _Repair:
    """Takes tokens and writes a formula."""

    def __init__(self, environment: str, display: bool) -> None:
        self._formula = MathBuilder(environment, display)
        self._tagged = False
        self._in_text = False  # the next group is one of text
        self._expects: Callable[[Token], bool] | None = None  # what looks at the next token first

    def take(self, token: Token) -> None:
        """Write the next token, and what must stand before it."""
        if self._expects is not None and self._expects(token):
            return
        match token.kind:
            case "open":
                self._open()
            case "close":
                self._formula.close_group()
            case "cell":
                self._formula.end_cell()
            case "begin":
                self._begin(token.text.rstrip("*"))
            case "end":
                self._end(token.text.rstrip("*"))
            case "command":
                self._command(token.text)
            case "symbol":
                self._symbol(token.text)
            case "smiles":
                self._sign(f"\\text{{{latex_text(token.text)}}}")
            case _:
                for piece in _PIECES.findall(token.text):
                    self._piece(piece)

    def finish(self) -> RepairedMath:
        """The whole formula, everything closed."""
        formula = self._formula
        if self._expects == self._take_delimiter:
            formula.pieces.append(".")
        while len(formula.scopes) > 1:
            formula.close_scope()
        formula.fill_arguments()
        return RepairedMath(strip_math("".join(formula.pieces)), formula.rows, formula.cells)

    def _open(self) -> None:
        formula = self._formula
        if not formula.may_nest:
            return
        is_text = self._in_text or formula.top.is_text
        formula.add_atom("{")
        formula.scopes.append(MathScope("group", is_text=is_text))
        self._in_text = False

    def _begin(self, name: str) -> None:
        formula = self._formula
        if not formula.may_nest or formula.top.is_text:
            return
        formula.open_single()
        inner = MATRIX_LIKE.get(name, "")
        formula.add_atom(f"\\begin{{{inner}}}" if inner else "{}")
        formula.scopes.append(MathScope("environment", inner, name))
        if inner == "array":
            self._expects = self._take_columns_start
            formula.top.spec_at = len(formula.pieces)
            formula.pieces.append("")

    def _end(self, name: str) -> None:
        formula = self._formula
        if any(
            scope.kind == "environment" and scope.source_name == name for scope in formula.scopes
        ):
            while formula.top.kind != "environment" or formula.top.source_name != name:
                formula.close_scope()
            formula.close_scope()

    def _command(self, name: str) -> None:
        formula, top = self._formula, self._formula.top
        if name in ("left", "middle", "right"):
            self._delimiter(name)
        elif name == "label":
            return
        elif is_unsafe_in_latex(name):
            formula.open_single()
            formula.add_atom(f"\\text{{\\textbackslash{{}}{name}}}")
        elif name in ("multicolumn", "multirow") and not (top.name == "array" and top.cell_starts):
            return
        elif name in RULES:
            if top.name == "array" and top.row_starts and name != "cline":
                formula.add(r"\hline ")
        elif top.is_text and name not in TEXT_COMMANDS:
            formula.add("{}" if name in ARGUMENTS else f"\\ensuremath{{\\{name}}}")
        elif name in SPACES:
            formula.add_space(f"\\{name}")
        elif name == "tag":
            self._tag()
        else:
            formula.open_single()
            formula.add_atom(f"\\{name}")
            formula.top.missing += ARGUMENTS.get(name, 0)
            self._in_text = name in TEXT_COMMANDS

    def _tag(self) -> None:
        formula = self._formula
        if formula.display and len(formula.scopes) == 1 and not self._tagged:
            formula.fill_arguments()
            formula.add(r"\tag")
            formula.top.missing, self._in_text, self._tagged = 1, True, True

    def _delimiter(self, name: str) -> None:
        formula, top = self._formula, self._formula.top
        if name == "left":
            if not formula.may_nest or top.is_text:
                return
            formula.open_single()
            formula.add_atom(r"\left")
            formula.scopes.append(MathScope("left"))
        elif not formula.close_to_left():
            return
        else:
            formula.fill_arguments()
            formula.pieces.append(f"\\{name}")
            if name == "right":
                formula.scopes.pop()
        self._expects = self._take_delimiter

    def _take_delimiter(self, token: Token) -> bool:
        """Write a delimiter, or a dot where none comes; whether it took the token."""
        is_plain = token.kind in ("text", "bracket", "unbracket")
        text = token.text.lstrip()
        if is_plain and not text:
            return True
        self._expects = None
        if is_plain and text[0] in DELIMITERS:
            self._formula.pieces.append(text[0])
            for piece in _PIECES.findall(text[1:]):
                self._piece(piece)
            return True
        if token.kind in ("symbol", "command") and token.text in NAMED_DELIMITERS:
            self._formula.pieces.append(f"\\{token.text}")
            return True
        self._formula.pieces.append(".")
        return False

    def _take_columns_start(self, token: Token) -> bool:
        """Take the brace before the columns of an array; whether it took the token."""
        if token.kind == "open":
            self._expects = self._take_columns
            return True
        return (token.kind == "text" and token.text.isspace()) or self._end_columns(token)

    def _take_columns(self, token: Token) -> bool:
        """Take some columns of an array, or the brace after them; whether it took the token."""
        if token.kind != "text" or not _COLUMNS.fullmatch(token.text):
            return self._end_columns(token)
        self._formula.top.spec += "".join(sign for sign in token.text if sign in "lcr|")[:100]
        return True

    def _end_columns(self, token: Token) -> bool:
        self._expects = None
        array = self._formula.top
        array.columns = max(array.columns, sum(map(str.isalpha, array.spec)))
        return token.kind == "close" and array.row_starts

    def _symbol(self, sign: str) -> None:
        if sign == "\\":
            self._tagged &= not self._formula.end_row()
        elif not sign:
            self._formula.add_space(r"\ ")
        elif sign in ",;:!>":
            self._formula.add_space(f"\\{sign}")
        elif sign in ESCAPED_SIGNS:
            self._sign(f"\\{sign}")
        elif sign not in "()[]":
            self._piece(sign)

    def _sign(self, sign: str) -> None:
        """A sign with a backslash, which LaTeX may have made of several."""
        self._formula.close_singles()
        if self._formula.top.is_text and sign == r"\|":
            sign = r"\ensuremath{\|}"
        self._formula.add_atom(f"{{{sign}}}" if self._formula.top.missing else sign)

    def _piece(self, piece: str) -> None:
        formula, top = self._formula, self._formula.top
        if piece.isspace():
            formula.pieces.append(" ")
        elif top.is_text:
            formula.add(latex_text(piece))
        elif piece in ("^", "_", "'"):
            formula.add_script(piece)
        elif piece == "~":
            formula.add_space(piece)
        elif len(piece) > 1 or CJK.match(piece):
            self._sign(f"\\text{{{piece}}}")
        elif piece.isprintable():
            guard = piece in "[*" and top.row_starts and top.kind == "environment"
            if piece in _ESCAPED:
                self._sign(_ESCAPED[piece])
            else:
                formula.add_atom("{}" * guard + piece)
