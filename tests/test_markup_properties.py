"""What holds for every reading: checked on generated ones, with a CommonMark parser."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from got_loaders.markup import escape_markdown, to_markdown, to_text

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = [
    "\\title{", "\\section*{", "\\subsection*{", "\\author{", "}", "{", "\\(", "\\)", "\\[", "\\]",
    "\\begin{tabular}{|l|l|}", "\\begin{tabular}", "\\end{tabular}", "\\hline", "\\multirow{",
    "\\begin{abstract}", "\\end{abstract}", "&", "\\\\", "\\&", "\\", "\n", "\n\n", " ", "    ",
    "\t", "|", "$", "#", "# ", "1. ", "- ", "> ", "---", ":-:", "=", "*", "_", "`", "```", "~",
    "<b>", "<!--", "&amp;", "[", "](", "]:", "!", "\r", "ALPHA", "BETA", "GAMMA9", "7", "É",
]  # fmt: skip
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
READINGS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
ANY_TEXT = st.one_of(READINGS, st.text())
WORDS = st.lists(st.sampled_from(["ALPHA", "BETA9", "ÉTÉ", "42"]), min_size=1).map(" ".join)
INNOCENT = {"text", "text_special", "softbreak", "hardbreak", "inline"}
INNOCENT |= {"paragraph_open", "paragraph_close"}


def words(text: str) -> list[str]:
    """The words of a reading that are no commands: our pieces write those in small letters."""
    return re.findall(r"[A-ZÉ]+\d*|\d+", text)


def tokens(markdown: str) -> list[Token]:
    """All tokens, those inside lines included."""
    return [t for block in PARSER.parse(markdown) for t in (block, *(block.children or ()))]


def shown(markdown: str) -> str:
    """What a reader of the rendered page sees, white space apart."""
    breaks = ("softbreak", "hardbreak", "paragraph_close")
    parts = (" " if t.type in breaks else t.content for t in tokens(markdown) if t.type != "inline")
    return "".join("".join(parts).split())


@given(ANY_TEXT)
@CALM
def test_nothing_raises(reading: str) -> None:
    """Any text at all can be converted."""
    for convert in (to_markdown, to_text, escape_markdown):
        assert isinstance(convert(reading), str)


@given(READINGS)
@settings(CALM, max_examples=300)
def test_no_word_is_lost(reading: str) -> None:
    """Every word that was read is in the text, in the order of the reading."""
    assert words(to_markdown(reading)) == words(reading)
    assert "".join(words(to_text(reading))) == "".join(words(reading))


@given(ANY_TEXT.filter(lambda text: "\0" not in text))
@settings(CALM, max_examples=300)
def test_a_plain_reading_is_shown_as_it_was_read(reading: str) -> None:
    """A parser finds nothing but paragraphs in an escaped reading, and in them its characters."""
    markdown = escape_markdown(reading)
    assert {token.type for token in tokens(markdown)} <= INNOCENT
    assert shown(markdown) == "".join(reading.split())


@given(WORDS)
@CALM
def test_a_heading_is_parsed_as_one(text: str) -> None:
    """A parser sees exactly the title's words as a heading of the first level."""
    types = [(t.type, t.tag, t.content) for t in PARSER.parse(to_markdown(rf"\title{{{text}}}"))]
    assert types[0][:2] == ("heading_open", "h1")
    assert types[1][2] == text


CELLS = st.text(alphabet="ABC 12|*_#$<>`[]()-", min_size=1).filter(str.strip)


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
