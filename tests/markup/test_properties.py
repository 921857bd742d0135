"""What holds for every reading: checked on generated ones, with a CommonMark parser."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from got_loaders._characters import clean_text
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
from tests.markup import html_reading, tex_reading

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SIGNS = [
    "}", "{", "\\(", "\\)", "\\[", "\\]", "&", "\\\\", "\\&", "\\", "\n", "\n\n", " ", "    ",
    "\t", "|", "$", "#", "# ", "1. ", "- ", "> ", "---", ":-:", "=", "*", "_", "`", "```", "~",
    "<b>", "<!--", "&amp;", "[", "](", "]:", "!", "\r", "ALPHA", "BETA", "GAMMA9", "7", "É",
    "\\quad", "{ }^{", "\\dagger", "\\par", "\\foo", "\\left(", "\\right)", "^", "\\textbf{",
    "\\emph{", "\\texttt{", "\\textsuperscript{", "\\footnote{", "{\\bf ", "\\hline",
]  # fmt: skip
MARKUP = [
    "\\title{", "\\section*{", "\\subsection*{", "\\author{", "\\begin{tabular}{|l|l|}",
    "\\begin{tabular}", "\\begin{tabular}{", "\\end{tabular}", "\\multirow{", "\\multirow{2}{*}{",
    "\\multicolumn{2}{c}{", "\\begin{abstract}", "\\end{abstract}", "\\begin{itemize}", "\\item ",
    "\\item[", "\\end{itemize}", "\\begin{enumerate}", "\\end{enumerate}", "\\begin{align}",
    "\\end{align}", "\\frac{", "\\begin{table}", "\\end{table}", "\\caption{",
    "\\includegraphics{", "\\begin{foo}", "\\end{foo}", "\\begin{verbatim}", "\\end{verbatim}",
    "\\begin{tikzpicture}", "\\end{tikzpicture}", "<smiles>", "</smiles>", "**kern\n", "*-\n",
    "\\diagbox{", "\\textcircled{", "\\hhline{", "\\hspace{", "\\hdashline", "\\begin{pmatrix}",
    "\\end{pmatrix}", "\\begin{sidewaystable}", "\\end{sidewaystable}", "\\item[☑]", "\\text{",
    "\\makecell{", "\\begin{array}{cc}", "\\end{array}", "\\tag{1}", "\\cline{2-3}", "\\label{",
]  # fmt: skip
PIECES = SIGNS + MARKUP
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
READINGS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
UNMARKED = st.lists(st.sampled_from(SIGNS), max_size=25).map("".join)
ANY_TEXT = st.one_of(READINGS, st.text())
WORDS = st.lists(st.sampled_from(["ALPHA", "BETA9", "ÉTÉ", "42"]), min_size=1).map(" ".join)
INNOCENT = {"text", "text_special", "softbreak", "hardbreak", "inline"}
INNOCENT |= {"paragraph_open", "paragraph_close"}
EMPHASIS = {"strong_open", "strong_close", "em_open", "em_close", "code_inline"}
LISTS = {"bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"}
LISTS |= {"list_item_open", "list_item_close"}
CONVERSIONS: dict[str, Callable[[str], str]] = {
    "markdown": to_markdown,
    "html tables": lambda text: to_markdown(text, table_format="html"),
    "text": to_text,
    "latex": to_latex,
    "document": lambda text: to_latex(text, document=True),
    "html": to_html,
}
ESCAPES = (escape_markdown, escape_latex, escape_html)


def words(text: str) -> Counter[str]:
    """The words of a reading that are no commands: our pieces write those in small letters."""
    return Counter(re.findall(r"[A-Z]{2,}", text))


def tokens(markdown: str) -> list[Token]:
    """All tokens, those inside lines included."""
    return [t for block in PARSER.parse(markdown) for t in (block, *(block.children or ()))]


def shown(markdown: str) -> str:
    """What a reader of the rendered page sees, white space apart."""
    breaks = ("softbreak", "hardbreak", "paragraph_close")
    parts = (" " if t.type in breaks else t.content for t in tokens(markdown) if t.type != "inline")
    return "".join("".join(parts).split())


@given(ANY_TEXT)
@settings(CALM, max_examples=200)
def test_nothing_raises(reading: str) -> None:
    """Any text at all can be converted."""
    for convert in (*CONVERSIONS.values(), *ESCAPES):
        assert isinstance(convert(reading), str)
    assert isinstance(content_kind(reading), str)


@given(READINGS)
@settings(CALM, max_examples=500)
def test_no_word_is_lost(reading: str) -> None:
    """Every word that was read is in every output, at least as often as it was read."""
    read = words(re.sub(r"\\label\{\S*?\}", "", reading))
    for form, convert in CONVERSIONS.items():
        output = convert(reading)
        assert not [word for word, count in read.items() if output.count(word) < count], form


@given(UNMARKED)
@settings(CALM, max_examples=500)
def test_what_was_not_marked_up_is_no_mark_up(reading: str) -> None:
    """Markdown has a heading, list, table, rule or HTML only where the reading marked one up, or a
    list where at least two lines begin like items."""
    plain = re.sub(r"(?<!\\)\$(?:[^$\\]|\\.)*\$", "X", to_markdown(reading))
    may_list = max(reading.count("- "), reading.count("1. ")) > 1
    assert {token.type for token in tokens(plain)} <= INNOCENT | EMPHASIS | (
        LISTS if may_list else set()
    )


@given(READINGS)
@settings(CALM, max_examples=300)
def test_html_is_sound(reading: str) -> None:
    """The HTML is balanced, and no tag of it was in the reading."""
    assert not html_reading.read(to_html(reading)).faults


@given(READINGS)
@settings(CALM, max_examples=300)
def test_latex_is_sound(reading: str) -> None:
    r"""A document's braces, environments and ``\left`` match; no active sign stands free in it."""
    assert tex_reading.faults(to_latex(reading, document=True)) == []


