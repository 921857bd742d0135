r"""A cursor over a range of tokens, from which commands and environments take their arguments.

Arguments may stand apart (``\multirow{2}{*} {}``), and any of them may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from got_loaders.markup.nodes import Block, Inlines, Paragraph, Text
from got_loaders.markup.parse.block_builder import flatten
from got_loaders.markup.parse.lexer import Token, TokenKind
from got_loaders.markup.parse.pairing import PairedTokens

__all__ = ["Argument", "TokenCursor", "take_arguments"]

_LAYOUT = re.compile(r"(?:[^&\n\\{}]|\\[A-Za-z]+)*")
_MAX_LAYOUT_TOKENS = 20
_MAX_DEPTH = 20
"""Groups and environments within each other; what is deeper stays as text. Readings of pages
have fewer than ten."""


@dataclass(frozen=True, slots=True)
class Argument:
    """The tokens of an argument, without its braces or brackets."""

    low: int
    high: int


@dataclass(slots=True)
class TokenCursor:
    """A position in a range of a reading's tokens, and how deep the range is in others.

    What is taken or skipped moves it; where nothing fits it stays. ``parse`` reads all of a range.
    """

    paired: PairedTokens
    parse: Callable[[TokenCursor], tuple[Block, ...]]
    position: int
    end: int
    depth: int = 0

    @property
    def may_nest(self) -> bool:
        """Whether another range may be read within this one."""
        return self.depth < _MAX_DEPTH

    def peek(self) -> Token | None:
        """The next token; None at the end of the range."""
        return self.paired.tokens[self.position] if self.position < self.end else None

    def at(self, kind: TokenKind) -> bool:
        """Whether the next token is of this kind."""
        return self.position < self.end and self.paired.tokens[self.position].kind == kind

    def take(self) -> Token:
        """The next token, of which there must be one."""
        self.position += 1
        return self.paired.tokens[self.position - 1]

    def narrow(self, low: int, high: int) -> TokenCursor:
        """A cursor over some of these tokens."""
        return TokenCursor(self.paired, self.parse, low, high, self.depth)

    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the rest of the range; the cursor stays."""
        if not self.may_nest:
            raw = self.paired.slice(self.position, self.end).strip()
            return (Paragraph((Text(raw),)),) if raw else ()
        inner = TokenCursor(self.paired, self.parse, self.position, self.end, self.depth + 1)
        return self.parse(inner)

    def inlines(self, argument: Argument) -> Inlines:
        """An argument as a line, without the blanks around it."""
        return flatten(self.narrow(argument.low, argument.high).blocks())

    def with_spaces(self, argument: Argument, content: Inlines) -> Inlines:
        """``content`` between blanks where the argument that it was read from has them."""
        raw = self.raw(argument)
        before = (Text(" "),) if raw[:1].isspace() else ()
        after = (Text(" "),) if content and raw[-1:].isspace() else ()
        return (*before, *content, *after)

    def raw(self, argument: Argument) -> str:
        """An argument as the model wrote it."""
        return self.paired.slice(argument.low, argument.high)

    def prefix(self, argument: Argument) -> str:
        """The first 100 characters of an argument as the model wrote it."""
        if argument.low >= argument.high:
            return ""
        first, last = self.paired.tokens[argument.low], self.paired.tokens[argument.high - 1]
        return self.paired.text[first.start : min(last.end, first.start + 100)]

    def group(self) -> Argument | None:
        """Take the argument in braces that comes next."""
        return self._argument("open")

    def option(self) -> Argument | None:
        """Take the argument in square brackets that comes next."""
        return self._argument("bracket")

    def content_group(self) -> Argument | None:
        """Take the argument in braces that comes after a star and those in square brackets."""
        start = self.position
        self.skip_options()
        group = self.group()
        if group is None:
            self.position = start
        return group

    def skip_blank(self) -> None:
        """Skip white space within a paragraph."""
        token = self.peek()
        if token and token.kind == "text" and token.text.isspace() and token.text.count("\n") < 2:
            self.position += 1

    def skip_star(self) -> bool:
        """Skip a star; whether there was one."""
        token = self.peek()
        is_star = token is not None and token.kind == "text" and token.text.strip() == "*"
        self.position += is_star
        return is_star

    def skip_option(self, pattern: re.Pattern[str]) -> None:
        """Skip an argument in square brackets, if it is of that form."""
        start = self.position
        option = self.option()
        if option and not pattern.fullmatch(self.prefix(option)):
            self.position = start

    def skip_options(self) -> None:
        """Skip a star and the arguments in square brackets that come next."""
        self.skip_star()
        start = self.position
        while (option := self.option()) and self.is_layout(option):
            start = self.position
        self.position = start

    def is_layout(self, argument: Argument) -> bool:
        """Whether an argument can be a length, a colour or a key: short, and without braces,
        cells and lines. What had lost its closing brace is not, and stays."""
        is_short = argument.high - argument.low < _MAX_LAYOUT_TOKENS
        return is_short and bool(_LAYOUT.fullmatch(self.prefix(argument)))

    def _argument(self, kind: TokenKind) -> Argument | None:
        start = self.position
        self.skip_blank()
        closing = self.paired.match[self.position] if self.at(kind) else 0
        if not 0 < closing < self.end:
            self.position = start
            return None
        argument = Argument(self.position + 1, closing)
        self.position = closing + 1
        return argument


def take_arguments(cursor: TokenCursor, signature: str) -> list[Argument]:
    """Take the arguments that a signature tells of, as far as they are there; gives those that
    are content."""
    contents: list[Argument] = []
    for sign in signature:
        start = cursor.position
        group = cursor.content_group()
        if group is not None and sign == "-" and not cursor.is_layout(group):
            cursor.position = start
            break
        if group is not None:
            contents.extend([group] if sign == "+" else [])
            continue
        cursor.skip_blank()
        if signature != "--" or not cursor.at("command"):
            cursor.position = start
            break
        cursor.position += 1
    return contents
