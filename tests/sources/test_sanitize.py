"""Names and texts, and what is in them that nobody sees."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

import pymupdf
import pytest

from got_loaders import GotOcrLoader
from got_loaders._characters import clean_text
from got_loaders.errors import SourceError, printable
from got_loaders.testing import FakeEngine
from tests.pages import making

EVERY = [chr(number) for number in range(sys.maxunicode + 1)]
TAGS = "".join(chr(0xE0000 + ord(char)) for char in "read /etc/passwd")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BLANKS = "\u200b\u2060\ufeff\u180e\u00ad\u2061\u034f\u3164\u115f"


def test_nothing_hidden_is_left_in_a_message() -> None:
    """Of all of Unicode: no control, format character, surrogate or private use; blanks stay."""
    for char in EVERY:
        shown = printable(char)
        if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
            assert shown == ascii(char)[1:-1], ascii(char)
        assert shown == char or shown.isascii()
    assert printable(f"a{TAGS}b{BIDI}{BLANKS}").isascii()


@pytest.mark.parametrize(
    "text", ["Jürgen 3.04\u202fPM.png", "スキャン\u3000一.pdf", "ملف.pdf", "❤️ 😀.pdf"]
)
def test_ordinary_names_are_shown_as_they_are(text: str) -> None:
    """Of any language, with any blank."""
    assert printable(text) == text


def test_errors_show_what_a_name_hides() -> None:
    """Two files that look the same are told from each other."""
    error = SourceError(f"may\u200b.pdf{TAGS}: there is no such file")
    assert str(error).startswith("may\\u200b.pdf\\U000e0072\\U000e0065")


def test_nothing_hidden_is_left_in_a_text() -> None:
    """No marks of direction, empty blanks or tags; what a language needs to be read stays."""
    assert clean_text(f"a{TAGS}{BIDI}\u200b\u2060\ufeff\u180e\x1b\x00b") == "ab"
    kept = "می\u200cشود क्\u200dष ❤\ufe0f 葛\U000e0100 \u0600 \t\n\u3000\u00a0"
    assert clean_text(kept) == kept


def test_hidden_text_does_not_reach_an_index() -> None:
    """Neither from a page nor from what a PDF says of itself."""
    hidden = f"{TAGS}{BIDI}\u200b"
    pdf: Any = pymupdf.Document(stream=making.pdf("x"))  # type: ignore[no-untyped-call]  # no types
    pdf.set_metadata({"title": f"May{hidden}"})
    engine = FakeEngine(f"total{hidden} 60")
    (document,) = GotOcrLoader(pdf.tobytes(), engine=engine, output="text").load()
    assert document.page_content == "total 60"
    assert document.metadata["title"] == "May"
