r"""Writes what stands in a line as LaTeX."""

from __future__ import annotations

import re

from got_loaders.markup.nodes import (
    Bold,
    Break,
    Code,
    Inline,
    Italic,
    Maths,
    Note,
    Subscript,
    Superscript,
    Text,
    Underline,
)  # fmt: skip
from got_loaders.markup.parse.trivial_math import unbroken
from got_loaders.markup.write.latex.escape import escape_latex
from got_loaders.markup.write.latex.math_repair import repaired

__all__ = ["formula", "guarded", "inline", "on_one_line"]

_COMMANDS = {
    Bold: "textbf", Italic: "textit", Underline: "underline", Superscript: "textsuperscript",
    Subscript: "textsubscript",
}  # fmt: skip
_AFTER_BREAK = re.compile(r"(\\\\\n)(?=[\[*])")


def inline(content: tuple[Inline, ...], *, notes: bool = False, line_break: str = "\\\\\n") -> str:
    r"""A line, or the lines of a paragraph; footnotes are such only where ``notes`` may stand."""
    parts: list[str] = []
    for item in content:
        match item:
            case Text(text):
                parts.append(escape_latex(text))
            case Maths(tex):
                tex = repaired(tex).tex
                parts.append(f"\\({tex}\\)" if tex else "")
            case Code(text, _):
                parts.append(f"\\texttt{{{escape_latex(unbroken(text))}}}")
            case Break():
                parts.append(line_break)
            case Note(inner):
                note = on_one_line(inner)
                parts.append(f"\\footnote{{{note}}}" if notes else f" ({note})")
            case _:
                written = inline(item.content, line_break=line_break)
                parts.append(f"\\{_COMMANDS[type(item)]}{{{written}}}")
    return "".join(parts)


def on_one_line(content: tuple[Inline, ...]) -> str:
    """A line without breaks, for an argument."""
    return unbroken(inline(content, line_break=" "))


def guarded(text: str, *, start: bool = False) -> str:
    r"""``text`` whose brackets and stars are no arguments of a ``\\``, nor of what is before."""
    text = _AFTER_BREAK.sub(r"\1{}", text)
    return f"{{}}{text}" if start and text[:1] in ("[", "*") else text


def formula(tex: str, environment: str = "") -> str:
    r"""A formula that stands alone; lines that the model wrote outside any ``align`` get one."""
    done = repaired(tex, environment, display=True)
    if not done.tex:
        return ""
    if not environment and (done.rows or done.cells):
        environment = "align" if done.cells else "gather"
    if environment:
        return f"\\begin{{{environment}*}}\n{done.tex}\n\\end{{{environment}*}}"
    return f"\\[\n{done.tex}\n\\]"
