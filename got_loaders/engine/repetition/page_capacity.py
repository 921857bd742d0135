r"""How much of a page a text takes, as the model writes it: lines, and characters that show.

It errs on the side of little: what takes more than a page by this measure can't stand on one.
"""

from __future__ import annotations

import re

__all__ = ["LINE_END", "PAGE_LINES", "TABLE_RULE", "count_lines", "visible_text"]

PAGE_LINES, LINE_CHARS = 90, 100
"""Lines on a page, characters across it; cells and their marks may be twice as many."""
SHORT_LINE, MIN_LINE = 50, 0.25
"""Lines of less than half the width may stand side by side, four at most; rows of a table don't."""

LINE_END = re.compile(r"\\\\[ \t]*\n?|\n")
TABLE_RULE = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|cline\s*\{[^}]*\})")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?|\\.")
_LEADER = re.compile(r"([^\w\s] ?)\1{9,}")
_MARKUP = re.compile(r"[{}$^]|_(?=\{)")
_SPACE = re.compile(r"\s+")


def count_lines(text: str) -> float:
    """How many lines of a page ``text`` takes, at least; it starts behind its last line break."""
    text = TABLE_RULE.sub("", text)
    *_, last = [0, *(end.end() for end in LINE_END.finditer(text))]
    text, count, start = text[last:] + text[:last], 0.0, 0
    for end in [*LINE_END.finditer(text), None]:
        width = len(visible_text(text[start : end.start() if end else None]).strip())
        is_row = end is not None and end[0] != "\n"
        if width:
            minimum = 1.0 if is_row else min(1.0, max(MIN_LINE, width / SHORT_LINE))
            count += max(minimum, width / (2 * LINE_CHARS if is_row else LINE_CHARS))
        start = end.end() if end else start
    return count


def visible_text(text: str) -> str:
    """About what stands on the page: a command is one character, spaces are, leaders are three."""
    text = _MARKUP.sub("", _COMMAND.sub("x", TABLE_RULE.sub("", text)))
    return _LEADER.sub(r"\1\1\1", _SPACE.sub(" ", text))
