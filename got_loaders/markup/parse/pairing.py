r"""Finds what belongs together in a reading: braces, brackets, formulas, environments.

One pass for each kind, whatever the reading is; what matches nothing is text for the parser.
Knows the names of environments, but writes nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from got_loaders.markup.parse.dollar_formulas import BEFORE_CHARS, MAX_CHARS, is_dollar_formula
from got_loaders.markup.parse.latex_commands import (
    FLOATS,
    HEADINGS,
    LISTS,
    MATH_ENVIRONMENTS,
    PASS_THROUGH,
    TABLES,
    VERBATIM,
)
from got_loaders.markup.parse.lexer import Token
from got_loaders.markup.parse.text_in_formulas import text_braces

__all__ = ["PairedTokens", "pair_tokens"]

_OPEN_ENDED = {*LISTS, *TABLES, *PASS_THROUGH, *FLOATS, "abstract", "tikzpicture"}
"""Environments that may lack their end: GOT-OCR2 leaves tables open, and readings are cut off."""
_STRUCTURE = {*LISTS, *TABLES, *FLOATS, "abstract"} - {"array"}
"""Environments for whose sake one that is not known is read inside."""


@dataclass(slots=True)
class PairedTokens:
    """A reading's tokens, and for each the position of its match; 0 where it has none.

    The match of a ``begin`` is where its content ends: at its own ``end`` if it is in
    ``closed``, else before another token or after the last.
    """

    text: str
    tokens: list[Token]
    match: list[int]
    closed: set[int] = field(default_factory=set)
    structure: list[int] = field(default_factory=list)
    """Where headings, tables, lists and floats begin, in order."""
    leftover: set[int] = field(default_factory=set)
    r"""Each ``\end`` that comes too late: what it would end was there, and has ended."""

    def slice(self, low: int, high: int) -> str:
        """What the model wrote from one token up to another."""
        if low >= high:
            return ""
        return self.text[self.tokens[low].start : self.tokens[high - 1].end]

    def holds_structure(self, low: int, high: int) -> bool:
        """Whether a heading, a table, a list or a float begins there."""
        following = bisect_left(self.structure, low)
        return following < len(self.structure) and self.structure[following] < high

    def after(self, position: int, high: int) -> int:
        """The token after the one at ``position`` and all that belongs to it, below ``high``."""
        match = self.match[position]
        if not match or self.tokens[position].kind == "bracket":
            return position + 1
        if self.tokens[position].kind == "begin":
            return min(high, match + (position in self.closed))
        return match + 1 if match < high else position + 1


def pair_tokens(text: str, tokens: list[Token]) -> PairedTokens:
    """Find the matches of a reading's tokens."""
    paired = PairedTokens(text, tokens, [0] * len(tokens))
    _pair_verbatim(paired)
    _pair_formulas(paired)
    _pair_dollars(paired)
    _pair_groups(paired)
    _pair_environments(paired)
    return paired


def _pair_verbatim(paired: PairedTokens) -> None:
    """Environments in which nothing means anything but their end."""
    opened: tuple[int, str] | None = None
    for position, token in enumerate(paired.tokens):
        if token.kind == "begin" and opened is None and token.text.rstrip("*") in VERBATIM:
            opened = position, token.text
        elif token.kind == "end" and opened is not None and token.text == opened[1]:
            paired.match[opened[0]] = position
            paired.closed.add(opened[0])
            opened = None


def _pair_formulas(paired: PairedTokens) -> None:
    r"""``\(`` with ``\)``, ``\[`` with ``\]``, a formula's environment with its end.

    The next of the marks after an opening one closes it or nothing does.
    """
    opened: tuple[int, str] | None = None
    environment: tuple[int, str] | None = None
    position = 0
    while position < len(paired.tokens):
        token = paired.tokens[position]
        if token.kind == "symbol" and token.text in ("(", "["):
            opened = position, token.text
        elif token.kind == "symbol" and token.text in (")", "]"):
            if opened is not None and opened[1] + token.text in ("()", "[]"):
                paired.match[opened[0]] = position
            opened = None
        elif token.kind == "begin" and token.text.rstrip("*") in MATH_ENVIRONMENTS:
            environment = position, token.text
        elif token.kind == "end" and environment is not None and token.text == environment[1]:
            paired.match[environment[0]] = position
            paired.closed.add(environment[0])
            environment = None
        position = paired.match[position] or position + 1


