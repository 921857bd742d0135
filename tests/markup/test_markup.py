"""What the model's text becomes as Markdown and as plain text, case by case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from got_loaders.markup import (
    content_kind,
    escape_html,
    escape_latex,
    escape_markdown,
    to_html,
    to_latex,
    to_markdown,
    to_text,
)

TABULAR = r"""\begin{tabular}{|l|c|}
\hline
Part & Price \\
\hline \hline
Bolt \(M_{4}\) & $5 \\
\hline
\end{tabular}"""
ENDLESS_ROW = r"\begin{tabular}{l} a" + " &" * 100 + r" \\ b" * 100 + r" \end{tabular}"
SPANS = r"\begin{tabular}{|c|c|} \hline \multirow{2}{*} {A} & x \\ & y \\ \end{tabular}"

FORMATTED = {
    "title": ("\\title{\nGeneral OCR \\\\ Theory\n}\nText", "# General OCR Theory\n\nText"),
    "section": (r"\section*{1 Intro \& more}", "## 1 Intro & more"),
    "section, numbered by LaTeX": (r"\section{Intro}", "## Intro"),
    "subsection": (r"\subsection*{Deep}", "### Deep"),
    "heading ending in a hash": (r"\section*{In C #}", r"## In C \#"),
    "maths in a heading": (r"\section*{The \( x^{2} \) law}", "## The $x^{2}$ law"),
    "authors": ("\\author{\nAda \\\\\nAlan\n}", "Ada  \nAlan"),
    "inline maths": (r"so \( a < b \), and", "so $a < b$, and"),
    "inline maths over lines": ("\\( a\n- b \\)", "$a - b$"),
    "neighbouring formulas": (r"\(a\)\(b\)", "$a$ $b$"),
    "dollar and percent in maths": (r"\(x $ 3%\)", r"$x \$ 3\%$"),
    "display maths": (r"Thus \[ a \\[2pt] b \] holds", "Thus\n\n$$a \\\\[2pt] b$$\n\nholds"),
    "table": (
        TABULAR,
        "| Part | Price |\n| --- | --- |\n| Bolt $M_{4}$ | \\$5 |",
    ),
    "bars in cells": (
        r"\begin{tabular}{l} a|b \\ \(|x|\) \\ \end{tabular}",
        "| a\\|b |\n| --- |\n| $\\|x\\|$ |",
    ),
    "escaped ampersand in a cell": (
        r"\begin{tabular}{ll} R\&D & 1 \\ \end{tabular}",
        "| R&D | 1 |\n| --- | --- |",
    ),
    "ragged table": (
        r"\begin{tabular}{ll} a & b \\ c \\ \end{tabular}",
        "| a | b |\n| --- | --- |\n| c |  |",
    ),
    "table cut off": (
        r"\begin{tabular}{ll} a & b \\ c & d",
        "| a | b |\n| --- | --- |\n| c | d |",
    ),
    "table with spans": (SPANS, "| A | x |\n| --- | --- |\n| A | y |"),
    "table of which nearly nothing was read": (
        ENDLESS_ROW,
        "| a" + " | " * 100 + " |\n|" + " --- |" * 101 + "\n| b |" * 100,
    ),
    "blanks around a line break": ("one \t \\\\ \t\\\\ two \t three", "one\n\ntwo \t three"),
    "heading of hashes": (r"\section*{##}", r"## \#\#"),
    "abstract": (r"A \begin{abstract} x \end{abstract} B", "A\n\n**Abstract**\n\nx\n\nB"),
    "unknown environment": (
        r"A \begin{algorithm} x \end{algorithm} B",
        "A\n\n```latex\n\\begin{algorithm} x \\end{algorithm}\n```\n\nB",
    ),
    "a fence inside a fence": (
        "\\begin{code}```\\end{code}",
        "````latex\n\\begin{code}```\\end{code}\n````",
    ),
    "escapes of LaTeX": (r"R\&D 5\% a\_b \#1 \{x\} \$5", r"R&D 5% a_b #1 {x} \$5"),
    "line break": ("one \\\\ two", "one  \ntwo"),
    "lines": ("one\ntwo\n\nthree", "one  \ntwo\n\nthree"),
    "unclosed formula": (r"\( a", r"\\( a"),
    "unclosed heading": (r"\title{ a", "# a"),
    "unclosed heading with more after it": ("\\title{ a\n\nb", "\\title{ a\n\nb"),
    "stray end": (r"a \end{tabular}", r"a \end{tabular}"),
    "heading that is only read": ("# x", r"\# x"),
    "nothing": ("", ""),
    "only mark-up": (r"\title{}\[ \]", ""),
}


@pytest.mark.parametrize(("reading", "markdown"), FORMATTED.values(), ids=FORMATTED)
def test_formatted_reading_becomes_markdown(reading: str, markdown: str) -> None:
    """Each construct of the formatted reading has its counterpart in Markdown."""
    assert to_markdown(reading) == markdown


PLAIN = {
    "heading": ("# x", r"\# x"),
    "number": ("1. x", r"1\. x"),
    "bracketed number": ("12) x", r"12\) x"),
    "decimal number": ("1.5 mm", "1.5 mm"),
    "bullet": ("- x", r"\- x"),
    "plus": ("+ x", r"\+ x"),
    "negative number": ("-5", "-5"),
    "rule": ("---", r"\---"),
    "underline": ("Total\n=====", "Total\n\\====="),
    "quotation": ("> x", r"\> x"),
    "stars": ("*a* 2 * 3", r"\*a\* 2 \* 3"),
    "underscores": ("_a_ snake_case", r"\_a\_ snake_case"),
    "code": ("`x`", r"\`x\`"),
    "tag": ("<b> a < b", r"\<b> a < b"),
    "entity": ("&amp; R&D", r"\&amp; R&D"),
    "bar": ("a | b", r"a \| b"),
    "dollar": ("$5", r"\$5"),
    "link": ("[a](b) [12]", r"[a\](b) [12]"),
    "backslash": ("C:\\dir \\*", "C:\\dir \\\\\\*"),
    "tilde": ("~~x~~", r"\~\~x\~\~"),
    "indent": ("a\n\n        x", "a\n\n   x"),
    "LaTeX is not understood": (r"\section*{x}", r"\section\*{x}"),
    "indent that a tab goes on": ("a\n\n    \tx", "a\n\n   x"),
    "old line ends": ("a\r# b\r\nc", "a\n\\# b\nc"),
}


@pytest.mark.parametrize(("reading", "markdown"), PLAIN.values(), ids=PLAIN)
def test_plain_reading_is_escaped(reading: str, markdown: str) -> None:
    """What is mark-up where it stands gets a backslash, and nothing else does."""
    assert escape_markdown(reading) == markdown


TEXT = {
    "title": ("\\title{\nGeneral \\\\ Theory\n}\nText", "General Theory\n\nText"),
    "maths": (r"so \( a^{2} \) is", "so a^{2} is"),
    "display": (r"\[ a = b \]", "a = b"),
    "table": (TABULAR, "Part\tPrice\nBolt M_{4}\t$5"),
    "table with spans": (SPANS, "A\tx\nA\ty"),
    "table of which nearly nothing was read": (
        ENDLESS_ROW,
        "a" + "\t" * 100 + "\nb" * 100,
    ),
    "escapes": (r"R\&D 5\%", "R&D 5%"),
    "no mark-up of Markdown": ("# x *a* $5", "# x *a* $5"),
}


@pytest.mark.parametrize(("reading", "text"), TEXT.values(), ids=TEXT)
def test_formatted_reading_becomes_plain_text(reading: str, text: str) -> None:
    """Mark-up goes, formulas and cells stay."""
    assert to_text(reading) == text


def test_escapes_of_plain_readings() -> None:
    """A plain reading is no LaTeX and no HTML: every active sign of either is a character."""
    assert escape_latex(r"a\b{c}$5 & 10% #1 x_y ^~") == (
        r"a\textbackslash{}b\{c\}\$5 \& 10\% \#1 x\_y \textasciicircum{}\textasciitilde{}"
    )
    assert escape_html("<a href='javascript:x'>\n&") == (
        "&lt;a href=&#x27;javascript:x&#x27;&gt;\n&amp;"
    )


def test_an_unknown_table_format_is_refused() -> None:
    """A slip in the name of a format doesn't go unnoticed."""
    with pytest.raises(ValueError, match="table_format must be 'gfm' or 'html', not 'markdown'"):
        to_markdown("", table_format="markdown")  # type: ignore[arg-type]  # the slip


