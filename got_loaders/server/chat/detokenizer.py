"""Tokens → text, as they come, never half a character. Pure."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Detokenizer"]

_HALF = "\ufffd"
"""What a decoder writes where a character's bytes are not all there."""


class Detokenizer:
    """Gives the text that each token adds.

    Only the last tokens are decoded again, as vLLM does it: those since the last whole character,
    and the ones before, on which their text may depend.
    """

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._start = 0
        self._given = 0

    def add(self, token_id: int) -> str:
        """The text that is whole with this token, which may be none."""
        self._ids.append(token_id)
        before = self._decode(self._ids[self._start : self._given])
        text = self._decode(self._ids[self._start :])
        if text.endswith(_HALF) or len(text) <= len(before):
            return ""
        self._start, self._given = self._given, len(self._ids)
        return text[len(before) :]
