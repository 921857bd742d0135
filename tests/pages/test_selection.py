"""The ``pages`` option, resolved against a document's length."""

from __future__ import annotations

import pytest

from got_loaders.errors import OptionError, PageError
from got_loaders.options import Pages
from got_loaders.pages import select_pages


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        (None, [0, 1, 2, 3, 4]),
        ("1-3,5", [0, 1, 2, 4]),
        ("5,1", [4, 0]),
        ("-1", [4]),
        ("-2-", [3, 4]),
        ("2-", [1, 2, 3, 4]),
        ("2--1", [1, 2, 3, 4]),
        ("-3--2", [2, 3]),
        ("3-1", [2, 1, 0]),
        (0, [0]),
        (-1, [4]),
        ([3, 0], [3, 0]),
        ((1, -1), [1, 4]),
        ([], []),
        (range(1, 4), [1, 2, 3]),
        (range(4, 0, -2), [4, 2]),
        (slice(3, 99), [3, 4]),
        (slice(None, None, -1), [4, 3, 2, 1, 0]),
        (slice(7, 9), []),
    ],
)
def test_pages_are_selected_in_the_order_given(pages: Pages, numbers: list[int]) -> None:
    """Text counts from 1, numbers from 0, negative ones from the end; slices clip."""
    assert select_pages(pages, 5, source="a.pdf") == numbers


@pytest.mark.parametrize(
    ("pages", "asked", "attribute"),
    [
        ("6", "page 6", 5),
        ("4-6", "page 6", 5),
        ("6-", "page 6", 5),
        ("1-99999999999", "page 99999999999", 99999999998),
        ("-6", "page -6", None),
        (5, "page 6", 5),
        ([0, 9], "page 10", 9),
        (-6, "page -6", None),
        (range(10**12), "page 6", 5),
    ],
)
def test_a_page_out_of_range_is_named(pages: Pages, asked: str, attribute: int | None) -> None:
    """The error names the source, the page as people count, and how many pages there are."""
    with pytest.raises(PageError, match=f"a.pdf: .*asks for {asked}.*has 5 pages") as caught:
        select_pages(pages, 5, source="a.pdf")
    assert (caught.value.source, caught.value.page) == ("a.pdf", attribute)


def test_an_error_says_from_where_numbers_count() -> None:
    """``pages=5`` is the sixth page, and who meant the fifth is told why that is asked for."""
    for pages in (5, [0, 5], range(9)):
        with pytest.raises(PageError, match=r"asks for page 6 \(whole numbers count from 0\), but"):
            select_pages(pages, 5, source="a.pdf")
    with pytest.raises(PageError, match=r"pages='6' asks for page 6, but the document"):
        select_pages("6", 5, source="a.pdf")
    with pytest.raises(OptionError, match=r"which counts from 1, or .*, which count from 0"):
        select_pages(1.5, 5, source="a.pdf")  # type: ignore[arg-type]  # a test's


@pytest.mark.parametrize("pages", ["1,1", "1-3,2", [2, 2], [0, -3], "3,-1"])
def test_a_page_is_not_read_twice(pages: Pages) -> None:
    """A page selected twice is refused, also where only the document's length shows it."""
    with pytest.raises(PageError, match=r"a.pdf: .*selects page \d twice"):
        select_pages(pages, 3, source="a.pdf")


def test_no_pages_selects_nothing_of_an_empty_document() -> None:
    """All of nothing is nothing."""
    assert select_pages(None, 0, source="a.pdf") == []


@pytest.mark.parametrize("pages", ["0", "x", 1.5, [True]])
def test_what_is_no_selection_is_an_option_error(pages: Pages) -> None:
    """A misspelt selection is told from one that does not fit the document."""
    with pytest.raises(OptionError, match="pages="):
        select_pages(pages, 3, source="a.pdf")
