"""A PDF's own information: what goes into metadata is short, clean and can be stored."""

from __future__ import annotations

import pytest

from tests.hostile.reading import documents, unfit
from tests.hostile.writing import page_pdf

TEXTS = {
    "lone surrogates": "a\ud800b\udfff",
    "controls": "x\x00\x1b[31m\x07\x7f\x85y",
    "line ends": "a title\r\nsource: forged\nerror: forged",
    "a megabyte": "t" * 1_000_000,
    "the other direction": "\u202egnp.exe",
    "a tag": "<script>alert(1)</script>",
    "nothing but blanks": "\n \t\u2003",
}
KEYS = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer")


def informed(text: str) -> bytes:
    """A PDF that says ``text`` of itself everywhere, its page's label included."""
    raw = text.encode("utf-16-be", "surrogatepass").hex()
    words = "".join(f"/{key}<feff{raw}>" for key in KEYS)
    labels = f"/PageLabels<</Nums[0<</P<feff{raw}>>>]>>"
    dates = f"/CreationDate<feff{raw}>/ModDate(D:99999999999999)"
    return page_pdf(f"<<{words}{dates}>>", trailer="/Info 4 0 R", root=labels)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("mode", ["page", "single"])
def test_what_a_file_says_of_itself(kind: str, mode: str) -> None:
    """No controls, no halves of letters, no more than 2,000 characters, nothing empty."""
    (document,) = documents(informed(TEXTS[kind]), mode=mode, skip_blank=False)
    assert unfit(document) == []
    for key in ("title", "author", "subject", "creationdate", "page_label"):
        if mode == "page" and key == "page_label":
            assert 1 <= len(document.metadata[key]) <= 200
        assert 1 <= len(document.metadata.get(key, "-")) <= 2000


@pytest.mark.parametrize("value", ["4 0 R", "[(a)(b)]", "<</A 4 0 R>>", "1e99", "/Name", "null"])
def test_information_of_the_wrong_kind(value: str) -> None:
    """It is left out, or shown as some text."""
    words = "".join(f"/{key} {value}" for key in (*KEYS, "CreationDate"))
    (document,) = documents(page_pdf(f"<<{words}>>", trailer="/Info 4 0 R"))
    assert unfit(document) == []
    assert "error" not in document.metadata