KINDS = {
    "music": "**kern\t**kern\n*clefG2\t*\n4c\t4d\n*-\t*-",
    "tikz": r"See \begin{tikzpicture}\draw (0,0) -- (1,1);\end{tikzpicture}",
    "chart": "{'title': 'Sales', 'values': {'2024': 3",
    "smiles": "<smiles>CC(=O)OC1=CC=CC=C1C(=O)O</smiles>",
    "text": r"The **kern format and \( \{a: 1\} \) are text, and so is {x}.",
}


@pytest.mark.parametrize(("kind", "reading"), KINDS.items(), ids=KINDS)
def test_kinds_are_told_apart(kind: str, reading: str) -> None:
    """Music, pictures, charts and molecules are recognised, and kept as they were read."""
    assert content_kind(reading) == kind
    kept = re.sub(r"</?smiles>", "", reading.removeprefix("See "))
    assert kind == "text" or kept in to_markdown(reading)


DANGEROUS = [
    r"\( \input{/etc/passwd} \)",
    r"\[ \write18{rm} \]",
    r"\( \catcode`\%=12 \)",
    r"\( <smiles>\input{/etc/passwd}</smiles> \)",
    r"\begin{tikzpicture}<smiles>\input{/etc/passwd}</smiles>\end{tikzpicture}",
    r"\begin{tikzpicture} ^^5cinput{x} \input{y} \end{tikzpicture}",
    r"\begin{verbatim}\input{/etc/passwd}\end{verbatim}",
    r"\begin{foo}\input{/etc/passwd}\end{foo}",
    r"\includegraphics{\input{/etc/passwd}}",
]


