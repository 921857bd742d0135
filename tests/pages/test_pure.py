"""Sizes, labels, dates and signatures: arithmetic and text, without a document."""

from __future__ import annotations

import pytest

from got_loaders.pages import media_type as sniff
from got_loaders.pages import render_size as sizes
from got_loaders.pages.pdf.metadata import document_info, iso_date
from got_loaders.pages.pdf.page_labels import LabelRule, page_label
from got_loaders.pages.render_size import (
    points_to_nominal_pixels,
    size_at_nominal_dpi,
    zoom_to_cover,
)
from got_loaders.pages.worker.failures import sanitize_warnings

A4 = (595.28, 841.89)


@pytest.mark.parametrize("page", [A4, A4[::-1], (3.84, 3.84), (200, 100)])
@pytest.mark.parametrize("grid", [(1024, 1024), (3072, 2048)])
def test_the_zoom_is_the_least_that_covers_the_grid(
    page: tuple[float, float], grid: tuple[int, int]
) -> None:
    """Neither side is upscaled by the model, and no more pixels are made than that takes."""
    zoom = zoom_to_cover(page, grid, None)
    excess = [page[0] * zoom - grid[0], page[1] * zoom - grid[1]]
    assert min(excess) == pytest.approx(0, abs=1e-6)


def test_a_strip_is_not_rendered_endlessly() -> None:
    """On a page of extreme shape the long side stays within 2.5 times its target."""
    zoom = zoom_to_cover((234, 14294.9), (1024, 1024), None)
    assert 14294.9 * zoom == pytest.approx(2560)


def test_dpi_overrides_the_grid() -> None:
    """A number is taken as it is."""
    assert zoom_to_cover(A4, (1024, 1024), 144) == 2


def test_rendering_is_bounded_in_pixels() -> None:
    """Neither a huge page nor a huge dpi fills the memory."""
    for page, dpi in (((14400, 14400), 1200), ((1e7, 1e7), 1200), (A4, 1e6)):
        zoom = zoom_to_cover(page, (1024, 1024), dpi)
        assert page[0] * zoom * page[1] * zoom <= sizes.MAX_RENDER_PIXELS * 1.0001


def test_a_page_counts_at_200_dpi() -> None:
    """Points are converted; a page too small to see has a pixel."""
    assert points_to_nominal_pixels((72, 144)) == (200, 400)
    assert points_to_nominal_pixels((0.01, 72)) == (1, 200)


@pytest.mark.parametrize(
    ("dpi", "shape"),
    [
        (None, (600, 300)),
        ((300, 300), (400, 200)),
        ((150, 300), (800, 200)),
        ((72, 72), (600, 300)),
        ((96, 96), (600, 300)),
        ((2400, 2400), (600, 300)),
        ((300, 72), (600, 300)),
    ],
)
def test_an_image_counts_at_200_dpi_if_it_says_its_own(
    dpi: tuple[float, float] | None, shape: tuple[int, int]
) -> None:
    """A scanner's resolution is believed, a screen's or an absurd one is not."""
    assert size_at_nominal_dpi((600, 300), dpi) == shape


RULES = [
    LabelRule(0, "r"),
    LabelRule(3, "D", "A-", 7),
    LabelRule(5, "a"),
    LabelRule(60, "", "Cover"),
    LabelRule(70, "R", "", 4_000_000),
]


@pytest.mark.parametrize(
    ("number", "label"),
    [
        *((0, "i"), (2, "iii"), (3, "A-7"), (4, "A-8"), (5, "a"), (30, "z"), (31, "aa")),
        *((32, "bb"), (60, "Cover"), (69, "Cover"), (70, "4000000")),
    ],
)
def test_labels_follow_the_standard(number: int, label: str) -> None:
    """Roman, letters (aa, bb, …), prefixes and first numbers; nothing endless."""
    assert page_label(number, RULES) == label


def test_pages_before_the_first_rule_have_no_label() -> None:
    """Neither do those of a document without rules."""
    assert page_label(0, [LabelRule(1, "D")]) == page_label(0, []) == ""


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("D:20220406201541+02'00'", "2022-04-06T20:15:41+02:00"),
        ("D:20220406201541-05'30", "2022-04-06T20:15:41-05:30"),
        ("D:20220406201541Z00'00'", "2022-04-06T20:15:41+00:00"),
        ("D:20220406201541Z", "2022-04-06T20:15:41+00:00"),
        ("20220406201541", "2022-04-06T20:15:41"),
        ("D:2022", "2022-01-01T00:00:00"),
        ("D:20221306", "D:20221306"),
        ("D:20220406201541+99'00'", "D:20220406201541+99'00'"),
        ("last Tuesday", "last Tuesday"),
    ],
)
def test_dates_are_iso_where_they_are_dates(text: str, iso: str) -> None:
    """What does not parse stays verbatim."""
    assert iso_date(text) == iso


def test_document_information_is_clean_and_without_empty_values() -> None:
    """Names are LangChain's; NULs and lone surrogates are gone."""
    raw = {"title": "A\0 \ud800", "author": "  ", "creationDate": "D:2022", "format": "PDF 1.4"}
    assert document_info(raw) == {"title": "A \ufffd", "creationdate": "2022-01-01T00:00:00"}


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"PK\x03\x04rest", "ZIP archive"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"%!PS-Adobe-3.0", "PostScript"),
        ("Grüße\n".encode(), "text that begins with 'Grüße'"),
        (b"\x7fELF\x02\xff", "unknown data"),
        (b"a\0b", "unknown data"),
    ],
)
def test_other_files_are_described(head: bytes, words: str) -> None:
    """The error about an unsupported file says what it looks like."""
    assert sniff.media_type(head) is None
    assert words in sniff.describe(head)


def test_a_pdf_may_begin_late() -> None:
    """Junk before the header is common; further than 1024 bytes it is no PDF."""
    assert sniff.media_type(b"\n" * 1000 + b"%PDF-1.4") == "application/pdf"
    assert sniff.media_type(b"\n" * 1024 + b"%PDF-1.4") is None


def test_warnings_are_few_short_and_printable() -> None:
    """They stand in metadata: no steering characters, no folder of the machine, none twice."""
    texts = ["a\x1b[0m\nb", "a\x1b[0m\nb", "", "can't open '/home/me/secret/x.pdf'", "x" * 10_000]
    first, second, third, *others = sanitize_warnings(
        [*texts, *map(str, range(100))], "/home/me/secret/x.pdf", "x.pdf"
    )
    assert first == r"a\x1b[0m\nb"
    assert second == "can't open 'x.pdf'"
    assert len(third) <= 161
    assert len(others) == 2
