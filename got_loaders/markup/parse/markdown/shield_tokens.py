r"""Finds where formulas, code, comments and tables may begin and end, and which belong together.

Pairs are found once, for all of a text, in linear time; whether what stands between two is what
it may be is not asked here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict

__all__ = ["ShieldTokens"]

_TOKEN = re.compile(
    r"""
      (?P<code>`+)
    | \\(?P<bracket>[()\[\]])
    | \\begin\s?\{(?P<begin>[A-Za-z]{1,20}\*?)\}
    | \\end\s?\{(?P<end>[A-Za-z]{1,20}\*?)\}
    | (?P<escape>\\[\s\S])
    | (?P<dollars>\$+)
    | (?P<comment><!--) | (?P<uncomment>-->)
    | (?P<table><table(?:\s[^<>]{0,1000})?>
        (?=\s*<(?:tr|t?head|tbody|tfoot|caption|colgroup|col|th|td)[\s>]))
    | (?P<untable></table\s{0,20}>)
    | (?P<math><math(?:\s[^<>]{0,200})?>) | (?P<unmath></math\s{0,20}>)
    | (?P<container>^[ \t]*</?(?:div|center|section|article|figure|header|footer|details)
        (?:\s[^<>\n]{0,1000})?>[ \t]*$)
    | (?P<declaration><(?=[!?]))
    | (?P<star>(?<=\d)\*(?=\d))             # a product, never emphasis
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_FENCE = re.compile(
    r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)"
)
_BLANK_LINE = re.compile(r"\n[ \t]*(?=\n)")
_MAX_CHARS = 20_000
"""Characters of a formula, an environment or a comment; what is longer has lost its end."""


class ShieldTokens:
    """Tokens outside fenced code, and for each that begins something the one that may end it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._names: list[str] = []
        for start, end in _outside_fences(text):
            for match in _TOKEN.finditer(text, start, end):
                self._add(match)
        self.partner = [-1] * len(self.kinds)
        self._pair_code()
        self._pair_next()
        self._pair_nested("begin", "end")
        self._pair_nested("table", "untable")

    def source(self, first: int, last: int) -> str:
        """What was written from one token to the end of another."""
        return self._text[self.starts[first] : self.ends[last]]

    def _add(self, match: re.Match[str]) -> None:
        kind = match.lastgroup or ""
        name = (match["begin"] or match["end"] or "") if kind in ("begin", "end") else ""
        if kind == "bracket":
            kind = match["bracket"]
        elif kind == "dollars":
            kind = match[0] if len(match[0]) < 3 else "escape"
        self.kinds.append(kind)
        self._names.append(name)
        self.starts.append(match.start())
        self.ends.append(match.end())

    def _pair_code(self) -> None:
        """Each run of backquotes with the next one of its length in the same paragraph."""
        blanks = [match.start() for match in _BLANK_LINE.finditer(self._text)]
        following: dict[int, int] = {}
        for position in range(len(self.kinds) - 1, -1, -1):
            if self.kinds[position] != "code":
                continue
            length = self.ends[position] - self.starts[position]
            closing = following.get(length)
            following[length] = position
            if closing is not None:
                blank = bisect_left(blanks, self.ends[position])
                if blank == len(blanks) or blanks[blank] > self.starts[closing]:
                    self.partner[position] = closing

    def _pair_next(self) -> None:
        """Each opening with the next token of its family, if that one closes."""
        following: dict[str, int] = {}
        for position in range(len(self.kinds) - 1, -1, -1):
            kind = self.kinds[position]
            family, closing = _FAMILIES.get(kind, ("", ""))
            if not family:
                continue
            found = following.get(family)
            if found is not None and self.kinds[found] == closing and self._near(position, found):
                self.partner[position] = found
            if family != "comment" or kind == "uncomment":
                following[family] = position

    def _near(self, first: int, last: int) -> bool:
        return self.starts[last] - self.ends[first] <= _MAX_CHARS

    def _pair_nested(self, opening: str, closing: str) -> None:
        """The outermost ones with their ends; a table that was cut off ends with the text."""
        opened: dict[str, list[int]] = defaultdict(list)
        for position, kind in enumerate(self.kinds):
            if kind == opening:
                opened[self._names[position]].append(position)
            elif kind == closing and opened[self._names[position]]:
                first = opened[self._names[position]].pop()
                if opening == "table" or self._near(first, position):
                    self.partner[first] = position
        if opening == "table" and opened[""]:
            self._end_table(opened[""][0])

    def _end_table(self, first: int) -> None:
        """Add an end, of no characters, to the table that the text ends in."""
        self.partner[first] = len(self.kinds)
        self.kinds.append(_CUT_OFF)
        self._names.append("")
        self.starts.append(len(self._text))
        self.ends.append(len(self._text))
        self.partner.append(-1)


_CUT_OFF = "untable"
_FAMILIES = {
    "(": ("()", ")"), ")": ("()", ""), "[": ("[]", "]"), "]": ("[]", ""), "$": ("$", "$"),
    "$$": ("$$", "$$"), "comment": ("comment", "uncomment"), "uncomment": ("comment", ""),
    "math": ("math", "unmath"), "unmath": ("math", ""),
}  # fmt: skip


def _outside_fences(text: str) -> list[tuple[int, int]]:
    """The stretches of a text without the blocks of code between fences."""
    stretches: list[tuple[int, int]] = []
    start, position, fence = 0, 0, ""
    while position <= len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        match = _FENCE.match(text, position, end)
        if match is not None:
            mark, info = match["fence"], match["info"]
            if fence:
                if mark[0] == fence[0] and len(mark) >= len(fence) and not info.strip():
                    fence, start = "", end
            elif mark[0] != "`" or "`" not in info:
                stretches.append((start, position))
                fence = mark
        position = end + 1
    return stretches if fence else [*stretches, (start, len(text))]
