"""Documents of a known structure, and what remains of them when they are broken at random."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import HealthCheck, given, settings

from got_loaders.markup import content_kind, to_html, to_latex, to_markdown, to_text
from tests.markup import html_reading, markdown_reading, tex_reading
from tests.markup.building import Built, broken, built, content, paragraphs, words

CALM = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def plain_items(source: str) -> int:
    """How many lines may begin like items of a list, however they were stirred."""
    return len(re.findall(r"[-*•]\s|\d[.)]\s", source))


def outputs(source: str) -> dict[str, str]:
    """What a source becomes in each form."""
    return {
        "markdown": to_markdown(source),
        "html tables": to_markdown(source, table_format="html"),
        "latex": to_latex(source),
        "document": to_latex(source, document=True),
        "text": to_text(source),
        "html": to_html(source),
    }


@given(built())
@CALM
def test_a_sound_document_keeps_its_structure(document: Built) -> None:
    """Headings, items, formulas and tables are parsed as they were built, and nothing else is."""
    found = markdown_reading.read(to_markdown(document.source))
    assert found.headings == document.headings
    assert found.items == document.items
    assert found.formulas == document.formulas
    assert found.tables == document.tables
    assert [found.html, found.others, found.code, found.stray_dollars] == [[]] * 4


@given(built())
@CALM
def test_a_sound_document_keeps_its_structure_in_html(document: Built) -> None:
    """The HTML has the same headings and items, and no tag of the text's own."""
    page = html_reading.read(to_html(document.source))
    assert not page.faults
    assert page.headings == document.headings
    assert page.items == document.items
    assert len(page.tables) == len(document.tables)


@given(broken())
@CALM
def test_no_word_of_a_broken_document_is_lost(source: str) -> None:
    """Every word is in every output, at least as often as it was read, and so is every letter."""
    read = Counter(content(source))
    letters = Counter("".join(content(source)))
    for form, output in outputs(source).items():
        assert not letters - Counter("".join(words(output))), form
        assert not [word for word in read if output.count(word) < read[word]], form


@given(broken())
@CALM
def test_markdown_of_a_broken_document_has_no_structure_of_its_own(source: str) -> None:
    """Headings, items, tables and blocks of code are at most as many as the marks for them."""
    markdown = to_markdown(source)
    found = markdown_reading.read(markdown)
    assert len(found.headings) <= len(re.findall(r"\\(?:title|(?:sub)*section)", source))
    assert len(found.items) <= source.count(r"\item") + plain_items(source)
    assert len(found.tables) <= source.count("tabular")
    kinds = ("\\begin", "<smiles>", "**kern", "{'a'")
    assert len(found.code) <= sum(source.count(kind) for kind in kinds)
    assert not found.html
    assert not found.others
    plain = markdown_reading.html_of_a_reader_without_maths(markdown)
    assert set(plain) <= {"<br>"}


@given(paragraphs())
@settings(CALM, max_examples=200)
def test_active_characters_are_characters(source: str) -> None:
    """Whatever stands in lines without headings, lists, tables and code makes none of these."""
    markdown = to_markdown(source)
    found = markdown_reading.read(markdown)
    assert [found.headings, found.code, found.tables] == [[]] * 3
    assert not found.items or len(found.items) <= plain_items(source) > 1
    assert [found.html, found.others, found.stray_dollars] == [[]] * 3
    assert not markdown_reading.html_of_a_reader_without_maths(markdown)
    assert tex_reading.faults(to_latex(source, document=True)) == []
    assert not html_reading.read(to_html(source)).faults


@given(broken())
@CALM
def test_latex_of_a_broken_document_is_sound(source: str) -> None:
    """The document has balanced braces and environments and no stray active character."""
    assert tex_reading.faults(to_latex(source, document=True)) == []


@given(broken())
@CALM
def test_html_of_a_broken_document_is_sound(source: str) -> None:
    """The HTML is balanced and holds only the converter's own tags, also inside Markdown."""
    assert not html_reading.read(to_html(source)).faults
    found = markdown_reading.read(to_markdown(source, table_format="html"))
    assert not html_reading.read("".join(found.html)).faults


@given(broken())
@CALM
def test_the_kind_is_one_of_those_known(source: str) -> None:
    """A broken document still has a kind of content."""
    assert content_kind(source) in ("text", "music", "tikz", "smiles", "chart")


@given(broken())
@CALM
def test_a_conversion_is_the_same_every_time(source: str) -> None:
    """Nothing is remembered between conversions."""
    assert outputs(source) == outputs(source)
