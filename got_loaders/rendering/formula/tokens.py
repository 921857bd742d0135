"""A repaired formula as tokens, and what reads them: its braces match."""

from __future__ import annotations

import re

__all__ = ["TokenReader", "split_tokens"]

_TOKEN = re.compile(
    r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\\[A-Za-z]+|\\.|\s+|[{}^_\[\]]|[^\\{}^_\[\]\s]", re.DOTALL
)

_NO_ARGUMENT = (
    "}",
    "&",
    "^",
    "_",
    r"\\",
    r"\begin",
    r"\end",
    r"\left",
    r"\right",
    r"\middle",
    r"\limits",
)
"""What no argument begins with."""

_MAX_OPTION = 200
"""Tokens between brackets."""


def split_tokens(tex: str) -> list[str]:
    """Commands, beginnings and ends of environments, white space, and single characters."""
    return _TOKEN.findall(tex)


class TokenReader:
    """Takes tokens in their order, and arguments as a whole."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def next(self) -> str:
        """The next token; empty at the end."""
        if self._at == len(self._tokens):
            return ""
        self._at += 1
        return self._tokens[self._at - 1]

    def has(self, token: str) -> bool:
        """Whether this one is still to come, soon."""
        return token in self._tokens[self._at : self._at + _MAX_OPTION]

    def take(self, *wanted: str) -> str:
        """The next token that is no white space if it is one of these, else nothing."""
        if self.peek() not in wanted:
            return ""
        self._at = self._after_blanks()
        return self.next()

    def argument(self) -> list[str]:
        """The tokens between the braces that come, or the one token that comes without.

        None where something ends instead.
        """
        if self.take("{"):
            return self.group()
        if not self.peek() or self.peek().startswith(_NO_ARGUMENT):
            return []
        self._at = self._after_blanks()
        found = [self.next()]
        while len(found[0]) > 2 and self.peek() == "{":  # a command, with its own arguments
            found += [self.take("{"), *self.group(), "}"]
        return found

    def peek(self) -> str:
        """The next token that is no white space; empty at the end."""
        at = self._after_blanks()
        return self._tokens[at] if at < len(self._tokens) else ""

    def group(self) -> list[str]:
        """The tokens to the brace that closes the one that was taken."""
        start, depth = self._at, 1
        while depth and self._at < len(self._tokens):
            depth += {"{": 1, "}": -1}.get(self._tokens[self._at], 0)
            self._at += 1
        return self._tokens[start : self._at - (depth == 0)]

    def option(self) -> list[str]:
        """The tokens between brackets; none where no bracket comes, or it is not closed."""
        start = self._at
        if self.take("[") and "]" in self._tokens[self._at : self._at + _MAX_OPTION]:
            end = self._tokens.index("]", self._at)
            found, self._at = self._tokens[self._at : end], end + 1
            return found
        self._at = start
        return []

    def _after_blanks(self) -> int:
        at = self._at
        while at < len(self._tokens) and self._tokens[at].isspace():
            at += 1
        return at
