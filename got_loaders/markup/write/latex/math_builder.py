r"""Writes a formula piece by piece and knows what is open in it, so that all of it gets closed.

Knows braces, environments, ``\left`` and what a command still lacks; nothing of tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from got_loaders.markup.parse.trivial_math import strip_math

__all__ = ["MathBuilder", "MathScope", "RepairedMath"]

_WORD = re.compile(r"\\[A-Za-z]+")
_MAX_DEPTH = 40
"""Braces and environments within each other; TeX gives up at 255 groups."""


@dataclass(slots=True)
class MathScope:
    """What has been opened, and what the place in it still lacks."""

    kind: Literal["formula", "group", "environment", "left"]
    name: str = ""
    source_name: str = ""
    """An environment's name as the model wrote it, not as it is written now."""
    is_text: bool = False
    is_single: bool = False
    """Braces around one command and its arguments, which an argument or script needs."""
    is_large: bool = False
    """Braces of a sign or a word that limits may follow."""
    is_infix: bool = False
    r"""Whether it has its ``\over``: a second one, TeX finds ambiguous."""
    is_empty: bool = True
    missing: int = 0
    scripts: set[str] = field(default_factory=set)
    row_starts: bool = True
    cell_starts: bool = True
    column: int = 1
    columns: int = 1
    spec: str = ""
    spec_at: int = 0


@dataclass(frozen=True, slots=True)
class RepairedMath:
    """A formula that LaTeX takes; with ``rows`` or ``cells`` it needs an environment for them."""

    tex: str
    rows: bool = False
    cells: bool = False


