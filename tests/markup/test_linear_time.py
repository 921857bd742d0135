"""Long readings of a model that goes in circles: their cost grows with their length, no faster."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from got_loaders.markup.parse.content_kind import split_languages
from got_loaders.markup.parse.lexer import Token, tokenize
from got_loaders.markup.parse.pairing import pair_tokens
from got_loaders.markup.parse.parser import parse_tokens

LENGTH = 50_000
"""Characters. In linear time they take a tenth of a second; in quadratic time, up to minutes."""
SOAK = 500_000
"""The same for a run that may take minutes: in quadratic time, hours."""
BATCH = 12
"""Readings that share a process."""
HANGS_AFTER_SECONDS = 90
MOST_GROWTH = 40
r"""Characters written for one that was read: ``\textasciicircum{}`` for each ``^``, and up to 20
lists within each other before each line. The preamble of a document comes on top."""
PREAMBLE = 1_000

CONVERT = """
import json, sys
from got_loaders import markup
for reading in json.load(sys.stdin):
    forms = [markup.to_markdown(reading), markup.to_latex(reading, document=True)]
    if len(reading) > 100_000:
        forms += [f(reading) for f in (
            markup.to_text, markup.to_html, markup.escape_markdown, markup.escape_html,
            markup.escape_latex, markup.content_kind,
        )]
    print(max(map(len, forms)) / len(reading))
