r"""Repairs a formula so that LaTeX takes it: braces, ``\left``, environments, scripts.

What has arguments of another kind than braces (lengths, colours, options) is looked for here, and
passed on as a whole; the rest is the rewriter's, token by token.
"""

from __future__ import annotations

import re

from got_loaders.markup.parse.lexer import tokenize
from got_loaders.markup.write.latex.math_builder import RepairedMath
from got_loaders.markup.write.latex.math_rewriter import MathRewriter
from got_loaders.markup.write.neutralize import COLOR, LENGTH, RULE

__all__ = ["repair_math"]

_HEIGHT = re.compile(r"(\\\\)\*?\s?\[\s?-?[\d.]+\s?(?:pt|em|ex|mm|cm|in)\s?\]")
_ROOT = re.compile(r"\\sqrt\s?\[([^\[\]{}&\\]{1,20})\]")
_SIZED = re.compile(r"(\\[bB]igg?[lmr]?)\s?\{\s?([()\[\]|/.]|\\[{}|]|\\[A-Za-z]{2,12})\s?\}")
_WHOLE = re.compile(
    rf"""
      (?<!\\)(?:
          (?P<length>{LENGTH})
        | (?P<plain>{COLOR}|{RULE})
        | (?P<arrow>\\x(?:right|left)arrow)\s?\[(?P<below>[^\[\]&]{{0,80}})\]
        | (?P<span>\\multicolumn\s?\{{\s?(?P<columns>[1-9]\d?)\s?\}}\s?\{{[lcr|\s]{{1,9}}\}})
        | (?P<fraction>\\cfrac\s?\[[lr]\])
      )""",
    re.VERBOSE,
)
_UNITS = re.compile(r"(-?)\s?([\d.]+)\s?(mu|[a-z]+)")
_MU = 18
"""Mathematical units of an em, which only mathematical spaces know."""


def repair_math(tex: str, environment: str = "", *, display: bool = False) -> RepairedMath:
    """A formula on one line that LaTeX takes, without its delimiters or its environment."""
    tex = _ROOT.sub(r"{}^{\1}\\sqrt", _HEIGHT.sub(r"\1", " ".join(tex.split())))
    tex = _SIZED.sub(r"\1\2", tex)
    rewriter, done = MathRewriter(environment, display), 0
    for match in _WHOLE.finditer(tex):
        _take(rewriter, tex[done : match.start()])
        _take_whole(rewriter, match)
        done = match.end()
    _take(rewriter, tex[done:])
    return rewriter.finish()


def _take(rewriter: MathRewriter, tex: str) -> None:
    for token in tokenize(tex):
        rewriter.take(token)


def _take_whole(rewriter: MathRewriter, match: re.Match[str]) -> None:
    if match["length"]:
        rewriter.add_space(_space(match["length"]))
    elif match["plain"]:
        rewriter.add_command(match["plain"], 0)
    elif match["span"]:
        rewriter.add_span(match["span"], int(match["columns"]))
    elif match["fraction"]:
        rewriter.add_command(match["fraction"], 2)
    else:
        rewriter.add_command(f"{match['arrow']}[{repair_math(match['below']).tex}]", 1)


def _space(command: str) -> str:
    r"""A space as LaTeX's ``\hspace``, which any unit but TeX's own for formulas may follow."""
    length = _UNITS.search(command)
    if length is None or command.startswith(r"\hspace"):
        return command
    sign, number, unit = length.groups()
    if unit == "mu":
        number, unit = f"{float(number) / _MU:.3g}", "em"
    return rf"\hspace{{{sign}{number}{unit}}}"