class MathBuilder:
    """What has been written of a formula, and what is open in it."""

    def __init__(self, environment: str, display: bool) -> None:
        self.display = display
        self.pieces: list[str] = []
        self.scopes = [MathScope("formula", environment)]
        self.rows = self.cells = False
        """Whether there are any outside all environments."""

    @property
    def top(self) -> MathScope:
        """The innermost scope."""
        return self.scopes[-1]

    @property
    def last(self) -> str:
        """The last command or sign that was written; nothing before the first."""
        return next((piece for piece in reversed(self.pieces) if not piece.isspace()), "")

    @property
    def may_nest(self) -> bool:
        """Whether another scope may be opened."""
        return len(self.scopes) < _MAX_DEPTH

    def add(self, piece: str) -> None:
        """Write a piece; a letter does not become part of the command before it."""
        is_letter = piece[:1].isalpha() or piece[:1] == "@"  # which it is inside packages
        if self.pieces and is_letter and _WORD.fullmatch(self.pieces[-1]):
            self.pieces.append(" ")
        self.pieces.append(piece)

    def add_atom(self, piece: str) -> None:
        """Write what can be an argument or carry scripts."""
        self.close_singles()
        self.top.is_empty = False
        if self.top.missing:
            self.top.missing -= 1
        else:
            self.top.scripts.clear()
        self.top.row_starts = self.top.cell_starts = False
        self.add(piece)

    def close_singles(self) -> None:
        """Close the braces around a command that has all its arguments."""
        while self.top.is_single and not self.top.is_empty and not self.top.missing:
            self.close_scope()

    def open_single(self) -> None:
        r"""Open braces where a command with arguments is one itself: ``x^{\frac{1}{2}}``."""
        self.close_singles()
        if self.top.missing and self.may_nest:
            self.add_atom("{")
            self.scopes.append(MathScope("group", is_single=True))

    def add_space(self, piece: str) -> None:
        """Write a space that shows; none can be an argument."""
        self.close_singles()
        self.fill_arguments()
        self.pieces.append(piece)

    def fill_arguments(self) -> None:
        """Give the last command the arguments that it lacks."""
        if self.top.missing:
            self.pieces.append("{}" * self.top.missing)
            self.top.missing = 0

    def add_star(self) -> None:
        """Write the star that makes another command of the last one."""
        while self.pieces[-1].isspace():
            self.pieces.pop()
        self.pieces[-1] += "*"

    def add_infix(self, name: str) -> None:
        r"""Write an ``\over`` or the like between what stands before it and after it."""
        self.close_singles()
        self.fill_arguments()
        self.top.scripts.clear()
        self.top.is_infix, self.top.is_empty = True, False
        self.add(f"\\{name}")

    def add_script(self, sign: str) -> None:
        """Write ``^``, ``_`` or a prime; a second one of a place gets something to stand on."""
        self.close_singles()
        self.fill_arguments()
        scripts = self.top.scripts
        is_late = "'" in scripts and self.pieces[-1] != "'"
        if "_" in scripts if sign == "_" else "^" in scripts or is_late:
            self.pieces.append("{}")
            scripts.clear()
        scripts.add(sign)
        self.top.missing = int(sign != "'")
        self.pieces.append(sign)

    def close_scope(self) -> None:
        """Close the innermost scope."""
        self.fill_arguments()
        scope = self.scopes.pop()
        if scope.kind == "group":
            self.pieces.append("}")
        elif scope.kind == "left":
            self.pieces.append(r"\right.")
        elif scope.name:
            if scope.name == "array":
                self.pieces[scope.spec_at] = f"{{{scope.spec:c<{scope.columns}}}}"
            elif scope.name == "subarray":  # has one
                self.pieces[scope.spec_at] = f"{{{scope.spec.strip('|')[:1] or 'c'}}}"
            self.pieces.append(f"\\end{{{scope.name}}}")

    def finish(self) -> RepairedMath:
        """The whole formula, everything closed."""
        while len(self.scopes) > 1:
            self.close_scope()
        self.fill_arguments()
        return RepairedMath(strip_math("".join(self.pieces)), self.rows, self.cells)

    def close_group(self) -> bool:
        """Close the innermost braces, if there are any, and what is open in them; whether limits
        may follow."""
        if not any(scope.kind == "group" and not scope.is_single for scope in self.scopes):
            return False
        while self.top.kind != "group" or self.top.is_single:
            self.close_scope()
        is_large = self.top.is_large
        self.close_scope()
        return is_large

    def close_to_left(self) -> bool:
        r"""Whether a ``\right`` has its ``\left``; braces that are open between both end here."""
        self.close_singles()
        inner = next(scope for scope in reversed(self.scopes) if scope.kind != "group")
        while inner.kind == "left" and self.top is not inner:
            self.close_scope()
        return inner.kind == "left"

    def _cell_scope(self) -> MathScope | None:
        """The scope of which a row or a cell may end here."""
        while self.top.is_single:
            self.close_scope()
        scope = next(scope for scope in reversed(self.scopes) if scope.kind != "left")
        if scope.kind in ("group", "environment") and not scope.name:
            return None
        return scope if scope.kind != "formula" or self.display else None

    def end_cell(self) -> None:
        """End a cell, where there are any; else ``&`` is a sign."""
        scope = self._cell_scope()
        if scope is None or scope.name in ("gather", "gathered", "substack", "subarray"):
            self.add_atom(r"\&")
        elif scope.name.endswith("cases") and scope.column > 1:
            self.add_space(r"\quad ")
        else:
            self._write_end(scope, "&")
            scope.column, scope.row_starts = scope.column + 1, False
            scope.columns = max(scope.column, scope.columns)
            self.cells |= scope.kind == "formula"

    def end_row(self) -> bool:
        """End a row, where there are any; whether it is one of the formula itself."""
        scope = self._cell_scope()
        if scope is None:
            self.pieces.append(" ")
            return False
        self._write_end(scope, r"\\")
        scope.column, scope.row_starts = 1, True
        self.rows |= scope.kind == "formula"
        return scope.kind == "formula"

    def _write_end(self, scope: MathScope, sign: str) -> None:
        """Write the end of a cell or a row of ``scope``; what is open in it ends there."""
        while self.top is not scope:
            self.close_scope()
        self.fill_arguments()
        scope.scripts.clear()
        scope.cell_starts, scope.is_infix = True, False
        self.pieces.append(sign)
