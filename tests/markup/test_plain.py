"""Plain readings: characters that stand for themselves in each form, and nothing more."""

from __future__ import annotations

import html

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from got_loaders.markup import escape_html, escape_latex, escape_markdown
from tests.markup import html_reading, markdown_reading, tex_reading

ACTIVE = st.text(alphabet="aB1 \n\t\\{}$&%#_^~*`<>|[]()!-+=.:;'\"书é§—", max_size=60)
MARKS = st.lists(
    st.sampled_from(
        ["\\begin{tabular}", "\\(", "# ", "1. ", "<b>", "&amp;", "--", "``", "A", "\n"]
    ),
    max_size=20,
).map("".join)
PLAIN = st.one_of(ACTIVE, MARKS)
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def squashed(text: str) -> str:
    """Text without white space."""
    return "".join(text.split())


@given(PLAIN)
@CALM
def test_plain_text_is_shown_in_html(text: str) -> None:
    """A browser shows the characters that were read, in their lines."""
    escaped = escape_html(text)
    assert html.unescape(escaped).splitlines() == text.splitlines()
    assert "<" not in escaped
    assert not html_reading.read(escaped).faults


@given(PLAIN)
@CALM
def test_plain_text_stops_no_engine(text: str) -> None:
    """In a document the text has no active character, and keeps its letters and lines."""
    escaped = escape_latex(text)
    document = f"\\documentclass{{article}}\n\\usepackage{{ctex}}\n\\begin{{document}}\n{escaped}\n"
    assert tex_reading.faults(document + "\\end{document}\n") == []
    assert len(escaped.splitlines()) == len(text.splitlines())


@given(PLAIN)
@CALM
def test_plain_text_is_shown_in_markdown(text: str) -> None:
    """A reader of Markdown finds paragraphs only, and in them the characters that were read."""
    found = markdown_reading.read(escape_markdown(text))
    assert [found.headings, found.items, found.formulas, found.code, found.html] == [[]] * 5
    assert [found.tables, found.others, found.stray_dollars] == [[], [], []]
    assert squashed(found.shown) == squashed(text)
