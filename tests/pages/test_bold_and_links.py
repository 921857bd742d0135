"""Bold type and links of a page's own text are kept, and nothing in them acts."""

from __future__ import annotations

from typing import Any

import pytest

from got_loaders.markup import to_html, to_latex, to_markdown, to_text
from got_loaders.pages.text_layer.links import Link, add_links, safe_address
from got_loaders.pages.text_layer.words import Line, Word
from got_loaders.types import Box
from tests.pages.drawing import drawn, html, text_width, written
from tests.pages.making import of_bytes, opened, pymupdf

PROSE = "The boats went out of the harbour in the early morning, as ever. "


def linked(page: Any, text: str, address: str, y: float = 300) -> None:
    """A line of text that leads somewhere."""
    page.insert_text((60, y), text, fontsize=12)
    place = pymupdf.Rect(60, y - 12, 60 + text_width(text, 12), y + 3)
    page.insert_link({"kind": pymupdf.LINK_URI, "from": place, "uri": address})


def parts_of(data: bytes) -> list[str]:
    """The texts of the first page's parts."""
    with opened(of_bytes(data)) as document:
        return [part.text for part in document.text_layer(0).parts]


def test_bold_words_are_bold() -> None:
    """One after another as one, with the exponents in them; not in headings, which are anyway."""
    text = f"<h2>A <b>bold</b> heading</h2><p>{PROSE}It is <b>very important x<sup>2</sup></b>.</p>"
    heading, body = parts_of(drawn(html(text)))
    assert to_markdown(heading) == "## A bold heading"
    assert to_markdown(body) == PROSE + "It is **very important x²**."
    assert to_html(body).endswith("It is <strong>very important x²</strong>.</p>")
    assert to_latex(body).endswith(r"It is \textbf{very important x\textsuperscript{2}}.")
    assert to_text(body) == PROSE + "It is very important x²."


def test_bold_means_nothing_where_all_is_bold() -> None:
    """A page in one bold font."""
    (text,) = parts_of(drawn(html(f"<p><b>{PROSE * 3}</b></p>")))
    assert text == (PROSE * 3).strip()


def test_links_say_where_they_lead() -> None:
    """Behind their words, in every output; signs beside them are not of them."""
    text = (
        f"{PROSE}See <a href='https://example.org/a_b?c=1&d=50%25'>the <b>timetable</b></a>, too."
    )
    (mmd,) = parts_of(drawn(html(text)))
    address = "https://example.org/a_b?c=1&d=50%25"
    assert to_text(mmd) == f"{PROSE}See the timetable ({address}), too."
    assert to_markdown(mmd) == f"{PROSE}See the **timetable** ({address}), too."
    assert address.replace("&", "&amp;") in to_html(mmd)
    assert "href" not in to_html(mmd)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_links_are_found_on_turned_pages(turn: int) -> None:
    """Where they are shown."""
    with pymupdf.open() as document:
        page = document.new_page()
        page.set_rotation(turn)
        place = pymupdf.Rect(60, 60, 400, 200)
        page.insert_htmlbox(
            place * page.derotation_matrix,
            "<a href='https://a.org/x'>mail</a> and more",
            rotate=turn,
        )
        texts = parts_of(document.tobytes())
    assert [to_text(text) for text in texts] == ["mail (https://a.org/x) and more"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/", "https://example.org"),
        ("www.example.org", "http://www.example.org/"),
        ("office@example.org", "mailto:office@example.org"),
        ("example.org/a/long", "https://example.org/a/long/way"),
    ],
)
def test_an_address_that_is_shown_is_not_repeated(text: str, address: str) -> None:
    """Nor a piece of it."""
    assert parts_of(drawn(lambda page: linked(page, text, address))) == [text]


@pytest.mark.parametrize("hyphen", "-\u2010\u2011\u2013")
def test_an_address_that_is_shown_with_another_hyphen_is_not_repeated(hyphen: str) -> None:
    """Typesetters print hyphens and dashes that no address has."""
    box = Box(60, 60, 200, 72)
    line = Line(words=(Word(f"http://example.org/a{hyphen}b", box),))
    assert add_links([line], [Link(box, "http://example.org/a-b")]) == [line]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "JaVaScRiPt:alert(1)",
        "https://user:secret@example.org/", "https://a.org/<script>", "https://a.org/ x",
        "https://a.org/\x01", "https://a.org/\u202ex", "https:", "ftp://a.org", "mailto:", "",
        "https://a.org/" + "x" * 600, "http://[", "https://a.org/{x}", "https://a.org/\\href",
        "vbscript:x", "//a.org", "#page=2", "https://a.org/\n[x](y)",
    ],
)  # fmt: skip
def test_other_addresses_are_left_out(address: str) -> None:
    """Only what a reader may follow, and can see, is told."""
    assert safe_address(address) == ""


@pytest.mark.parametrize(
    "address",
    ["https://a.org/](javascript:alert(1))", "https://a.org/$x$%26&amp;`#*_~|", "http://ä.org/ö"],
)
def test_nothing_in_an_address_acts(address: str) -> None:
    """It stands for itself in every output."""
    (mmd,) = written(lambda page: linked(page, "our boats", address)) or [""]
    if not safe_address(address):
        assert mmd == "our boats"
        return
    assert to_text(mmd) == f"our boats ({address})"
    assert "](" not in to_markdown(mmd).replace(r"\](", "")
    assert "<a" not in to_html(mmd)


@pytest.mark.parametrize(("count", "words", "kept"), [(12, 4, 12), (30, 4, 0), (30, 40, 30)])
def test_addresses_do_not_bury_a_page(count: int, words: int, kept: int) -> None:
    """More than a dozen are told where they are less than a quarter of its text."""
    text = "".join(
        f"<a href='https://a.org/{n}'>boat{n}</a> {'harbour ' * words}" for n in range(count)
    )
    texts = written(html(f"<p style='font-size:8px'>{text}</p>"))
    assert " ".join(texts).count(r"\href") == kept


def test_a_link_over_the_page_belongs_to_no_words() -> None:
    """Whatever it leads to."""

    def draw(page: Any) -> None:
        page.insert_textbox((60, 60, 500, 200), PROSE * 3, fontsize=12)
        link = {"kind": pymupdf.LINK_URI, "from": page.rect, "uri": "https://a.org"}
        page.insert_link(link)

    assert parts_of(drawn(draw)) == [(PROSE * 3).strip()]
