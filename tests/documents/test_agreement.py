"""What metadata says of how far a reading agrees with the words that its page's file names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from got_loaders.documents import Value
from got_loaders.results import PageResult
from tests.documents.test_records import blank, build, failed, page

OWN = "Invoices are paid in May.\nHarbour fees follow."
INVENTED = "The minutes of the third meeting were read and signed"


def read_as(text: str, number: int = 0, own_text: str | None = OWN) -> PageResult:
    """A page that was read so."""
    return replace(page(number, text), own_text=own_text)


def said(*results: PageResult, **options: object) -> tuple[Value | None, Value | None]:
    """What the first record of these says."""
    metadata = build(*results, **options)[0].metadata
    return metadata.get("ocr_agreement"), metadata.get("ocr_only_in_reading")


def test_a_page_says_how_far_both_agree() -> None:
    """Two decimals, and what only the model wrote, on one line; a misread word is not named."""
    assert said(read_as(rf"\title{{{OWN}}}")) == (1.0, None)
    assert said(read_as(OWN.replace("May", "June"))) == (0.88, None)
    invented = INVENTED.replace(" third ", "\nthird ")
    assert said(read_as(f"{OWN}\n\n{invented}"), output="text") == (0.44, INVENTED)
    assert said(read_as(""), drop_blank=False) == (0.0, None)


def test_where_there_is_nothing_to_compare_nothing_is_said() -> None:
    """A scan without text, the page's own text, a blank page and one that failed."""
    own = replace(read_as(OWN), origin="text_layer")
    for result in (page(), own, replace(blank(), own_text=OWN), failed()):
        assert said(result, drop_blank=False, on_error="keep") == (None, None)


def test_a_file_has_the_agreement_of_its_pages_weighed_by_words() -> None:
    """Pages without words of their own count for nothing; what was invented on any is named."""
    more = "Surplus words were added here"
    pages = [read_as(OWN), page(1), read_as(f"{OWN} {INVENTED} {OWN} {more}", 2, f"{OWN} {OWN}")]
    assert said(*pages, mode="single") == (0.62, f"{INVENTED} | {more}")
    assert said(*pages, mode="single", omit_metadata=["ocr_only_in_reading"]) == (0.62, None)


@pytest.mark.parametrize("count", [1, 2, 40])
def test_what_is_named_is_bounded(count: int) -> None:
    """The longest parts are named, cut where they are very long; metadata stays short."""
    long, short = "invention " * 90, "a few words more "
    text = OWN.join(["", *[short] * (count - 1), long])
    _, named = said(read_as(text, own_text=f"{OWN} " * count))
    assert isinstance(named, str)
    assert len(named) <= 410
    assert named.endswith(f"{long[:200]}…")
    assert named.count(" | ") == min(count - 1, 10)
