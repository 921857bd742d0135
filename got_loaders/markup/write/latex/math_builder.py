r"""Writes a formula piece by piece and knows what is open in it, so that all of it gets closed.

Knows braces, environments, ``\left`` and what a command still lacks; nothing of tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["MathBuilder", "MathScope", "RepairedMath"]

_WORD = re.compile(r"\\[A-Za-z]+")
_DEEPEST = 40
"""Braces and environments within each other; TeX gives up at 255 groups."""


@dataclass(slots=True)
class MathScope:
    """What has been opened, and what the place in it still lacks."""

    kind: Literal["formula", "group", "environment", "left"]
    name: str = ""
    read: str = ""
    """An environment's name as the model wrote it, not as it is written now."""
    is_text: bool = False
    is_single: bool = False
    """Braces around one command and its arguments, which an argument or script needs."""
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
        self.out: list[str] = []
        self.scopes = [MathScope("formula", environment)]
        self.rows = self.cells = False
        """Whether there are any outside all environments."""

    @property
    def top(self) -> MathScope:
        """The innermost scope."""
        return self.scopes[-1]

    @property
    def may_nest(self) -> bool:
        """Whether another scope may be opened."""
        return len(self.scopes) < _DEEPEST

    def emit(self, piece: str) -> None:
        """Write a piece; a letter does not become part of the command before it."""
        if self.out and piece[:1].isalpha() and _WORD.fullmatch(self.out[-1]):
            self.out.append(" ")
        self.out.append(piece)

    def atom(self, piece: str) -> None:
        """Write what can be an argument or carry scripts."""
        self.settle()
        self.top.is_empty = False
        if self.top.missing:
            self.top.missing -= 1
        else:
            self.top.scripts.clear()
        self.top.row_starts = self.top.cell_starts = False
        self.emit(piece)

    def settle(self) -> None:
        """Close the braces around a command that has all its arguments."""
        while self.top.is_single and not self.top.is_empty and not self.top.missing:
            self.leave()

    def open_single(self) -> None:
        r"""Open braces where a command with arguments is one itself: ``x^{\frac{1}{2}}``."""
        self.settle()
        if self.top.missing and self.may_nest:
            self.atom("{")
            self.scopes.append(MathScope("group", is_single=True))

    def space(self, piece: str) -> None:
        """Write a space that shows; none can be an argument."""
        self.settle()
        self.complete()
        self.out.append(piece)

    def complete(self) -> None:
        """Give the last command the arguments that it lacks."""
        if self.top.missing:
            self.out.append("{}" * self.top.missing)
            self.top.missing = 0

    def script(self, sign: str) -> None:
        """Write ``^`` or ``_``; a second one of a kind gets something to stand on."""
        self.settle()
        self.complete()
        is_late = sign == "^" and "'" in self.top.scripts and self.out[-1] != "'"
        if sign in self.top.scripts or is_late:
            self.out.append("{}")
            self.top.scripts.clear()
        self.top.scripts.add(sign)
        self.top.missing = 1
        self.out.append(sign)

    def prime(self) -> None:
        """Write a prime, which is a script above, too."""
        self.settle()
        self.complete()
        is_late = "'" in self.top.scripts and self.out[-1] != "'"
        if "^" in self.top.scripts or is_late:
            self.out.append("{}")
            self.top.scripts.clear()
        self.top.scripts.add("'")
        self.out.append("'")

    def leave(self) -> None:
        """Close the innermost scope."""
        self.complete()
        scope = self.scopes.pop()
        if scope.kind == "group":
            self.out.append("}")
        elif scope.kind == "left":
            self.out.append(r"\right.")
        elif scope.name:
            if scope.name == "array":
                self.out[scope.spec_at] = f"{{{scope.spec:c<{scope.columns}}}}"
            self.out.append(f"\\end{{{scope.name}}}")

    def close(self) -> None:
        """Close the innermost braces, if there are any, and what is open in them."""
        if not any(scope.kind == "group" and not scope.is_single for scope in self.scopes):
            return
        while self.top.kind != "group" or self.top.is_single:
            self.leave()
        self.leave()

    def closes_left(self) -> bool:
        r"""Whether a ``\right`` has its ``\left``; braces that are open between both end here."""
        self.settle()
        inner = next(scope for scope in reversed(self.scopes) if scope.kind != "group")
        while inner.kind == "left" and self.top is not inner:
            self.leave()
        return inner.kind == "left"

    def _celled(self) -> MathScope | None:
        """The scope of which a row or a cell may end here."""
        while self.top.is_single:
            self.leave()
        scope = next(scope for scope in reversed(self.scopes) if scope.kind != "left")
        if scope.kind == "group" or (scope.kind == "environment" and not scope.name):
            return None
        return scope if scope.kind == "environment" or self.display else None

    def cell(self) -> None:
        """End a cell, where there are any; else ``&`` is a sign."""
        scope = self._celled()
        if scope is None or scope.name in ("gather", "gathered"):
            self.atom(r"\&")
        elif scope.name == "cases" and scope.column > 1:
            self.space(r"\quad ")
        else:
            self._end_cell(scope, "&")
            scope.column += 1
            scope.columns = max(scope.column, scope.columns)
            self.cells |= scope.kind == "formula"

    def row(self) -> bool:
        """End a row, where there are any; whether it is one of the formula itself."""
        scope = self._celled()
        if scope is None:
            self.out.append(" ")
            return False
        self._end_cell(scope, r"\\")
        scope.column, scope.row_starts = 1, True
        self.rows |= scope.kind == "formula"
        return scope.kind == "formula"

    def _end_cell(self, scope: MathScope, sign: str) -> None:
        """Write the end of a cell or a row of ``scope``; what is open in it ends there."""
        while self.top is not scope:
            self.leave()
        self.complete()
        scope.scripts.clear()
        scope.cell_starts = True
        self.out.append(sign)
