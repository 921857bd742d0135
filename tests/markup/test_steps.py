r"""How much work a reading takes: counted in lines of Python, so that no clock is asked.

The count is the examiner's own: every line of `got_loaders.markup` that is run, in every
conversion. Work inside a built-in is not seen by it; the whole megabyte at the end would show
that, since it would not end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from got_loaders import markup
from got_loaders.markup import content_kind, to_html, to_latex, to_markdown, to_text

PACKAGE = markup.__file__.removesuffix("__init__.py")
PIECES = 40
"""How often a piece stands in the shorter reading. Twice as often must cost twice as much."""

CONVERSIONS: dict[str, Callable[[str], str]] = {
    "markdown": to_markdown,
    "html tables": lambda text: to_markdown(text, table_format="html"),
    "document": lambda text: to_latex(text, document=True),
    "text": to_text,
    "html": to_html,
    "kind": content_kind,
}
HOSTILE = {
    "tables unclosed": r"\begin{tabular}{",
    "tables with columns unclosed": r"\begin{tabular}{l} a & ",
    "tables in tables in a second cell": r"a & \begin{tabular}{ll} ",
    "lists unclosed": r"\begin{itemize}\item a ",
    "lists without items": r"\begin{itemize} a ",
    "floats unclosed": r"\begin{table} a ",
    "unknown environments unclosed": r"\begin{foo} a ",
    "ends alone": r"\end{tabular} a ",
    "names of their own": r"\begin{a}\begin{b} ",
    "titles unclosed": r"\title{ a ",
    "bold unclosed": r"\textbf{ a ",
    "footnotes unclosed": r"\footnote{ a ",
    "spans unclosed": r"\multirow{2}{*}{ a ",
    "wide spans": r"\multicolumn{99}{c}{a} & b \\ ",
    "tall spans": r"\begin{tabular}{l}\multirow{9999}{*}{a} & \\ b ",
    "wide table": r"& ",
    "table": "\\begin{tabular}{ll} a & b \\\\ c & d \\\\ \\end{tabular}\n\n",
    "rules": r"\hline ",
    "partial rules unclosed": r"\cline{1-",
    "formulas unclosed": r"\( a ",
    "displays unclosed": r"\[ a ",
    "formulas": r"\( \left( a \) b ",
    "rows in a formula": r"a & \left( b \\ ",
    "dollars": "$a ",
    "dollars with formulas": "$a=b c",
    "double dollars": "$$ ",
    "open braces": "{a",
    "closing braces": "a}",
    "brackets": r"\item[ a ",
    "row heights": r"\\[ ",
    "line breaks": r"\\",
    "backslashes": "\\",
    "stars": "*a ",
    "underscores": "_a ",
    "backquotes": "` a ",
    "tildes": "~~a ",
    "angle brackets": "<a ",
    "links": "[a](",
    "bars": "| a ",
    "headings of hashes": "# a\n",
    "list marks": "- a\n1. b\n",
    "empty lines": "a\n\n",
    "blanks": "a" + " " * 40,
    "molecules": "<smiles>C ",
    "music": "**kern\n4c\n",
    "drawings unclosed": r"\begin{tikzpicture} \draw ",
    "charts": "{'a': ",
    "code unclosed": r"\begin{verbatim} a ",
    "items": "- a\n",
    "lines": "a word here\n",
    "environments open in formulas": r"\( \begin{array}{l} {a \left( b \)",
    "ends too late": r"\begin{table}\end{table}\end{table} a ",
    "letters": "a",
    "Chinese": "书本",
}
BEFORE = ["", r"\begin{tabular}{ll} "]


class Lines:
    """Counts the lines of our package that are run."""

    def __init__(self) -> None:
        self.count = 0

    def enter(self, frame: FrameType, event: str, value: Any) -> Any:
        """Follows a function if it is one of ours."""
        return self.line if frame.f_code.co_filename.startswith(PACKAGE) else None

    def line(self, frame: FrameType, event: str, value: Any) -> Any:
        """Counts a line."""
        self.count += event == "line"
        return self.line


def lines_of(convert: Callable[[str], str], text: str) -> int:
    """How many lines of our package a conversion runs."""
    lines, before = Lines(), sys.gettrace()
    sys.settrace(lines.enter)
    try:
        convert(text)
    finally:
        sys.settrace(before)
    return lines.count


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_reading_takes_twice_the_work(piece: str, before: str) -> None:
    """No reading takes more than a linear number of steps in any conversion."""
    for form, convert in CONVERSIONS.items():
        once = lines_of(convert, before + piece * PIECES)
        twice = lines_of(convert, before + piece * PIECES * 2)
        assert twice <= 2.2 * once + 100, form


def test_a_megabyte_of_open_tables_ends() -> None:
    """A megabyte of nothing but open tables is converted like any other reading."""
    piece = r"\begin{tabular}{"
    reading = piece * (1_000_000 // len(piece) + 1)
    assert len(to_latex(reading, document=True)) < 10 * len(reading)
