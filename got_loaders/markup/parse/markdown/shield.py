r"""Takes out of Markdown what is none, before a Markdown parser sees it: formulas, tables of HTML.

``_``, ``*``, ``|``, ``<`` and blank lines mean something else within a formula, and a table of HTML
may hold blank lines. Each is replaced by a mark of characters that no cleaned text holds, and that
Markdown takes for letters. What stands in code stays. One pass: every part is looked at once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

from got_loaders.markup.parse.markdown.math_spans import is_bracketed_formula, is_inline_formula
from got_loaders.markup.parse.markdown.shield_tokens import ShieldTokens

__all__ = ["MARK", "Shielded", "ShieldedPart", "shield"]

MARK = re.compile("\ufdd0([0-9]{1,9})\ufdd1")
"""Stands for a part; both characters are noncharacters, which ``clean_text`` takes out."""

_PartKind = Literal["inline", "display", "environment", "table", "text"]
_QUOTED = re.compile(r"(?:\A|\n)[ \t]*>[> \t]*\Z")
_QUOTE_SIGNS = re.compile(r"^[ \t]*>[> \t]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ShieldedPart:
    """A part that was taken out: what it holds, and how it was written.

    ``inline`` and ``display`` are formulas without their delimiters, ``environment`` is LaTeX,
    ``table`` HTML in which the formulas are marks, ``text`` stands for itself.
    """

    kind: _PartKind
    text: str
    source: str


@dataclass(slots=True)
class Shielded:
    """A text with marks, and the parts that they stand for."""

    text: str = ""
    parts: list[ShieldedPart] = field(default_factory=list)

    def part(self, mark: re.Match[str]) -> ShieldedPart | None:
        """What a mark stands for."""
        number = int(mark[1])
        return self.parts[number] if number < len(self.parts) else None

    def restore(self, text: str) -> str:
        """A text in which every part is as it was written, for what turns out to be code."""
        return MARK.sub(self._source, text)

    def _source(self, mark: re.Match[str]) -> str:
        part = self.part(mark)
        return self.restore(part.source) if part else ""


def shield(text: str) -> Shielded:
    """``text`` without its formulas and tables of HTML, and these; linear in its length."""
    shielded = Shielded()
    tokens = ShieldTokens(text)
    shielded.text = _Pass(text, tokens, shielded).run(0, len(tokens.kinds), 0, len(text))
    return shielded


class _Pass:
    def __init__(self, text: str, tokens: ShieldTokens, shielded: Shielded) -> None:
        self._text, self._tokens, self._shielded = text, tokens, shielded
        self._in_table = False

    def run(self, low: int, high: int, start: int, end: int) -> str:
        """The text from ``start`` to ``end``, in which these tokens stand, with marks."""
        pieces: list[str] = []
        position, done = low, start
        while position < high:
            found = self._take(position, high)
            if found is None:
                position += 1
                continue
            part, last = found
            pieces += [self._text[done : self._tokens.starts[position]], part]
            done = self._tokens.ends[last]
            position = bisect_left(self._tokens.starts, done, last + 1)
        return "".join([*pieces, self._text[done:end]])

    def _take(self, position: int, high: int) -> tuple[str, int] | None:
        """What stands for the part that begins there, and the last token of it."""
        tokens = self._tokens
        kind, last = tokens.kinds[position], tokens.partner[position]
        if kind in ("star", "declaration") or (kind == "comment" and last < 0):
            return self._mark("text", tokens.source(position, position), position, position)
        if kind == "container":  # what stands in it is Markdown, also without a blank line
            return f"\n\n{tokens.source(position, position).strip()}\n\n", position
        if not position < last < high:
            return None
        inner = self._text[tokens.ends[position] : tokens.starts[last]]
        if kind == "code":
            return tokens.source(position, last), last
        if kind == "table":
            return None if self._in_table else self._table(position, last)
        if kind == "comment":
            return self._mark("text", inner.strip(" -\n"), position, last)
        if kind == "math":
            is_display = "block" in tokens.source(position, position)
            is_tex = "<" not in inner
            kind_of: _PartKind = "display" if is_display else "inline"
            return self._mark(kind_of, unescape(inner), position, last) if is_tex else None
        if kind == "begin":
            return self._mark("environment", tokens.source(position, last), position, last)
        return self._formula(kind, inner, position, last)

    def _formula(self, kind: str, inner: str, first: int, last: int) -> tuple[str, int] | None:
        start, end = self._tokens.starts[first], self._tokens.ends[last]
        if kind in ("(", "["):
            if not is_bracketed_formula(inner, self._text, start, end, display=kind == "["):
                return None
        elif not is_inline_formula(inner, self._text, start, end, display=kind == "$$"):
            return None
        is_display = kind in ("[", "$$")
        if is_display and _QUOTED.search(self._text[max(0, start - 40) : start]):
            inner = _QUOTE_SIGNS.sub("", inner)
        if inner[:1] == inner[-1:] == "`" and len(inner) > 2:
            inner = inner.strip("`")  # GitHub's and GitLab's way to write a formula
        return self._mark("display" if is_display else "inline", inner.strip(), first, last)

    def _table(self, first: int, last: int) -> tuple[str, int]:
        self._in_table = True
        start, end = self._tokens.starts[first], self._tokens.ends[last]
        html = self._text[start : self._tokens.ends[first]]
        html += self.run(first + 1, last + 1, self._tokens.ends[first], end)
        self._in_table = False
        return self._mark("table", html, first, last)

    def _mark(self, kind: _PartKind, text: str, first: int, last: int) -> tuple[str, int]:
        source = text if kind == "table" else self._tokens.source(first, last)
        self._shielded.parts.append(ShieldedPart(kind, text, source))
        return f"\ufdd0{len(self._shielded.parts) - 1}\ufdd1", last