def _pair_dollars(paired: PairedTokens) -> None:
    """``$x$`` and ``$$x$$``, where they are a formula and no prices, in one cell or paragraph."""
    opened: tuple[int, str] | None = None
    depth = 0  # of environments since the dollar
    texts = text_braces(paired.tokens) if "$" in paired.text else {}
    outside: dict[int, tuple[tuple[int, str], int]] = {}  # by where a text in a formula ends
    for position in _outside(paired):
        token = paired.tokens[position]
        if position in texts and opened is not None:
            outside[texts[position]] = opened, depth
            opened = None
        elif position in outside:
            opened, depth = outside[position]
        elif token.kind == "dollar":
            if opened is not None and _is_formula(paired, opened[0], position):
                paired.match[opened[0]] = position
                opened = None
            else:
                opened, depth = (position, token.text), 0
        elif token.kind in ("begin", "end"):
            depth += 1 if token.kind == "begin" else -1
        elif token.kind == "cell" or token[:2] == ("symbol", "\\"):
            opened = opened if depth > 0 else None


def _is_formula(paired: PairedTokens, opening: int, closing: int) -> bool:
    first, last = paired.tokens[opening], paired.tokens[closing]
    if first.text != last.text or last.start - first.end > MAX_CHARS:
        return False
    is_apart = opening > 0 and paired.tokens[opening - 1].kind == "command"
    return is_dollar_formula(
        "" if is_apart else paired.text[max(0, first.start - BEFORE_CHARS) : first.start],
        paired.text[first.end : last.start],
        paired.text[last.end : last.end + 1],
        display=first.text == "$$",
    )


def _pair_groups(paired: PairedTokens) -> None:
    """Braces by nesting; a square bracket with the next closing one, unless another opens."""
    opened: list[int] = []
    bracket: int | None = None
    for position in _outside(paired):
        match paired.tokens[position].kind:
            case "open":
                opened.append(position)
            case "close" if opened:
                paired.match[opened.pop()] = position
            case "bracket":
                bracket = position
            case "unbracket" if bracket is not None:
                paired.match[bracket] = position
                bracket = None


def _pair_environments(paired: PairedTokens) -> None:
    r"""An ``\end`` closes the innermost environment of its name, and those left open in it.

    What is never closed reaches to the next heading or to the end, if it may at all.
    """
    headings: list[int] = []
    for position, token in enumerate(paired.tokens):
        if token.kind == "command" and token.text in HEADINGS:
            headings.append(position)
            paired.structure.append(position)
        elif token.kind == "begin" and token.text.rstrip("*") in _STRUCTURE:
            paired.structure.append(position)
    opened: list[int] = []
    names: Counter[str] = Counter()
    begun: set[str] = set()
    for position in _outside(paired):
        token = paired.tokens[position]
        if token.kind == "begin" and not paired.match[position]:
            opened.append(position)
            names[token.text] += 1
            begun.add(token.text if token.text.rstrip("*") in _OPEN_ENDED else "")
        elif token.kind == "end" and token.text in begun and not names[token.text]:
            paired.leftover.add(position)
        while token.kind == "end" and names[token.text]:
            last = opened.pop()
            names[paired.tokens[last].text] -= 1
            if paired.tokens[last].text == token.text:
                paired.match[last] = position
                paired.closed.add(last)
                break
            _leave_open(paired, last, position, headings)
    for position in opened:
        _leave_open(paired, position, len(paired.tokens), headings)


def _leave_open(paired: PairedTokens, position: int, end: int, headings: list[int]) -> None:
    if paired.tokens[position].text.rstrip("*") in _OPEN_ENDED:
        following = bisect_left(headings, position)
        until = headings[following] if following < len(headings) else end
        paired.match[position] = min(end, until)


def _outside(paired: PairedTokens) -> Iterator[int]:
    """The positions outside formulas and verbatim text; of those, their first."""
    position = 0
    while position < len(paired.tokens):
        yield position
        inner = paired.tokens[position].kind in ("symbol", "dollar", "begin")
        position = (paired.match[position] if inner else 0) or position + 1
