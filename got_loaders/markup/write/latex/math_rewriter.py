r"""Writes the tokens of a formula so that LaTeX takes them.

What the model wrote may be cut off or out of step anywhere. Everything that shows stays; what is
missing is added (``\right.``, ``{}``), what cannot be is made a sign or left out (a stray ``}``,
an ``\end`` of nothing). A command that is not allowed is shown by its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import got_loaders.markup.write.latex.math_commands as known
from got_loaders.markup.parse.lexer import Token
from got_loaders.markup.write.allowed_commands import COMMANDS, OPERATORS, SIZES
from got_loaders.markup.write.latex.escape import CJK, latex_text, shown_text
from got_loaders.markup.write.latex.math_builder import MathBuilder, MathScope, RepairedMath
from got_loaders.markup.write.latex.math_columns import ColumnReader
from got_loaders.markup.write.latex.math_signs import write_sign

__all__ = ["MathRewriter"]

_PIECES = re.compile(rf"\s+|{CJK.pattern}+|[À-ÖØ-öø-ɏЀ-῿]+|.", re.DOTALL)
_ESCAPED = {"#": r"\#", "%": r"\%", "$": r"\$"}


class MathRewriter:
    """Takes tokens and writes a formula."""

    def __init__(self, environment: str, display: bool) -> None:
        self.formula = MathBuilder(environment, display)
        self._tagged = False
        self._in_text = False  # the next group is one of text
        self._is_large = False  # limits may follow what was written last
        self._columns = ColumnReader(self.formula.top)
        self._expects: Callable[[Token], bool] | None = None  # what looks at the next token first

    def take(self, token: Token) -> None:
        """Write the next token, and what must stand before it."""
        if self._expects is not None and self._expects(token):
            return
        is_large, self._is_large = self._is_large, False
        match token.kind:
            case "open":
                self._open()
            case "close":
                self._is_large = self.formula.close_group()
            case "cell":
                self.formula.end_cell()
            case "begin":
                self._begin(token.text.rstrip("*"))
            case "end":
                self._end(token.text.rstrip("*"))
            case "command" if token.text in ("limits", "nolimits"):
                if is_large and not self.formula.top.is_text:
                    self.formula.add(f"\\{token.text}")
            case "command":
                self._command(known.ALIASES.get(token.text, token.text))
            case "symbol":
                self._symbol(token.text)
            case "smiles":
                self._sign(f"\\text{{{latex_text(token.text)}}}")
            case _:
                self._is_large = is_large and token.text.isspace()
                for piece in _PIECES.findall(token.text):
                    self._piece(piece)

    def finish(self) -> RepairedMath:
        """The whole formula, everything closed."""
        self.end_delimiter()
        return self.formula.finish()

    def end_delimiter(self) -> None:
        """Write a dot where a delimiter should come and something else does."""
        if self._expects == self._take_delimiter:
            self.formula.pieces.append(".")
            self._expects = None

    def _open(self) -> None:
        formula = self.formula
        if not formula.may_nest:
            return
        is_text = self._in_text or formula.top.is_text
        is_large = formula.last in known.LARGE
        rows = "substack" if formula.last == r"\substack" else ""
        formula.add_atom("{")
        formula.scopes.append(MathScope("group", rows, is_text=is_text, is_large=is_large))
        self._in_text = False

    def _begin(self, name: str) -> None:
        formula = self.formula
        if not formula.may_nest or formula.top.is_text:
            return
        formula.open_single()
        inner = known.MATRIX_LIKE.get(name, "")
        formula.add_atom(f"\\begin{{{inner}}}" if inner else "{}")
        formula.scopes.append(MathScope("environment", inner, name))
        if inner in known.WITH_COLUMNS:
            self._columns = ColumnReader(formula.top)
            self._expects = self._take_columns
            formula.top.spec_at = len(formula.pieces)
            formula.pieces.append("")

    def _end(self, name: str) -> None:
        formula = self.formula
        if any(
            scope.kind == "environment" and scope.source_name == name for scope in formula.scopes
        ):
            while formula.top.kind != "environment" or formula.top.source_name != name:
                formula.close_scope()
            formula.close_scope()

    def add_command(self, piece: str, arguments: int) -> None:
        """Write a command with its option, of which ``arguments`` are to come."""
        formula = self.formula
        if formula.top.is_text:
            return
        formula.open_single()
        formula.add_atom(piece)
        formula.top.missing += arguments

    def add_span(self, piece: str, columns: int) -> None:
        r"""Write a ``\multicolumn`` where it may stand: at the start of an array's cell."""
        array = self.formula.top
        if array.name == "array" and array.cell_starts:
            array.column += columns - 1
            array.columns = max(array.column, array.columns)
            self.add_command(piece, 1)

    def _command(self, name: str) -> None:
        formula, top = self.formula, self.formula.top
        if name in ("left", "middle", "right"):
            self._delimiter(name)
        elif name not in COMMANDS or (name in known.INFIX and (top.is_text or top.is_infix)):
            formula.open_single()
            formula.add_atom(f"\\text{{\\textbackslash{{}}{name}}}")
        elif name in ("multicolumn", "multirow"):
            return  # its arguments are not such as it needs
        elif name in known.RULES:
            if top.name == "array" and top.row_starts and name not in ("cline", "hdashline"):
                formula.add(r"\hline ")
        elif name in ("cr", "newline"):
            self._symbol("\\")
        elif name in known.INFIX:
            formula.add_infix(name)
        elif top.is_text and name not in known.TEXT_COMMANDS:
            is_part = name in known.ARGUMENTS or name in SIZES
            formula.add("{}" if is_part else f"\\ensuremath{{\\{name}}}")
        elif name in known.SPACES:
            formula.add_space(f"\\{name}")
        elif name == "tag":
            self._tag()
        else:
            formula.open_single()
            formula.add_atom(f"\\{name}")
            formula.top.missing += known.ARGUMENTS.get(name, 0)
            self._in_text, self._is_large = name in known.TEXT_COMMANDS, name in OPERATORS
            self._expects = self._take_delimiter if name in SIZES else None

    def _tag(self) -> None:
        formula = self.formula
        if formula.display and len(formula.scopes) == 1 and not self._tagged:
            formula.fill_arguments()
            formula.add(r"\tag")
            formula.top.missing, self._in_text, self._tagged = 1, True, True

    def _delimiter(self, name: str) -> None:
        formula, top = self.formula, self.formula.top
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
        if is_plain and text[0] in known.DELIMITERS:
            self.formula.pieces.append(text[0])
            for piece in _PIECES.findall(text[1:]):
                self._piece(piece)
            return True
        if token.kind in ("symbol", "command") and token.text in known.NAMED_DELIMITERS:
            self.formula.pieces.append(f"\\{token.text}")
            return True
        self.formula.pieces.append(".")
        return False

    def _take_columns(self, token: Token) -> bool:
        """Take columns of an array; whether the token was of these."""
        taken = self._columns.take(token)
        if self._columns.is_done:
            self._expects = None
        return taken

    def _symbol(self, sign: str) -> None:
        if sign == "\\":
            self._tagged &= not self.formula.end_row()
        elif not sign:
            self.formula.add_space(r"\ ")
        elif sign in ",;:!>":
            self.formula.add_space(f"\\{sign}")
        elif sign in known.ESCAPED_SIGNS:
            self._sign(f"\\{sign}")
        elif sign not in "()[]":
            self._piece(sign)

    def _sign(self, sign: str) -> None:
        """A sign with a backslash, which LaTeX may have made of several."""
        self.formula.close_singles()
        if self.formula.top.is_text and sign == r"\|":
            sign = r"\ensuremath{\|}"
        self.formula.add_atom(f"{{{sign}}}" if self.formula.top.missing else sign)

    def _piece(self, piece: str) -> None:
        formula, top = self.formula, self.formula.top
        if piece.isspace():
            formula.pieces.append(" ")
        elif top.is_text:
            formula.add(shown_text(piece))
        elif piece in ("^", "_", "'"):
            formula.add_script(piece)
        elif piece == "~":
            formula.add_space(piece)
        elif not piece.isascii():
            write_sign(formula, piece)
        elif piece == "*" and formula.last in (r"\operatorname", r"\tag"):
            formula.add_star()
        elif piece == "[" and top.missing and formula.last[:1] == "\\":
            self._sign(piece)
        elif piece.isprintable():
            guard = piece in "[*" and top.row_starts and (top.kind == "environment" or top.name)
            if piece in _ESCAPED:
                self._sign(_ESCAPED[piece])
            else:
                formula.add_atom(f"{{}}{piece}" if guard else piece)