@pytest.mark.parametrize("reading", DANGEROUS)
def test_commands_that_act_are_shown_and_not_run(reading: str) -> None:
    """What the model wrote can't read files or run programs when its LaTeX is compiled."""
    assert not re.search(r"\\(?:input|write|catcode)", to_latex(reading, document=True))


def test_pictures_that_do_more_than_draw_are_not_run() -> None:
    """TikZ is passed on only where it is balanced and draws; else it is shown as text."""
    drawing = r"\begin{tikzpicture} \draw (0,0) -- (1,1); \end{tikzpicture}"
    assert drawing in to_latex(drawing)
    assert r"\usepackage{tikz}" in to_latex(drawing, document=True)
    assert r"\begin{tikzpicture}" not in to_latex(drawing.replace("draw", "input{x}"))
    assert r"\begin{tikzpicture}" not in to_latex(drawing.replace(";", "{;"))
    assert r"\begin{tikzpicture}" not in to_latex(drawing.replace(";", "^^5cinput"))
    assert "^^" not in to_latex(r"\( ^^5cinput{x} \)")


def test_the_docs_show_what_is_written() -> None:
    """The forms that the docs show side by side are those of the reading above them."""
    page = (Path(__file__).parents[2] / "docs" / "markup.md").read_text(encoding="utf-8")
    reading = page.partition('r"""')[2].partition('"""')[0]
    shown = re.findall(r"^````\w+\n(.*?)\n````$", page, re.MULTILINE | re.DOTALL)
    assert shown == [
        to_markdown(reading),
        to_markdown(reading, table_format="html").split("\n\n")[-1],
        to_html(reading),
        to_latex(reading),
        to_text(reading),
    ]