"""
TABLE = r"\begin{tabular}{l}"
WIDE = r"\begin{tabular}{" + "l" * 100 + "}"
SPANS = r"\multirow{9999}{*}{a cell of many words}&" * 99 + r"\\"

# What comes before, what is repeated, what comes after. A letter at each end, or the repeated
# part would be stripped before anything looks at it.
HOSTILE = {
    "one line": ("", "a", ""),
    "words": ("", "a ", "b"),
    "blanks": ("a", " ", "b"),
    "tabs": ("a", "\t", "b"),
    "blanks after a line break": ("a\\\\", " ", "b"),
    "line ends": ("a", "\n", "b"),
    "line ends and blanks": ("a", "    \n", "b"),
    "old line ends": ("a", "\r", "b"),
    "hashes in a heading": (r"\title{", "#", "x}"),
    "hashes ending a heading": (r"\title{", "#", "}"),
    "rule and more": ("a\n", "=", " b"),
    "dashes": ("a\n", "-", "b"),
    "digits": ("a\n", "1", ". b"),
    "numbers": ("a\n", "1. ", "b"),
    "numbered lines": ("a\n", "1.\n", "b"),
    "bars": ("a", "|", "b"),
    "underscores": ("a", "_", "b"),
    "stars": ("a", "*", "b"),
    "dollars": ("a", "$", "b"),
    "backquotes": ("a", "`", "b"),
    "backquotes kept": (r"\begin{a}", "`", r"\end{a}"),
    "angle brackets": ("a", "<", "b"),
    "ampersands": ("a", "&", "b"),
    "entity": ("&", "a", "b"),
    "backslashes": ("a", "\\", "b"),
    "commands": ("a", r"\a", "b"),
    "opening braces": ("a", "{", "b"),
    "closing braces": ("a", "}", "b"),
    "title unclosed": ("a", r"\title{", "b"),
    "title without braces": ("a", r"\title ", "b"),
    "titles in a title": (r"\title{" * 10_000, "}", "b"),
    "inline formula unclosed": ("a", r"\(", "b"),
    "display formula unclosed": ("a", r"\[", "b"),
    "inline formulas in an unclosed display": (r"\[", r"\(", "b"),
    "formula": (r"\(", r"\frac a b ", r"\)"),
    "formulas": ("a", r"\(x\)", "b"),
    "numbers as formulas": ("a", r"\(1 , 2 0 4 \%\)", "b"),
    "numbers in a formula": (r"\(", "1 , 2 0 4 ", r"\)"),
    "words in a formula": (r"\(", r"\text { a }", r"\)"),
    "environment unclosed": ("a", r"\begin{a}", "b"),
    "environment unnamed": ("a", r"\begin{", "b"),
    "environment without braces": ("a", r"\begin ", "b"),
    "environment of a long name": (r"\begin{", "a", "}"),
    "end unnamed": ("a", r"\end{", "b"),
    "ends": ("a", r"\end{tabular}", "b"),
    "environments in an environment": (r"\begin{a}" * 10_000, r"\end{a}", "b"),
    "tables unclosed": ("a", r"\begin{tabular}", "b"),
    "tables with unclosed columns": ("a", r"\begin{tabular}{", "b"),
    "tables": ("a", r"\begin{tabular}{l}a&b\end{tabular}", "b"),
    "columns": (r"\begin{tabular}{", "l", "b"),
    "columns of a width": (r"\begin{tabular}{", "p{1}", "b"),
    "table of one row": (TABLE, "&", "b"),
    "table of cells": (TABLE, r"a & b \\ ", "b"),
    "table of blanks": (TABLE + "a", " ", "b"),
    "table of blank rows": (TABLE, r"\\ ", "b"),
    "rules unclosed": (TABLE, r"\cline{1", "b"),
    "row heights unclosed": (TABLE, r"\\[1.1", "b"),
    "row height": (TABLE + r"\\[", "1.", "b"),
    "ends in a table": (TABLE, r"\end{", "b"),
    "megabyte tabular brace": ("", r"\begin{tabular}{", ""),
    "percent": ("a", "%", "b"),
    "foo bracket": ("a", r"\foo[", "b"),
    "brackets": ("a", "[", "b"),
    "unbrackets": ("[", "]", "b"),
    "bracket pairs": ("a", "[]", "b"),
    "cmd brackets": (r"\section", r"[a]", "{b}"),
    "hline brackets": (r"\includegraphics", r"[a]", ""),
    "star": (r"\section", "*", "{b}"),
    "textbf open": ("a", r"\textbf{", "b"),
    "textbf nest": (r"\textbf{" * 5000, "}", "b"),
    "textbf each": ("a", r"\textbf{x}", "b"),
    "textbf spaced": ("a", r"\textbf{x} ", "b"),
    "groups": ("a", "{x}", "b"),
    "empty groups": ("a", "{}", "b"),
    "font groups": ("a", r"{\bf x}", "b"),
    "font groups open": ("a", r"{\bf ", "b"),
    "nest braces": ("{" * 10000, "}", "b"),
    "items": (r"\begin{itemize}", r"\item x", r"\end{itemize}"),
    "items label": (r"\begin{enumerate}", r"\item[x] y ", r"\end{enumerate}"),
    "lists nested": ("", r"\begin{itemize}\item x ", ""),
    "lists nested closed": (r"\begin{itemize}\item x " * 2000, r"\end{itemize}", ""),
    "lists deep lines": (r"\begin{itemize}\item " * 18, "x\n", ""),
    "lists deep items": (r"\begin{itemize}\item " * 18, r"\item x ", ""),
    "lists deep pars": (r"\begin{itemize}\item " * 18, "x\n\n", ""),
    "sections": ("", r"\section*{x}", ""),
    "sections in list": (r"\begin{itemize}\item ", r"\section*{x}", r"\end{itemize}"),
    "multirow": (TABLE, r"\multirow{9999}{*}{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx} & a \\", ""),
    "multirow neg": (TABLE, r"\multirow{-9999}{*}{x} & a \\", ""),
    "multirow col": (WIDE, r"\multirow{9999}{*}{xxxxxxxxxxxxxx}&", ""),
    "multirow many then rows": (WIDE + SPANS, r"&\\", ""),
    "multirow many then rows2": (WIDE + SPANS, r"& a\\", ""),
    "multicolumn": (TABLE, r"\multicolumn{999999999}{c}{x} \\", ""),
    "multicolumn row": (TABLE, r"\multicolumn{99}{c}{x} &", ""),
    "multicolumn big spec": (r"\begin{tabular}{*{99}{c}}", r"\multicolumn{99}{c}{x}\\", ""),
    "short rows big spec": (r"\begin{tabular}{*{99}{c}}", r"\multicolumn{99}{c}{}a\\", ""),
    "multicolumn nested": (TABLE, r"\multicolumn{2}{c}{", ""),
    "multirow nested": (TABLE, r"\multirow{2}{*}{", ""),
    "multirow nested closed": (TABLE + r"\multirow{2}{*}{" * 5000, "}", ""),
    "tables nested": ("", TABLE, ""),
    "tables nested closed": (TABLE * 3000, r"\end{tabular}", ""),
    "tables nested cells": ("", TABLE + "a & b ", ""),
    "dollars maths": ("a", "$x$", "b"),
    "dollars and letters": ("a", "$x", "b"),
    "dollar dollar": ("a", "$$x", "b"),
    "dollar long": ("$", "x ", "$"),
    "dollar far": ("a", "$" + "x " * 600, "b"),
    "smiles": ("", "<smiles>C(=O)</smiles>", ""),
    "smiles open": ("", "<smiles>", ""),
    "smiles lines": ("", "<smiles>C</smiles>\n\n", ""),
    "kern": ("", "**kern\n", ""),
    "kern body": ("**kern\n", "4c\n", ""),
    "kern ends": ("", "**kern\n*-\n", ""),
    "chart": ("{'a':", "{'a':", ""),
    "chart list": ("{'a':[", "1,", ""),
    "chart str": ("{'a':'", "\\'", ""),
    "chart q": ("{'a':", "'", ""),
    "chart quotes": ('{"a":', '"x",', ""),
    "bare smiles": ("C", "C(=O)", ""),
    "a molecule of braces": ("C", "(", ""),
    "bare brackets": ("C", "[", ""),
    "accents": ("a", r"\'e", ""),
    "accents group": ("a", r"\'{e}", ""),
    "accents open": ("a", r"\'{", ""),
    "notes": ("a", r"\footnote{b}", ""),
    "notes nested": ("a", r"\footnote{", ""),
    "captions": (TABLE, r"\caption{x}\\", ""),
    "images": ("", r"\includegraphics{x}", ""),
    "hline": (TABLE, r"\hline", ""),
    "cmidrule": (TABLE, r"\cmidrule(lr){2-3}", ""),
    "cmidrule open": (TABLE, r"\cmidrule(lr)", ""),
    "verbatim": ("", r"\begin{verbatim}", ""),
    "verbatim closed": ("", r"\begin{verbatim}x\end{verbatim}", ""),
    "verbatim ends": (r"\begin{verbatim}", r"\end{verbatim}", ""),
    "tikz": ("", r"\begin{tikzpicture}", ""),
    "align": ("", r"\begin{align}", ""),
    "align ends": (r"\begin{align}", r"\end{align}", ""),
    "align cells": (r"\begin{align}", r"&", r"\end{align}"),
    "align rows": (r"\begin{align}", r"\\", r"\end{align}"),
    "left": (r"\[", r"\left(", r"\]"),
    "right": (r"\[", r"\right)", r"\]"),
    "left cells": (r"\begin{align}", r"\left( & ", r"\end{align}"),
    "maths braces": (r"\[", r"{", r"\]"),
    "maths close": (r"\[", r"}", r"\]"),
    "maths begin": (r"\[", r"\begin{array}{", r"\]"),
    "maths begin matrix": (r"\[", r"\begin{matrix}", r"\]"),
    "maths end": (r"\[\begin{array}{c}", r"\end{matrix}", r"\]"),
    "carets": (r"\[", "^", r"\]"),
    "primes": (r"\[", "'", r"\]"),
    "carets x": (r"\[", "x^2", r"\]"),
    "fracs": (r"\[", r"\frac", r"\]"),
    "texts": (r"\[", r"\text{", r"\]"),
    "tags": (r"\[", r"\tag{1}", r"\]"),
    "maths spaces": (r"\[", " ", r"x\]"),
    "sqrt": (r"\[", r"\sqrt[", r"\]"),
    "heights": (r"\[", r"\\[", r"\]"),
    "line breaks and blanks in a formula": (r"\[", r"\\ ", r"\]"),
    "layout": ("a", r"\(\quad\)", "b"),
    "layout up": ("a", r"\({ }^{1}\)", "b"),
    "layout long": (r"\(", r"\quad ", r"\)"),
    "blank layout": ("a", r" \(\quad\) ", "b"),
    "theorem": ("", r"\begin{theorem}", ""),
    "theorem closed": ("", r"\begin{theorem}x\end{theorem}", ""),
    "unknown closed": ("", r"\begin{foo}x\end{foo}", ""),
    "unknown nested": (r"\begin{foo}" * 5000, r"\end{foo}", ""),
    "center": ("", r"\begin{center}", ""),
    "titles": ("", r"\title{x}", ""),
    "authors": ("", r"\author{x}", ""),
    "quads": ("a", r"\quad", ""),
    "breaks": ("a", r"\\", ""),
    "breaks x": ("a", r"x\\", ""),
    "pars": ("a", r"\par", ""),
    "columns repeat": (r"\begin{tabular}{", r"*{99}{llllllllllll}", "} a"),
    "columns at": (r"\begin{tabular}{", r"@{", "} a"),
    "tabular short spec": ("", r"\begin{tabular}{*{50}{llllllllll}}a\end{tabular}", ""),
    "href": ("", r"\href{a}{b}", ""),
    "href open": ("", r"\href{a}{", ""),
    "cite": ("", r"\cite{a}", ""),
    "setlength": ("", r"\setlength\a", ""),
    "underscores again": ("a", "_x", ""),
    "emph": ("", r"\emph{x}y", ""),
    "unicode": ("", "é中", ""),
    "digits above the line": ("", r"\textsuperscript{2}", ""),
    "letters above the line": ("", r"\textsuperscript{ab}", ""),
    "code": ("", r"\texttt{`}", ""),
    "code many ticks": (r"\texttt{", "` `` ```", "}"),
    "bold stars": (r"\textbf{", "*", "}"),
    "bullets env": ("", r"\begin{itemize}\item x\end{itemize}", ""),
    "desc": (r"\begin{description}", r"\item[a] b", r"\end{description}"),
    "cell brs": (TABLE, r"\makecell{a\\b}&", ""),
    "shortstack": (TABLE, r"\shortstack{a\\", ""),
    "item bracket": (r"\begin{itemize}", r"\item[", ""),
    "bibitem": (r"\begin{thebibliography}{9}", r"\bibitem{a} x", ""),
    "fontgroup long": ("{" + r"\bf" * 3, r"\bf ", "}"),
    "fonts": ("{", r"\bf", "}"),
    "fonts in groups left open": ("", r"{\bf\bf\bf", ""),
}


every_hostile_reading = pytest.mark.parametrize(
    ("before", "piece", "after"), HOSTILE.values(), ids=HOSTILE
)


def growths(names: Iterable[str], length: int) -> list[float]:
    """How many times longer than read each is written, in a process that may be stopped."""
    pieces = (HOSTILE[name] for name in names)
    readings = [before + piece * (length // len(piece)) + after for before, piece, after in pieces]
    done = subprocess.run(
        [sys.executable, "-c", CONVERT],
        input=json.dumps(readings).encode(),
        stdout=subprocess.PIPE,
        timeout=HANGS_AFTER_SECONDS,
        check=True,
    )
    return [float(line) for line in done.stdout.split()]


@pytest.mark.parametrize(
    "first",
    [
        # one batch in six each time; `make soak` runs them all
        pytest.param(first, marks=[] if first // BATCH % 6 == 0 else pytest.mark.slow)
        for first in range(0, len(HOSTILE), BATCH)
    ],
)
def test_long_degenerate_readings_are_converted(first: int) -> None:
    """Each conversion ends, in a process of its own since nothing else can stop a regex."""
    names = list(HOSTILE)[first : first + BATCH]
    found = dict(zip(names, growths(names, LENGTH), strict=True))
    assert max(found.values()) <= MOST_GROWTH + PREAMBLE / LENGTH, found


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_very_long_degenerate_readings_are_converted(name: str) -> None:
    """Each conversion of half a megabyte ends, in all forms."""
    assert growths([name], SOAK)[0] <= MOST_GROWTH


class CountedTokens(list[Token]):
    """Tokens that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, position: Any) -> Any:
        self.looks += 1
        return super().__getitem__(position)

    def __iter__(self) -> Iterator[Token]:
        self.looks += len(self)
        return super().__iter__()


def steps_of(text: str) -> int:
    """How often the parser looks at a token of a reading."""
    steps = 0
    for chunk in split_languages(text):
        if not chunk.language:
            tokens = CountedTokens(tokenize(chunk.text))
            parse_tokens(pair_tokens(chunk.text, tokens))
            steps += tokens.looks
    return steps


@every_hostile_reading
def test_twice_the_reading_takes_twice_the_steps(before: str, piece: str, after: str) -> None:
    """The parser looks at each token a few times, however often it is repeated."""
    once, twice = (steps_of(before + piece * count + after) for count in (1_000, 2_000))
    alone = steps_of(before + after)
    assert twice - alone <= 2.1 * max(0, once - alone) + 100
    assert twice <= 15 * len(before + piece * 2_000 + after)


def test_a_megabyte_of_tables_takes_a_linear_number_of_steps() -> None:
    """A table that begins in a table that begins in a table, to the end."""
    piece = r"\begin{tabular}{"
    half, whole = (steps_of(piece * (n // len(piece))) for n in (500_000, 1_000_000))
    assert whole <= 2.01 * half