@given(ANY_TEXT)
@CALM
def test_escaped_latex_and_html_keep_their_lines(reading: str) -> None:
    """What is seen of a plain reading is only escaped: no line is added, joined or marked up."""
    lines = clean_text(reading).split("\n")
    assert escape_html(reading).split("\n") == [html.escape(line) for line in lines]
    assert escape_latex(reading).split("\n") == [escape_latex(line) for line in lines]


@given(ANY_TEXT)
@settings(CALM, max_examples=300)
def test_a_plain_reading_is_shown_as_it_was_read(reading: str) -> None:
    """A parser finds nothing but paragraphs in an escaped reading, and in them its characters."""
    markdown = escape_markdown(reading)
    assert {token.type for token in tokens(markdown)} <= INNOCENT
    assert shown(markdown) == "".join(clean_text(reading).split())


@given(WORDS)
@CALM
def test_a_heading_is_parsed_as_one(text: str) -> None:
    """A parser sees exactly the title's words as a heading of the first level."""
    types = [(t.type, t.tag, t.content) for t in PARSER.parse(to_markdown(rf"\title{{{text}}}"))]
    assert types[0][:2] == ("heading_open", "h1")
    assert types[1][2] == text


CELLS = st.text(alphabet="ABC 12|*_#$<>`[]()-", min_size=1).filter(str.strip)
CELLS = CELLS.filter(lambda cell: cell.count("$") < 2)  # two may be a formula's


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=4))
@CALM
def test_a_table_is_parsed_as_one(rows: list[list[str]]) -> None:
    """A parser sees the cells of a simple table, whatever characters are in them."""
    body = "".join(" & ".join(row) + " \\\\\n\\hline\n" for row in rows)
    markdown = to_markdown(f"\\begin{{tabular}}{{|l|l|}}\n\\hline\n{body}\\end{{tabular}}")
    found = [t for t in PARSER.parse(markdown) if t.type == "inline"]
    assert ["".join(shown_cell(t).split()) for t in found] == [
        "".join(cell.split()) for row in rows for cell in row
    ]


def shown_cell(token: Token) -> str:
    """The text of a cell."""
    return "".join(child.content for child in token.children or ())
