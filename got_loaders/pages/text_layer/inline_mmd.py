r"""Writes text in the model's language: its characters escaped, and how they are set. Pure.

``10\textsuperscript{6}``, ``\textbf{Total}``, ``\href{https://a.org}{text}``: what stands on the
page is never taken for mark-up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from got_loaders.pages.text_layer.styled_text import RAISED, Style, StyledText

_SPECIAL = {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    **{char: "\\" + char for char in "&%#_{}$"},
}  # fmt: skip
_ESCAPES = str.maketrans(_SPECIAL)

_MINUS = re.compile(r"\u2212|(?<![^(])\u2013(?=\d)")

_Run = tuple[Style, str]


def escape(text: str) -> str:
    """``text`` so that it stands for itself in the model's language."""
    return text.translate(_ESCAPES)


def inline_mmd(text: StyledText, *, bold: bool = True) -> str:
    """``text`` with what is raised, lowered, bold (unless that says nothing) and linked."""
    runs = list(text.runs())
    if not bold:
        runs = [(style._replace(bold=False), part) for style, part in runs]
    return _links(runs)


def _links(runs: Sequence[_Run]) -> str:
    parts = []
    for link, group in _grouped(runs, lambda style: style.link):
        body = _bolds(group)
        shows = _plain(group)
        parts.append(rf"\href{{{escape(link)}}}{{{body}}}" if link and shows.strip() else body)
    return "".join(parts)


def _bolds(runs: Sequence[_Run]) -> str:
    parts = []
    for bold, group in _grouped(runs, lambda style: style.bold * "b"):
        body = _scripts(group)
        parts.append(rf"\textbf{{{body}}}" if bold and body.strip() else body)
    return "".join(parts)


def _scripts(runs: Sequence[_Run]) -> str:
    parts = []
    for script, group in _grouped(runs, lambda style: style.script[:1]):
        if script:
            inner = [
                (style._replace(script=style.script[1:]), _plain_signs(text))
                for style, text in group
            ]
            command = "textsuperscript" if script == RAISED else "textsubscript"
            parts.append(rf"\{command}{{{_scripts(inner)}}}")
        else:
            parts.append(escape(_plain(group)))
    return "".join(parts)


def _plain_signs(text: str) -> str:
    """A script with the signs that there are small ones of: minus, and a dash in its place."""
    return _MINUS.sub("-", text).replace("\u2217", "*")


def _grouped(runs: Iterable[_Run], key: Callable[[Style], str]) -> list[tuple[str, list[_Run]]]:
    return [(value, list(group)) for value, group in groupby(runs, lambda run: key(run[0]))]


def _plain(runs: Iterable[_Run]) -> str:
    return "".join(text for _, text in runs)
