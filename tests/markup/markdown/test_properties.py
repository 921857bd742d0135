"""What holds for every reading in Markdown, however a model stirs its signs together."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from got_loaders.markup import to_html, to_latex, to_markdown, to_text
from tests.markup import html_reading, markdown_reading, tex_reading

LETTERS = "QWXZJ"
WORDS = st.text(LETTERS, min_size=2, max_size=4)
SIGNS = st.sampled_from([
    " ", " ", "\n", "\n", "\n\n", "    ", "\t", "  \n", "# ", "## ", "- ", "  - ", "* ", "1. ",
    "3) ", "> ", "---\n", "===\n", "***\n", "|", " | ", "|\n", "| --- | --- |\n", "|:-:|--:|\n",
    "\\|", "*", "**", "_", "__", "~~", "`", "``", "```\n", "```markdown\n", "```python\n",
    "~~~\n", "$", "$$", " $ ", "\\(", "\\)", "\\[", "\\]", "\\$", "\\", "\\*", "x^2",
    "\\frac{1}{2}", "{", "}", "&", "&lt;", "&#1;", "&#42;", "<", ">", "<b>", "</b>", "<sub>",
    "</sub>", "<sup>", "</sup>", "<br>", "<br/>", "<hr>", "<p>", "</p>", "<div align=\"center\">",
    "</div>", "<h2>", "</h2>", "<ul>", "<li>", "</li>", "</ul>", "<table>", "</table>", "<tr>",
    "</tr>", "<td>", "</td>", "<th rowspan=2 colspan=3>", "</th>", "<thead>", "<caption>",
    "</caption>", "<img src=\"a.png\" alt=\"", "\">", "<img>", "</img>", "![", "[", "](", ")",
    "[^1]", "[^1]: ", "<!--", "-->", "<script>", "</script>", "<style>", "<pre>", "</pre>",
    "<code>", "</code>", "<math>", "</math>", "<page_number>", "</page_number>", "<foo>",
    "</foo>", "<a href=\"javascript:x\">", "</a>", "<b onclick=\"x\">", "<!", "<?",
    "\\begin{align}", "\\end{align}", "\\begin{tabular}{ll}", "\\end{tabular}", "\\input{x}",
    "\\href{x}", "\ufdd00\ufdd1", "\x01", "\u200b", "2", "5*6",
])  # fmt: skip
READINGS = st.lists(st.one_of(WORDS, WORDS, SIGNS), max_size=40).map("".join)
CALM = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def outputs(source: str) -> dict[str, str]:
    """What a source becomes in each form."""
    return {
        "markdown": to_markdown(source, language="markdown"),
        "html tables": to_markdown(source, language="markdown", table_format="html"),
        "document": to_latex(source, language="markdown", document=True),
        "text": to_text(source, language="markdown"),
        "html": to_html(source, language="markdown"),
    }


@given(READINGS)
@CALM
def test_no_letter_is_lost(source: str) -> None:
    """Every letter of the reading is in every output, at least as often as it was read."""
    shown = re.sub(r"<(?:img|a)\s[^<>]*>", "", source)
    read = Counter("".join(re.findall(f"[{LETTERS}]", shown)))
    for form, output in outputs(source).items():
        assert not read - Counter(output), form


@given(READINGS)
@CALM
def test_nothing_of_a_reading_acts(source: str) -> None:
    """HTML holds our own tags alone, Markdown none, and LaTeX is a document that compiles."""
    found = outputs(source)
    assert not html_reading.read(found["html"]).faults
    markdown = markdown_reading.read(found["markdown"])
    assert not markdown.html
    assert not markdown.others
    assert set(markdown_reading.html_of_a_reader_without_maths(found["markdown"])) <= {"<br>"}
    assert not html_reading.read("".join(markdown_reading.read(found["html tables"]).html)).faults
    assert tex_reading.faults(found["document"]) == []


@given(READINGS)
@settings(CALM, max_examples=20)
def test_markdown_is_the_same_every_time(source: str) -> None:
    """Nothing is remembered from one reading to the next."""
    assert outputs(source) == outputs(source)


@pytest.mark.slow
@given(READINGS)
@settings(CALM, max_examples=20_000)
def test_no_letter_is_lost_in_many_readings(source: str) -> None:
    """The same, for as many readings as a night allows."""
    shown = re.sub(r"<(?:img|a)\s[^<>]*>", "", source)
    read = Counter("".join(re.findall(f"[{LETTERS}]", shown)))
    for form, output in outputs(source).items():
        assert not read - Counter(output), form
