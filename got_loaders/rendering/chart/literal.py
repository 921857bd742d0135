"""JSON, or a literal of Python, read without running anything, as far as it goes."""

from __future__ import annotations

import re

from got_loaders.rendering.chart.values import ChartError, Value

__all__ = ["read_literal"]

_TOKEN = re.compile(
    r"""
      \s*(?:
        (?P<text>"(?:[^"\\]|\\.)*+(?:"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z))
      | (?P<sign>[\[\](){}:,])
      | (?P<word>[^\s\[\](){}:,"']+)
      )
    """,
    re.VERBOSE | re.DOTALL,
)
_FENCE = re.compile(r"\A\s*(?:`{3,}|~{3,})[^\n]*\n(.*?)(?:\n\s*(?:`{3,}|~{3,})\s*)?\Z", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": " ", "r": " ", "b": "", "f": ""}
_NOTHING = frozenset(["none", "null", "nan", "n/a", "-", "true", "false"])
_CLOSED_BY = {"{": "}", "[": "]", "(": ")"}
_MAX_DEPTH = 8
_MAX_TOKENS = 50_000


def read_literal(text: str) -> Value:
    """The first value in ``text``; :class:`ChartError` where there is none, or something else."""
    fenced = _FENCE.match(text)
    tokens = list(_TOKEN.finditer(fenced[1] if fenced else text))
    if not tokens or tokens[0]["sign"] not in _CLOSED_BY:
        raise ChartError("it is no dictionary of values")
    if len(tokens) > _MAX_TOKENS:
        raise ChartError("it has too many values")
    return _Reader(tokens).value(0)


class _Reader:
    """Takes tokens, and is content with what there is at the end of them."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def value(self, depth: int) -> Value:
        """The value that comes."""
        if depth > _MAX_DEPTH:
            raise ChartError("its values lie too deep in each other")
        token = self._tokens[self._at]
        self._at += 1
        if token["text"]:
            return _unquoted(token["text"])
        if token["word"]:
            return self._words(token["word"])
        if token["sign"] not in _CLOSED_BY:
            raise ChartError(f"there is {token['sign']!r} where a value should be")
        closing = _CLOSED_BY[token["sign"]]
        return self._entries(depth) if closing == "}" else self._items(closing, depth)

    def _words(self, first: str) -> Value:
        words = [first]
        while self._at < len(self._tokens) and self._tokens[self._at]["word"]:
            words.append(self._tokens[self._at]["word"])
            self._at += 1
        text = " ".join(words)
        return None if text.casefold() in _NOTHING else text

    def _entries(self, depth: int) -> Value:
        found: dict[str, Value] = {}
        while self._comes("}"):
            key = self.value(depth + 1)
            if not self._sign(":") or self._at == len(self._tokens):
                break  # cut off within the name, or after it
            found[str(key)] = self.value(depth + 1)
            self._sign(",")
        return found

    def _items(self, closing: str, depth: int) -> Value:
        found: list[Value] = []
        while self._comes(closing):
            found.append(self.value(depth + 1))
            self._sign(",")
        return found

    def _comes(self, closing: str) -> bool:
        """Whether another one comes before the end of the brackets, or of the text."""
        return self._at < len(self._tokens) and not self._sign(closing)

    def _sign(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at]["sign"] == sign:
            self._at += 1
            return True
        return False


def _unquoted(text: str) -> str:
    inner = text[1:].removesuffix(text[0])
    return _ESCAPE.sub(_character, inner)


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[2])
