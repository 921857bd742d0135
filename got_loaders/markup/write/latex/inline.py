r"""Writes what stands in a line as LaTeX."""

from __future__ import annotations

import re

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.trivial_math import collapse_spaces
from got_loaders.markup.write.latex.escape import shown_text
from got_loaders.markup.write.latex.math_repair import repair_math

__all__ = ["display_math", "inline_latex", "on_one_line", "protect_brackets"]

_COMMANDS = {
    nodes.Bold: "textbf", nodes.Italic: "textit", nodes.Underline: "underline",
    nodes.Superscript: "textsuperscript", nodes.Subscript: "textsubscript",
}  # fmt: skip
_AFTER_BREAK = re.compile(r"(\\\\\n)(?=[\[*])")


def inline_latex(content: nodes.Inlines, *, notes: bool = False, line_break: str = "\\\\\n") -> str:
    r"""A line, or the lines of a paragraph; footnotes are such only where ``notes`` may stand."""
    parts: list[str] = []
    for item in content:
        match item:
            case nodes.Text(text):
                parts.append(shown_text(text))
            case nodes.InlineMath(tex):
                tex = repair_math(tex).tex
                parts.append(f"\\({tex}\\)" if tex else "")
            case nodes.Code(text, _):
                parts.append(f"\\texttt{{{shown_text(collapse_spaces(text))}}}")
            case nodes.LineBreak():
                parts.append(line_break)
            case nodes.InlineFootnote(inner):
                note = on_one_line(inner)
                parts.append(f"\\footnote{{{note}}}" if notes else f" ({note})")
            case _:
                written = inline_latex(item.content, line_break=line_break)
                parts.append(f"\\{_COMMANDS[type(item)]}{{{written}}}")
    return "".join(parts)


def on_one_line(content: nodes.Inlines) -> str:
    """A line without breaks, for an argument."""
    return collapse_spaces(inline_latex(content, line_break=" "))


def protect_brackets(text: str, *, start: bool = False) -> str:
    r"""``text`` whose brackets and stars are no arguments of a ``\\``, nor of what is before."""
    text = _AFTER_BREAK.sub(r"\1{}", text)
    return f"{{}}{text}" if start and text[:1] in ("[", "*") else text


def display_math(tex: str, environment: str = "") -> str:
    r"""A formula that stands alone; lines that the model wrote outside any ``align`` get one."""
    repaired = repair_math(tex, environment, display=True)
    if not repaired.tex:
        return ""
    if not environment and (repaired.rows or repaired.cells):
        environment = "align" if repaired.cells else "gather"
    if environment:
        return f"\\begin{{{environment}*}}\n{repaired.tex}\n\\end{{{environment}*}}"
    return f"\\[\n{repaired.tex}\n\\]"
