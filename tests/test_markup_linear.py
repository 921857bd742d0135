"""Long readings of a model that goes in circles: converting them ends, and soon."""

from __future__ import annotations

import subprocess
import sys

import pytest

LENGTH = 500_000
"""Characters. In linear time they take about a second; in quadratic time, minutes to hours."""
HANGS_AFTER_SECONDS = 45

CONVERT = """
import sys
from got_loaders.markup import escape_markdown, to_markdown, to_text
reading = sys.stdin.buffer.read().decode()
for convert in (to_markdown, to_text, escape_markdown):
    print(len(convert(reading)))
"""
TABLE = r"\begin{tabular}{l}"

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
}


@pytest.mark.parametrize(("before", "piece", "after"), HOSTILE.values(), ids=HOSTILE)
def test_a_long_degenerate_reading_is_converted(before: str, piece: str, after: str) -> None:
    """Each conversion ends, in a process of its own since nothing else can stop a regex."""
    reading = before + piece * (LENGTH // len(piece)) + after
    lengths = subprocess.run(
        [sys.executable, "-c", CONVERT],
        input=reading.encode(),
        stdout=subprocess.PIPE,
        timeout=HANGS_AFTER_SECONDS,
        check=True,
    ).stdout
    assert max(map(int, lengths.split())) <= 10 * len(reading)
