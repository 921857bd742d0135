"""What becomes of hyphens and dashes at the end of a line."""

from __future__ import annotations

from typing import Any

import pytest

from got_loaders.pages.text_layer.assign_lines import LayoutBox, TextBlock
from got_loaders.pages.text_layer.hyphens import KnownWords, known_words
from got_loaders.pages.text_layer.mupdf_page import clip_lines
from got_loaders.pages.text_layer.paragraphs import NO_WORDS, join_rows
from got_loaders.pages.text_layer.styled_text import Style, StyledText
from got_loaders.pages.text_layer.to_mmd import to_mmd
from got_loaders.pages.text_layer.words import Line, Word, clean_word
from got_loaders.types import Box
from tests.pages.drawing import drawn
from tests.pages.making import of_bytes, opened


def joined(text: str, known: KnownWords = NO_WORDS) -> str:
    """Lines that a bar divides, as one paragraph."""
    return join_rows([StyledText(row) for row in text.split("|")], known).text


KEPT = {
    "n-|tridecanal": "n-tridecanal",
    "(n-|tridecanal)": "(n-tridecanal)",
    "an e-|mail": "an e-mail",
    "an X-|ray": "an X-ray",
    "1998-|2003": "1998-2003",
    "pages 3-|4, 6-|8.": "pages 3-4, 6-8.",
    "COVID-|19": "COVID-19",
    "a 3-|dimensional": "a 3-dimensional",
    "10%-|rule": "10%-rule",
    "Jean-|Paul": "Jean-Paul",
    "New York-|London": "New York-London",
    "the New York-|based bank": "the New York-based bank",
    "self-|contained": "self-contained",
    "well-|known": "well-known",
    "twenty-|one": "twenty-one",
    "so-|called": "so-called",
    "state-of-the-|art": "state-of-the-art",
    "-pn 1 -|prio 3": "-pn 1 -prio 3",
    "tar -|xzf a.tar": "tar -xzf a.tar",
    "below -|5 degrees": "below -5 degrees",
    "1998\u2013|2003": "1998\u20132003",
    "the boats\u2014|heavy with fish": "the boats\u2014heavy with fish",
}
SUSPENDED = {
    "pre-|and post-war": "pre- and post-war",
    "two-|or three-dimensional": "two- or three-dimensional",
    "5-|to 10-year": "5- to 10-year",
    "Ein-|und Ausgabe": "Ein- und Ausgabe",
    "Haupt-|oder Nebensatz": "Haupt- oder Nebensatz",
    "vracht-|en vliegtuigen": "vracht- en vliegtuigen",
    "vracht-|en": "vracht- en",
    "pré-|et postopératoire": "pré- et postopératoire",
    "socio-|y geopolítico": "socio- y geopolítico",
    "socio-|e geopolitico": "socio- e geopolitico",
    "för-|och efternamn": "för- och efternamn",
}
WHOLE = {
    "an ex-|ample": "an example",
    "self-|ish": "selfish",
    "dis-|oriented": "disoriented",
    "hyphen-|ation": "hyphenation",
    "under\u2010|standing": "understanding",
    "Silben-|trennung": "Silbentrennung",
    "dés-|organisation": "désorganisation",
    "ENVIRON-|MENTAL": "ENVIRONMENTAL",
    "soft\u00ad|ly": "softly",
    "Wachs\u00ad|Tuch": "WachsTuch",
    "so\u00adft": "soft",
    "or-|der and fact-|ory": "order and factory",
}
BLANK = {
    "a long|line": "a long line",
    "boats \u2013|and water": "boats \u2013 and water",
    "boats -|and - as ever - water": "boats - and - as ever - water",
    "Interest -|Dividends -": "Interest - Dividends -",
    "a dash--|here": "a dash-- here",
}


@pytest.mark.parametrize(("text", "expected"), [*KEPT.items(), *SUSPENDED.items()])
def test_hyphens_that_belong_to_a_word_are_kept(text: str, expected: str) -> None:
    """Between digits, after one letter, before a conjunction, in compounds that are known."""
    assert joined(text) == expected


@pytest.mark.parametrize(("text", "expected"), [*WHOLE.items(), *BLANK.items()])
def test_words_that_a_hyphen_divides_are_made_whole(text: str, expected: str) -> None:
    """And dashes between blanks keep these."""
    assert joined(text) == expected


