r"""Closes the environments that a formula leaves open, with the braces and ``\left`` in them.

MathJax and KaTeX show a formula whose ``\begin{array}`` has no end as an error. For Markdown and
HTML, where a formula is otherwise left as it was; for LaTeX all of it is written anew.
"""

from __future__ import annotations

import re
from collections import Counter

from got_loaders.markup.parse.trivial_math import strip_math

__all__ = ["close_environments"]

_MARK = re.compile(
    r"\\(?P<side>begin|end)\s?\{(?P<name>[A-Za-z]{1,20}\*?)\s?\}"
    r"|\\(?P<fence>left|right)(?![A-Za-z])|\\.|(?P<brace>[{}])",
    re.DOTALL,
)
_BRACE, _LEFT = "{", "\\left"
_MAX_INNER = 20
r"""Environments within a ``\left`` that its ``\right`` may end."""


def close_environments(tex: str) -> str:
    """The formula with an end for each environment that it begins, and no other ends of any."""
    if r"\begin" not in tex and r"\end" not in tex:
        return tex
    parts: list[str] = []
    opened = _Opened()
    done = 0
    for match in _MARK.finditer(tex):
        if match["side"] == "begin":
            opened.push(match["name"])
        elif match["fence"] == "left" or match["brace"] == _BRACE:
            opened.push(_LEFT if match["fence"] else _BRACE)
        elif match["side"] and not opened.counts[match["name"]]:
            parts.append(tex[done : match.start()])
            done = match.end()
        elif match["side"] or opened.may_end(match["fence"], match["brace"]):
            parts.append(tex[done : match.start()])
            done = match.start()
            mark = match["name"] or (_LEFT if match["fence"] else _BRACE)
            parts.extend(opened.pop_to(mark))
    return strip_math("".join([*parts, tex[done:], *opened.rest()]))


class _Opened:
    r"""What is open: braces, ``\left``, names of environments; the innermost last."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.counts: Counter[str] = Counter()

    def push(self, mark: str) -> None:
        self.marks.append(mark)
        self.counts[mark] += 1

    def may_end(self, fence: str | None, brace: str | None) -> bool:
        r"""Whether a closing brace or a ``\right`` has what it closes."""
        if brace:
            return self.counts[_BRACE] > 0
        inner = (mark for mark in self.marks[: -_MAX_INNER - 1 : -1] if mark[0] in "{\\")
        return fence is not None and next(inner, "") == _LEFT

    def pop_to(self, mark: str) -> list[str]:
        """Close what is within the innermost ``mark``, and take that one off, too."""
        closings: list[str] = []
        while (inner := self._pop()) != mark:
            closings.append(_closing(inner))
        return closings

    def rest(self) -> list[str]:
        """Close the environments that are still open, and what is within them."""
        names = (n for n, mark in enumerate(self.marks) if mark not in (_BRACE, _LEFT))
        first = next(names, len(self.marks))
        return list(map(_closing, reversed(self.marks[first:])))

    def _pop(self) -> str:
        mark = self.marks.pop()
        self.counts[mark] -= 1
        return mark


def _closing(mark: str) -> str:
    if mark == _BRACE:
        return "}"
    return r"\right." if mark == _LEFT else rf"\end{{{mark}}}"
