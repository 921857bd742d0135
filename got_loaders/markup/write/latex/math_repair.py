r"""Repairs a formula so that LaTeX takes it: braces, ``\left``, environments, scripts.

What has arguments of another kind than braces (lengths, colours, options) is looked for here, and
passed on as a whole; the rest is the rewriter's, token by token.
"""

from __future__ import annotations

import re

from got_loaders.markup.parse.lexer import tokenize
from got_loaders.markup.write.latex.math_builder import RepairedMath
from got_loaders.markup.write.latex.math_idioms import plain_idioms
from got_loaders.markup.write.latex.math_rewriter import MathRewriter
from got_loaders.markup.write.neutralize import COLOR, LENGTH, RULE

__all__ = ["repair_math"]

_HEIGHT = re.compile(r"(\\\\)\*?\s?\[\s?-?[\d.]+\s?(?:pt|em|ex|mm|cm|in)\s?\]")
_POSITION = re.compile(r"(\\begin\s?\{\s?[A-Za-z]+\*?\s?\})\s?\[\s?[tbclr]\s?\]")
_PAIRS = re.compile(r"(\\begin\s?\{\s?align(?:ed)?at\*?\s?\})\s?\{\s?\d{1,2}\s?\}")
"""How many columns there are, which the environments that are written instead don't ask."""

_GAPS = re.compile(
    r"(?<=[{lcr|\s])@\s?\{(?:\s|\\(?:quad|qquad|enspace|thinspace|[,;:! ]))*+\}(?=[}@lcr|\s])"
)
"""Other gaps between the columns of an array."""

_ROOT = re.compile(r"\\sqrt\s?\[(?![\w+*/=., -]+\])([^\[\]{}&\\]{1,20})\]")
_PLAIN_ROOT = r"\\sqrt\s?\[[A-Za-z0-9+*/=., -]{1,20}\]"
_COLOR_NAMES = """
    black blue brown cyan darkgray gray green lightgray lime magenta olive orange pink purple red
    teal violet white yellow
"""
_COLORS = frozenset(_COLOR_NAMES.split())
"""Those that xcolor knows without being asked; another one ends the run."""

_SIZED = re.compile(r"(\\[bB]igg?[lmr]?)\s?\{\s?([()\[\]|/.]|\\[{}|]|\\[A-Za-z]{2,12})\s?\}")
_WHOLE = re.compile(
    rf"""
      (?<!\\)(?:
          (?P<length>{LENGTH})
        | (?P<color>{COLOR})
        | (?P<rule>{RULE})
        | (?P<arrow>\\x(?:right|left)arrow)\s?\[(?P<below>[^\[\]&]{{0,80}})\]
        | (?P<span>\\multicolumn\s?\{{\s?(?P<columns>[1-9]\d?)\s?\}}\s?\{{[lcr|\s]{{1,9}}\}})
        | (?P<option>\\(?:cfrac\s?\[[lr]\]|smash\s?\[[tb]\])|{_PLAIN_ROOT})
      )""",
    re.VERBOSE,
)
_UNITS = re.compile(r"(-?)\s?([\d.]+)\s?(mu|[a-z]+)")
_MU = 18
"""Mathematical units of an em, which only mathematical spaces know."""


def repair_math(tex: str, environment: str = "", *, display: bool = False) -> RepairedMath:
    """A formula on one line that LaTeX takes, without its delimiters or its environment."""
    tex = _HEIGHT.sub(r"\1", plain_idioms(" ".join(tex.split())))
    tex = _GAPS.sub("", _PAIRS.sub(r"\1", _POSITION.sub(r"\1", tex)))
    tex = _SIZED.sub(r"\1\2", _ROOT.sub(r"{}^{\1}\\sqrt", tex))
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
    rewriter.end_delimiter()
    if match["length"]:
        rewriter.formula.add_space(_space(match["length"]))
    elif match["color"]:
        command, name = match["color"].strip("}").replace(" ", "").split("{")
        if name in _COLORS and command != r"\colorbox":  # whose content is text
            rewriter.add_command(f"{command}{{{name}}}", int(command == r"\textcolor"))
    elif match["rule"]:
        rewriter.add_command(match["rule"], 0)
    elif match["span"]:
        rewriter.add_span(match["span"], int(match["columns"]))
    elif match["option"] and rewriter.formula.top.is_text:
        _take(rewriter, match["option"])
    elif match["option"]:
        rewriter.add_command(match["option"], 2 if match["option"].startswith(r"\cfrac") else 1)
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
