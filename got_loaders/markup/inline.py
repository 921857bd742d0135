r"""Splits a line or a cell of a formatted reading into text and formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["DISPLAY", "INLINE", "plain", "runs", "unbroken"]

# Regular expressions in verbose mode. Each consumes escapes in pairs, so that the `\\[2pt]` of a
# matrix is not taken for a `\[`, and stops at the next opening mark, so that time stays linear.
INLINE = r"\\\((?P<inline>(?:[^\\]++|\\[^()\[\]])*+)\\\)"
DISPLAY = r"\\\[(?P<display>(?:[^\\]++|\\[^\[\]])*+)\\\]"

_RUN = re.compile(rf"\\\\|{INLINE}|{DISPLAY}|\\.", re.DOTALL)
# Blanks are tried from the first of them only: from each, a long run would take quadratic time.
_ESCAPE = re.compile(r"(?:(?<![ \t])[ \t]++)?\\\\[ \t]*\n?|\\([&%_#{}$])")


def runs(text: str) -> Iterator[tuple[str, str]]:
    r"""Pairs of ``("text" | "inline" | "display", what stands there)``, in order; no text is empty.

    Text is as the model wrote it, see :func:`plain`; formulas come without their delimiters.
    """
    done = 0
    for match in _RUN.finditer(text):
        if match.lastgroup is None:
            continue
        if done < match.start():
            yield "text", text[done : match.start()]
        yield match.lastgroup, match[match.lastgroup]
        done = match.end()
    if done < len(text):
        yield "text", text[done:]


def plain(text: str) -> str:
    r"""Text without formulas as a person would type it: ``\&`` is ``&``, ``\\`` a new line."""
    return _ESCAPE.sub(lambda match: match[1] or "\n", text)


def unbroken(text: str) -> str:
    r"""``text`` on one line: a line break, also one written as ``\\``, becomes a space."""
    return " ".join(text.split())
