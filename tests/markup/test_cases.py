"""Every case file: what the model wrote, and what becomes of it in each form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from got_loaders.markup import content_kind, to_html, to_latex, to_markdown, to_text
from tests.markup import html_reading, markdown_reading, tex_engines, tex_reading
from tests.markup.case_files import CASES, Case

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def giving(*sections: str) -> pytest.MarkDecorator:
    """The cases that have one of these sections."""
    chosen = [case for case in CASES if any(name in case.sections for name in sections)]
    return pytest.mark.parametrize("case", chosen, ids=lambda case: case.name)


def without_empty_lines(html: str) -> str:
    """HTML without empty lines between tags, which show nothing."""
    return re.sub(r"\n+", "\n", html).replace("\n</code>", "</code>").strip()


def flat(formula: str) -> str:
    """A formula without the blanks around relations, which may keep it from looking like a tag."""
    return re.sub(r" *(<|>|\\lt |\\gt ) *", lambda match: f" {match[1]} ", formula)


def squashed(text: str) -> str:
    """Text without white space, the dollars of formulas and what escapes others in them."""
    text = re.sub(r"\\(.)", lambda match: match[1] if match[1] in "$%" else match[0], text)
    return re.sub(r"[\s$\0\ufffd]", "", text)


def test_there_are_cases_enough() -> None:
    """There are at least 150 inputs, half of them broken, and every one says what it shows."""
    assert len(CASES) >= 150
    assert sum(case.broken for case in CASES) * 2 >= len(CASES)
    assert all(case.promise.endswith(".") for case in CASES)
    assert all(case.words or "text" in case.sections for case in CASES)


@giving("markdown")
def test_markdown(case: Case) -> None:
    """The Markdown is exactly this."""
    assert to_markdown(case.text) == case.sections["markdown"]


@giving("markdown with html tables")
def test_markdown_with_html_tables(case: Case) -> None:
    """The Markdown with tables in HTML is exactly this."""
    markdown = to_markdown(case.text, table_format="html")
    assert markdown == case.sections["markdown with html tables"]


@giving("latex")
def test_latex(case: Case) -> None:
    """The LaTeX is exactly this."""
    assert to_latex(case.text) == case.sections["latex"]


@giving("text")
def test_text(case: Case) -> None:
    """The plain text is exactly this."""
    assert to_text(case.text) == case.sections["text"] or not case.checks("text")


@giving("html")
def test_html(case: Case) -> None:
    """The HTML is exactly this, empty lines between blocks apart."""
    assert without_empty_lines(to_html(case.text)) == without_empty_lines(case.sections["html"])


@giving("kind")
def test_kind(case: Case) -> None:
    """The kind of content is recognised."""
    assert content_kind(case.text) == case.sections["kind"]


@every_case
def test_markdown_is_parsed_into_what_was_in_the_input(case: Case) -> None:
    """A parser finds the headings, items, formulas, code and tables of the input, nothing more."""
    found = markdown_reading.read(to_markdown(case.text))
    assert not found.stray_dollars
    assert not found.html
    assert not found.others
    if case.checks("headings"):
        assert found.headings == case.lines("headings")
    if case.checks("items"):
        assert found.items == case.lines("items")
    if case.checks("formulas"):
        assert [*map(flat, found.formulas)] == [*map(flat, case.lines("formulas"))]
    if case.checks("code"):
        assert found.code == case.lines("code")
    if case.checks("tables"):
        assert found.tables == case.tables


@every_case
def test_markdown_holds_no_html_for_a_reader_without_maths(case: Case) -> None:
    """Where formulas are not known, nothing in them or elsewhere is taken for HTML or a link."""
    found = markdown_reading.html_of_a_reader_without_maths(to_markdown(case.text))
    assert set(found) <= {"<br>"}


@every_case
def test_markdown_shows_what_the_text_says(case: Case) -> None:
    """Who reads the Markdown on a page and who reads the plain text read the same."""
    if "items" in case.sections or not case.checks("items"):
        pytest.skip("a page shows the marks of items by itself")
    if not case.checks("names"):
        pytest.skip("Markdown shows what is not allowed in a formula by its name")
    shown = markdown_reading.read(to_markdown(case.text)).shown
    assert squashed(shown) == squashed(to_text(case.text))


@every_case
def test_html_tables_in_markdown_are_tables(case: Case) -> None:
    """With tables in HTML, each keeps its cells and spans, and nothing else in HTML is there."""
    found = markdown_reading.read(to_markdown(case.text, table_format="html"))
    assert found.tables == []
    assert found.headings == case.lines("headings") or not case.checks("headings")
    page = html_reading.read("".join(found.html))
    assert not page.faults
    if case.checks("spans") and case.checks("tables"):
        assert page.tables == case.spans


@every_case
def test_html_is_sound(case: Case) -> None:
    """The HTML is balanced, holds nothing that runs, and the tables and headings of the input."""
    html = to_html(case.text)
    page = html_reading.read(html)
    assert not page.faults
    if case.checks("headings"):
        assert page.headings == case.lines("headings")
    if case.checks("spans") and case.checks("tables"):
        assert page.tables == case.spans
    if case.checks("items") and "<dl>" not in html:
        assert page.items == case.lines("items")
    if case.checks("formulas") and "spans" not in case.sections:
        assert [*map(flat, page.formulas)] == [*map(flat, case.lines("formulas"))]


@every_case
def test_latex_document_is_sound(case: Case) -> None:
    """The document has a frame, balanced braces and environments, and no stray character."""
    assert tex_reading.faults(to_latex(case.text, document=True)) == []


@every_case
def test_no_word_is_lost(case: Case) -> None:
    """Every word of the content is in every output, as often as it was read."""
    outputs = {
        "markdown": markdown_reading.read(to_markdown(case.text)).shown,
        "html tables": to_markdown(case.text, table_format="html"),
        "latex": to_latex(case.text),
        "document": to_latex(case.text, document=True),
        "text": to_text(case.text),
        "html": html_reading.read(to_html(case.text)).text,
    }
    for form, output in outputs.items():
        lost = [word for word in case.words if output.count(word) < case.words.count(word)]
        assert not lost, form


@pytest.mark.slow
@every_case
def test_latex_document_compiles(case: Case, tmp_path: Path) -> None:
    """Where a TeX engine is installed, the document compiles; to no page, if it has no text."""
    engine = tex_engines.installed()
    if engine is None:
        pytest.skip(f"no TeX engine that works: none of {', '.join(tex_engines.NAMES)}")
    document = to_latex(case.text, document=True)
    done = tex_engines.compile_document(engine, document, tmp_path)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    assert (tmp_path / "page.pdf").exists() == bool(to_text(case.text))
