r"""Reads the columns of an ``array``, which may be cut off or none at all."""

from __future__ import annotations

import re

from got_loaders.markup.parse.lexer import Token
from got_loaders.markup.write.latex.math_builder import MathScope

__all__ = ["ColumnReader"]

_COLUMNS = re.compile(r"[\s|lcr@!*.:\d]*")


class ColumnReader:
    """Takes the tokens after an array's ``begin`` until ``is_done``."""

    def __init__(self, array: MathScope) -> None:
        self._array = array
        self._is_open = False
        self.is_done = False

    def take(self, token: Token) -> bool:
        """Whether the token belongs to the columns."""
        if not self._is_open:
            self._is_open = token.kind == "open"
            is_blank = token.kind == "text" and token.text.isspace()
            return self._is_open or is_blank or self._end(token)
        if token.kind != "text" or not _COLUMNS.fullmatch(token.text):
            return self._end(token)
        self._array.spec += "".join(sign for sign in token.text if sign in "lcr|")[:100]
        return True

    def _end(self, token: Token) -> bool:
        self.is_done = True
        array = self._array
        array.columns = max(array.columns, sum(map(str.isalpha, array.spec)))
        return token.kind == "close" and array.row_starts
