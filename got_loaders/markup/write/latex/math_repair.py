r"""Repairs a formula so that LaTeX takes it: braces, ``\left``, environments, scripts.

What the model wrote may be cut off or out of step anywhere. Everything that shows stays; what is
missing is added (``\right.``, ``{}``), what cannot be is made a sign or left out (a stray ``}``,
an ``\end`` of nothing). Commands that act on the machine instead of the page never pass.
"""

from __future__ import annotations

import re

from got_loaders.markup.parse.lexer import Token, tokenize
from got_loaders.markup.parse.trivial_math import strip_math
from got_loaders.markup.write.latex.escape import escape_latex
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
    is_forbidden,
)  # fmt: skip

__all__ = ["repair_math"]

_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_PIECES = re.compile(rf"\s+|{_WIDE.pattern}+|.", re.DOTALL)
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
    return repair.done()


class _Repair:
    """Takes tokens and writes a formula."""

    def __init__(self, environment: str, display: bool) -> None:
        self._formula = MathBuilder(environment, display)
        self._tagged = False
        self._in_text = False  # the next group is one of text
        self._delimits = False  # a delimiter comes next
        self._array: MathScope | None = None  # the array whose columns come next
        self._in_columns = False

    def take(self, token: Token) -> None:
        """Write the next token, and what must stand before it."""
        if self._array is not None and self._take_columns(self._array, token):
            return
        if self._delimits and self._take_delimiter(token):
            return
        match token.kind:
            case "open":
                self._open()
            case "close":
                self._formula.close()
            case "cell":
                self._formula.cell()
            case "begin":
                self._begin(token.text.rstrip("*"))
            case "end":
                self._end(token.text.rstrip("*"))
            case "command":
                self._command(token.text)
            case "symbol":
                self._symbol(token.text)
            case "smiles":
                self._sign(f"\\text{{{escape_latex(token.text)}}}")
            case _:
                for piece in _PIECES.findall(token.text):
                    self._piece(piece)

    def done(self) -> RepairedMath:
        """The whole formula, everything closed."""
        formula = self._formula
        if self._delimits:
            formula.out.append(".")
        while len(formula.scopes) > 1:
            formula.leave()
        formula.complete()
        return RepairedMath(strip_math("".join(formula.out)), formula.rows, formula.cells)

    def _open(self) -> None:
        formula = self._formula
        if not formula.may_nest:
            return
        is_text = self._in_text or formula.top.is_text
        formula.atom("{")
        formula.scopes.append(MathScope("group", is_text=is_text))
        self._in_text = False

    def _begin(self, name: str) -> None:
        formula = self._formula
        if not formula.may_nest or formula.top.is_text:
            return
        formula.open_single()
        inner = MATRIX_LIKE.get(name, "")
        formula.atom(f"\\begin{{{inner}}}" if inner else "{}")
        formula.scopes.append(MathScope("environment", inner, name))
        if inner == "array":
            self._array, self._in_columns = formula.top, False
            formula.top.spec_at = len(formula.out)
            formula.out.append("")

    def _end(self, name: str) -> None:
        formula = self._formula
        if any(scope.kind == "environment" and scope.read == name for scope in formula.scopes):
            while formula.top.kind != "environment" or formula.top.read != name:
                formula.leave()
            formula.leave()

    def _command(self, name: str) -> None:
        formula, top = self._formula, self._formula.top
        if name in ("left", "middle", "right"):
            self._delimiter(name)
        elif name == "label":
            return
        elif is_forbidden(name):
            formula.open_single()
            formula.atom(f"\\text{{\\textbackslash{{}}{name}}}")
        elif name in ("multicolumn", "multirow") and not (top.name == "array" and top.cell_starts):
            return
        elif name in RULES:
            if top.name == "array" and top.row_starts and name != "cline":
                formula.emit(r"\hline ")
        elif top.is_text and name not in TEXT_COMMANDS:
            formula.emit("{}" if name in ARGUMENTS else f"\\ensuremath{{\\{name}}}")
        elif name in SPACES:
            formula.space(f"\\{name}")
        elif name == "tag":
            self._tag()
        else:
            formula.open_single()
            formula.atom(f"\\{name}")
            formula.top.missing += ARGUMENTS.get(name, 0)
            self._in_text = name in TEXT_COMMANDS

    def _tag(self) -> None:
        formula = self._formula
        if formula.display and len(formula.scopes) == 1 and not self._tagged:
            formula.complete()
            formula.emit(r"\tag")
            formula.top.missing, self._in_text, self._tagged = 1, True, True

    def _delimiter(self, name: str) -> None:
        formula, top = self._formula, self._formula.top
        if name == "left":
            if not formula.may_nest or top.is_text:
                return
            formula.open_single()
            formula.atom(r"\left")
            formula.scopes.append(MathScope("left"))
        elif not formula.closes_left():
            return
        else:
            formula.complete()
            formula.out.append(f"\\{name}")
            if name == "right":
                formula.scopes.pop()
        self._delimits = True

    def _take_delimiter(self, token: Token) -> bool:
        """Write a delimiter, or a dot where none comes; whether it took the token."""
        is_plain = token.kind in ("text", "bracket", "unbracket")
        text = token.text.lstrip()
        if is_plain and not text:
            return True
        self._delimits = False
        if is_plain and text[0] in DELIMITERS:
            self._formula.out.append(text[0])
            for piece in _PIECES.findall(text[1:]):
                self._piece(piece)
            return True
        if token.kind in ("symbol", "command") and token.text in NAMED_DELIMITERS:
            self._formula.out.append(f"\\{token.text}")
            return True
        self._formula.out.append(".")
        return False

    def _take_columns(self, array: MathScope, token: Token) -> bool:
        """Take the columns of an array; whether the token was of them."""
        if not self._in_columns:
            if token.kind == "text" and token.text.isspace():
                return True
            self._in_columns = token.kind == "open"
        elif token.kind == "text" and _COLUMNS.fullmatch(token.text):
            array.spec += "".join(sign for sign in token.text if sign in "lcr|")[:100]
            return True
        else:
            self._in_columns = False
        if self._in_columns:
            return True
        self._array = None
        array.columns = max(array.columns, sum(map(str.isalpha, array.spec)))
        return token.kind == "close" and array.row_starts

    def _symbol(self, sign: str) -> None:
        if sign == "\\":
            self._tagged &= not self._formula.row()
        elif not sign:
            self._formula.space(r"\ ")
        elif sign in ",;:!>":
            self._formula.space(f"\\{sign}")
        elif sign in ESCAPED_SIGNS:
            self._sign(f"\\{sign}")
        elif sign not in "()[]":
            self._piece(sign)

    def _sign(self, sign: str) -> None:
        """A sign with a backslash, which LaTeX may have made of several."""
        self._formula.settle()
        if self._formula.top.is_text and sign == r"\|":
            sign = r"\ensuremath{\|}"
        self._formula.atom(f"{{{sign}}}" if self._formula.top.missing else sign)

    def _piece(self, piece: str) -> None:
        formula, top = self._formula, self._formula.top
        if piece.isspace():
            formula.out.append(" ")
        elif top.is_text:
            formula.emit(escape_latex(piece))
        elif piece in ("^", "_"):
            formula.script(piece)
        elif piece == "~":
            formula.space(piece)
        elif piece == "'":
            formula.prime()
        elif len(piece) > 1 or _WIDE.match(piece):
            self._sign(f"\\text{{{piece}}}")
        elif piece.isprintable():
            guard = piece in "[*" and top.row_starts and top.kind == "environment"
            if piece in _ESCAPED:
                self._sign(_ESCAPED[piece])
            else:
                formula.atom("{}" * guard + piece)
