r"""Reads ranges of tokens: what the commands' and environments' modules ask of the parser.

Arguments may stand apart (``\multirow{2}{*} {}``), and any of them may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from got_loaders.markup.nodes import Block, Inlines, Paragraph, Text
from got_loaders.markup.parse.block_builder import flatten
from got_loaders.markup.parse.pairing import PairedTokens

__all__ = ["DEEPEST", "Argument", "TokenCursor"]

_LAYOUT = re.compile(r"(?:[^&\n\\{}]|\\[A-Za-z]+)*")
_MOST_TOKENS = 20
DEEPEST = 20
"""Groups and environments within each other; what is deeper stays as text. Readings of pages
have fewer than ten."""


@dataclass(frozen=True, slots=True)
class Argument:
    """The tokens of an argument, and where the next token is."""

    low: int
    high: int
    after: int


@dataclass(frozen=True, slots=True)
class TokenCursor:
    """A source, the parser to read its ranges with, and how deep the ranges are by now."""

    source: PairedTokens
    parse: Callable[[TokenCursor, int, int], tuple[Block, ...]]
    depth: int = 0

    @property
    def may_nest(self) -> bool:
        """Whether another range may be read within this one."""
        return self.depth < DEEPEST

    def blocks(self, low: int, high: int) -> tuple[Block, ...]:
        """The blocks of a range."""
        if not self.may_nest:
            raw = self.source.slice(low, high).strip()
            return (Paragraph((Text(raw),)),) if raw else ()
        return self.parse(replace(self, depth=self.depth + 1), low, high)

    def line(self, argument: Argument) -> Inlines:
        """An argument as a line, without the blanks around it."""
        return flatten(self.blocks(argument.low, argument.high))

    def spaced(self, argument: Argument, content: Inlines) -> Inlines:
        """``content`` between blanks where the argument that it was read from has them."""
        if argument.low >= argument.high:
            return content
        text = self.source.text
        first, last = self.source.tokens[argument.low], self.source.tokens[argument.high - 1]
        before = (Text(" "),) if text[first.start].isspace() else ()
        after = (Text(" "),) if content and text[last.end - 1].isspace() else ()
        return (*before, *content, *after)

    def raw(self, argument: Argument) -> str:
        """An argument as the model wrote it."""
        return self.source.slice(argument.low, argument.high)

    def start(self, argument: Argument) -> str:
        """The first 100 characters of an argument as the model wrote it."""
        if argument.low >= argument.high:
            return ""
        start, end = argument.low, argument.high - 1
        tokens = self.source.tokens
        return self.source.text[
            tokens[start].start : min(tokens[end].end, tokens[start].start + 100)
        ]

    def group(self, position: int, high: int) -> Argument | None:
        """The argument in braces that comes next."""
        return self._argument(self.skip_blank(position, high), high, "open")

    def option(self, position: int, high: int) -> Argument | None:
        """The argument in square brackets that comes next."""
        return self._argument(self.skip_blank(position, high), high, "bracket")

    def skip_blank(self, position: int, high: int) -> int:
        """The next token that is more than white space; within a paragraph."""
        if position < high:
            token = self.source.tokens[position]
            if token.kind == "text" and token.text.isspace() and token.text.count("\n") < 2:
                return position + 1
        return position

    def skip_star(self, position: int, high: int) -> int:
        """The token after a star, if there is one."""
        if position < high:
            token = self.source.tokens[position]
            if token.kind == "text" and token.text.strip() == "*":
                return position + 1
        return position

    def skip_option(self, position: int, high: int, pattern: re.Pattern[str]) -> int:
        """The token after an argument in square brackets, if it is of that form."""
        option = self.option(position, high)
        return option.after if option and pattern.fullmatch(self.start(option)) else position

    def skip_options(self, position: int, high: int) -> int:
        """The token after a star and the arguments in square brackets that come next."""
        position = self.skip_star(position, high)
        while (option := self.option(position, high)) and self.is_layout(option):
            position = option.after
        return position

    def is_layout(self, argument: Argument) -> bool:
        """Whether an argument can be a length, a colour or a key: short, and without braces,
        cells and lines. What had lost its closing brace is not, and stays."""
        is_short = argument.high - argument.low < _MOST_TOKENS
        return is_short and bool(_LAYOUT.fullmatch(self.start(argument)))

    def _argument(self, position: int, high: int, kind: str) -> Argument | None:
        self.source.steps += 1
        if position >= high or self.source.tokens[position].kind != kind:
            return None
        partner = self.source.partner[position]
        return Argument(position + 1, partner, partner + 1) if 0 < partner < high else None
