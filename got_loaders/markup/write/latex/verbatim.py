r"""Writes what is kept as it is: music, charts, TikZ, LaTeX that is not understood.

The model's own TeX runs only where it can do no harm: a TikZ picture whose braces and
environments match and in which nothing stands but drawing, text and formulas.
"""

from __future__ import annotations

import re

from got_loaders.markup.parse.lexer import Token, tokenize
from got_loaders.markup.write.allowed_commands import COMMANDS, ENVIRONMENTS
from got_loaders.markup.write.latex.escape import shown_text

__all__ = ["only_draws", "verbatim"]

_DRAWING_COMMANDS = """
    draw fill filldraw shade shadedraw clip path node coordinate pattern useasboundingbox matrix
    foreach tikzset definecolor colorlet color textcolor centering
"""
_DRAWING = frozenset(_DRAWING_COMMANDS.split())
_ENVIRONMENTS = ENVIRONMENTS | {"tikzpicture", "scope"}
_COMMENT = re.compile(r"(\\.)|%[^\n]*", re.DOTALL)
_ACTS = re.compile(
    r"""
      file | function | gnuplot | external | exec | lua      # read, write, run
    | plot (?!\s*(?:\[[^\[\]]*\])?\s*(?:coordinates|\())    # of anything but points and sums
    | / \.(?!style)                                        # a key that is more than its value
    | (?<![\d.])\d{5}                                        # more than TeX's lengths: a long loop
    | \^\^                                                   # TeX's way to write any character
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What TikZ and PGF do without any command of TeX."""


def verbatim(text: str, language: str) -> str:
    """Lines as they are; as code where TeX would read them."""
    if language == "tikz" and only_draws(text):
        return text
    if "\\" not in text and _is_balanced(tokenize(text)):
        return f"\\begin{{verbatim}}\n{text}\n\\end{{verbatim}}"
    lines = [shown_text(line).replace("\t", "    ") for line in text.split("\n")]
    return "\\\\\n".join(f"\\texttt{{{line}}}" for line in lines if line.strip())


def only_draws(text: str) -> bool:
    """Whether a TikZ picture holds drawing, text and formulas alone, so that any TeX may run it."""
    text = _COMMENT.sub(r"\1", text)
    tokens = tokenize(text)
    return not _ACTS.search(text) and _is_balanced(tokens) and all(map(_draws, tokens))


def _draws(token: Token) -> bool:
    """Whether a token draws; names of one letter are the variables of loops, or accents."""
    name = token.text
    match token.kind:
        case "command":
            return len(name) == 1 or name in COMMANDS or name in _DRAWING
        case "begin" | "end":
            return name.rstrip("*") in _ENVIRONMENTS
        case "symbol":
            return name != "@"
        case _:
            return token.kind != "smiles"


def _is_balanced(tokens: list[Token]) -> bool:
    """Whether braces and environments match."""
    opened: list[str] = []
    for token in tokens:
        if token.kind == "smiles":
            return False
        if token.kind in ("open", "begin"):
            opened.append(token.text)
        elif token.kind in ("close", "end"):
            expected = "{" if token.kind == "close" else token.text
            if not opened or opened.pop() != expected:
                return False
    return not opened
