r"""How much of a page a text takes, as the model writes it: lines, and characters that show.

It errs on the side of little: what takes more than a page by this measure can't stand on one.
"""

from __future__ import annotations

import re

__all__ = ["END", "PAGE_LINES", "RULE", "lines", "shown"]

PAGE_LINES, LINE = 90, 100
"""Lines on a page, characters across it; cells and their marks may be twice as many."""
SHORT, LEAST = 50, 0.25
"""Lines of less than half the width may stand side by side, four at most; rows of a table don't."""

END = re.compile(r"\\\\[ \t]*\n?|\n")
RULE = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|cline\s*\{[^}]*\})")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?|\\.")
_LEADER = re.compile(r"([^\w\s] ?)\1{9,}")
_MARKUP = re.compile(r"[{}$^]|_(?=\{)")
_SPACE = re.compile(r"\s+")


def lines(text: str) -> float:
    """How many lines of a page ``text`` takes, at least; it starts behind its last line break."""
    text = RULE.sub("", text)
    *_, last = [0, *(end.end() for end in END.finditer(text))]
    text, taken, start = text[last:] + text[:last], 0.0, 0
    for end in [*END.finditer(text), None]:
        width = len(shown(text[start : end.start() if end else None]).strip())
        is_row = end is not None and end[0] != "\n"
        if width:
            least = 1.0 if is_row else min(1.0, max(LEAST, width / SHORT))
            taken += max(least, width / (2 * LINE if is_row else LINE))
        start = end.end() if end else start
    return taken


def shown(text: str) -> str:
    """About what stands on the page: a command is one character, spaces are, leaders are three."""
    text = _MARKUP.sub("", _COMMAND.sub("x", RULE.sub("", text)))
    return _LEADER.sub(r"\1\1\1", _SPACE.sub(" ", text))