def test_a_compound_that_stands_elsewhere_keeps_its_hyphen() -> None:
    """And a word that stands elsewhere without one is that."""
    known = known_words(["the got-loaders package, (low-cost)", "a factory, werken"])
    assert joined("got-|loaders are", known) == "got-loaders are"
    assert joined("a low-|cost one", known) == "a low-cost one"
    assert joined("a self-|factory", known) == "a self-factory"
    assert joined("fact-|ory", known) == "factory"
    assert joined("werk-|en", known) == "werken"
    assert joined("other-|wise", known) == "otherwise"


def test_only_the_conjunctions_of_a_page_count() -> None:
    """Where its language can be told: ``en`` divides no word of a German page."""
    german = "die Boote der Stadt und das Wasser von dem Hafen ist nicht mit den Booten zu sehen"
    dutch = "de boten van de haven en het water dat niet voor de stad is met een boot op zee"
    assert joined("die Frau-|en", known_words([german])) == "die Frauen"
    assert joined("vracht-|en", known_words([dutch])) == "vracht- en"
    assert joined("Ein-|und Ausgabe", known_words([german])) == "Ein- und Ausgabe"


def test_an_english_page_divides_no_word_before_its_last_two_letters() -> None:
    """So two letters there are a word of another language; three may be the rest of a word."""
    english = "the boats of the harbour and the water that is not for the city in which it was"
    known = known_words([english])
    assert joined("vracht-|en", known) == "vracht- en"
    assert joined("avant-|et", known) == "avant- et"
    assert joined("comp-|und", known) == "compund"


def test_soft_hyphens_divide_no_words() -> None:
    """Whether they show, at the end of a line, or do not."""
    rows = ["The boats of the har\u00ad", "bour, mor\u00adning after morning,", "and c\u00ado"]
    lines = [
        Line(words=tuple(Word(word, Box(9, 9, 90, 20 + n)) for word in row.split()), base=20.0 * n)
        for n, row in enumerate(rows)
    ]
    clipped, _ = clip_lines(lines, (100, 100))
    block = TextBlock(layout=LayoutBox(box=Box(0, 0, 90, 90)), lines=tuple(clipped))
    assert to_mmd(block) == "The boats of the harbour, morning after morning, and co"


def test_what_nobody_sees_changes_no_style() -> None:
    """It goes with the style that it had."""
    bold, plain = Style(bold=True), Style()
    word = Word("a\u200bb\u00adc\u00ad", Box(0, 0, 9, 9), (plain, plain, bold, bold, plain, bold))
    assert clean_word(word)[::2] == ("abc\u00ad", (plain, bold, plain, bold))


def test_hyphens_at_line_ends_of_a_page() -> None:
    """From the page to its text."""
    rows = ["The boats of the pre-", "and post-war years, 1998-", "2003, are well-",
            "known by their num-", "bers and by their names."]  # fmt: skip

    def draw(page: Any) -> None:
        for n, row in enumerate(rows):
            page.insert_text((60, 100 + 15 * n), row, fontsize=12)

    with opened(of_bytes(drawn(draw))) as document:
        text = " ".join(part.text for part in document.text_layer(0).parts)
    assert text == (
        "The boats of the pre- and post-war years, 1998-2003, are well-known by their numbers "
        "and by their names."
    )


@pytest.mark.parametrize(
    ("end", "start", "expected"),
    [
        ("home with many fish har-", "bours and water", ["harbours", "and water"]),
        ("home after the pre-", "and post-war years", ["the pre-", "and post-war"]),
        ("home and are well-", "known for that", ["well-known", "for that"]),
        ("home and are quiet", "known for that", ["quiet", "known for that"]),
    ],
)
def test_words_that_the_end_of_a_column_divides(end: str, start: str, expected: list[str]) -> None:
    """Are made whole in the column in which they begin; regions stay where they are."""
    column = ["The boats of the old", "harbour went out in", "the morning and came", end]

    def draw(page: Any) -> None:
        for x, rows in ((60, [*column[:3] * 4, end]), (330, [start, *column[:3] * 4])):
            for n, row in enumerate(rows):
                page.insert_text((x, 100 + 14 * n), row, fontsize=12)

    with opened(of_bytes(drawn(draw))) as document:
        layer, regions = document.text_layer(0), document.regions(0)
    left, right = (part.text for part in layer.parts)
    assert left.endswith(expected[0])
    assert right.startswith(expected[1])
    assert regions == tuple(part.region for part in layer.parts)
