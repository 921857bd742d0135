"""The examiners themselves: each notices what it is there to notice."""

from __future__ import annotations

import pytest

from tests.markup import html_reading, markdown_reading, tex_reading

SOUND = r"""\documentclass{article}
\usepackage{ctex}
\begin{document}
\title{A}
\maketitle
\section*{R\&D 5\% \#1 a\_b}
So \(x_{1} < \left( y \right)\) and
\[\begin{aligned} a & = b \\ c & = \text{no $x$ here} \end{aligned}\]
书 one \\ two

\begin{tabular}{l@{}p{3cm}r}
\multicolumn{2}{c}{a} & b \\
\multirow{2}{*}{c} & d & e \\[2pt]
\end{tabular}
\begin{verbatim}
$ & # { x_1^2_3
\end{verbatim}
\end{document}
"""
FAULTS = {
    "stray ampersand": ("a & b", "outside a table"),
    "stray hash": ("a # b", "#"),
    "stray underscore": ("a_b", "outside a formula"),
    "comment": ("50% of it", "a comment"),
    "open brace": (r"\textbf{a", "never closed"),
    "close brace": ("a}", "} inside"),
    "open environment": (r"\begin{itemize} \item a", "never closed"),
    "crossed": (r"\begin{center}\begin{quote}\end{center}\end{quote}", "inside"),
    "left alone": (r"\(\left( a\)", "inside left"),
    "right alone": (r"\(a \right)\)", "right inside"),
    "left over a cell's group": (r"\(\left( {a \right)}\)", "inside"),
    "no delimiter": (r"\(\left a \right)\)", "no delimiter"),
    "open formula": (r"\( a", "never closed"),
    "open dollar": ("costs $5", "never closed"),
    "empty line in a formula": ("\\[a\n\nb\\]", "empty line"),
    "cells beyond the columns": (r"\begin{tabular}{l} a & b \\ \end{tabular}", "2 cells in 1"),
    "wide cells": (r"\begin{tabular}{l} \multicolumn{2}{c}{a} \\ \end{tabular}", "2 cells in 1"),
    "no columns": (r"\begin{tabular} a \end{tabular}", "without columns"),
    "unknown command": (r"\foobar", "unknown command"),
    "unknown environment": (r"\begin{foo}\end{foo}", "unknown environment"),
    "maths in text": (r"an \alpha here", "maths outside"),
    "no line to end": ("a\n\n\\\\ b", "no line to end"),
    "double script": (r"\(x^{a}^{b}\)", "two scripts"),
    "titles": (r"\title{A} \title{B} \maketitle", "2 titles"),
    "title not made": (r"\title{A}", "1 titles, 0 maketitles"),
    "deep lists": (r"\begin{itemize}\item" * 5 + r"\end{itemize}" * 5, "too deeply"),
}


def document(body: str) -> str:
    """A document with this body."""
    return f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


def test_a_sound_document_has_no_faults() -> None:
    """What TeX takes is not found fault with."""
    assert tex_reading.faults(SOUND) == []


@pytest.mark.parametrize(("body", "fault"), FAULTS.values(), ids=FAULTS)
def test_each_fault_of_latex_is_noticed(body: str, fault: str) -> None:
    """What TeX would stop at is named."""
    found = tex_reading.faults(document(body))
    assert any(fault in what for what in found), found


def test_chinese_needs_its_package() -> None:
    """Chinese in a document without a package for it is a fault."""
    assert tex_reading.faults(document("书"))
    assert not tex_reading.faults(document("Café"))


def test_the_structure_of_markdown_is_read() -> None:
    """Headings, items, formulas, code and tables are found as the case files write them."""
    found = markdown_reading.read(
        "# A $x_{1}$\n\n- a\n  1. b\n\n| c | d\\|e |\n| --- | --- |\n| f<br>g | $\\|h\\|$ |\n\n"
        "$$i \\\\ j$$\n\n```kern\nk\n```\n\n5\\$ and \\*star\\*"
    )
    assert found.headings == ["1 A $x_{1}$"]
    assert found.items == ["- a", "  1. b"]
    assert found.tables == [[["c", "d|e"], ["f\ng", "$|h|$"]]]
    assert found.formulas == ["$x_{1}$", "$|h|$", r"$$i \\ j$$"]
    assert found.code == ["kern"]
    assert [found.html, found.others, found.stray_dollars] == [[]] * 3
    assert "5$ and *star*" in found.shown


def test_unwanted_markdown_is_noticed() -> None:
    """Stray dollars, tags, links, quotations and rules are found."""
    found = markdown_reading.read("costs $5\n\n<b>x</b>\n\n[a](b)\n\n> q\n\n---\n")
    assert found.stray_dollars == ["costs $5"]
    assert found.html == ["<b>", "</b>"]
    assert found.others == ["link_open", "blockquote_open", "hr"]
    assert markdown_reading.html_of_a_reader_without_maths("$a<b c>d$") == ["<b c>"]


def test_the_structure_of_html_is_read() -> None:
    """Headings, items, formulas and spanning cells are found."""
    page = html_reading.read(
        "<h2>A <span class='math inline'>\\(x\\)</span></h2>"
        "<ul><li>a\n<ol><li>b</li></ol></li></ul>"
        "<table><tr><th rowspan='2'>c<br>d</th><td colspan='3'>e &lt;</td></tr></table>"
    )
    assert page.headings == ["2 A $x$"]
    assert page.items == ["- a", "  1. b"]
    assert page.formulas == ["$x$"]
    assert page.tables == [[[("c\nd", 2, 1), ("e <", 1, 3)]]]
    assert not page.faults


@pytest.mark.parametrize(
    "html",
    [
        *("<p>a", "a</p>", "<p><em>a</p></em>", "<script>a</script>", "<b>a</b>", "<!-- a -->"),
        *('<p onclick="a">b</p>', "<a href='x'>y</a>", "<!DOCTYPE html>", "<?a?>", "<img src='x'>"),
        "<p class='a\"b'>c</p>",
    ],
)
def test_unsound_html_is_noticed(html: str) -> None:
    """What does not match, what runs and what a converter does not write are faults."""
    assert html_reading.read(html).faults
