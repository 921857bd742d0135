"""Every word of a picture stands in a region, whatever stands beside it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest

from got_loaders import GotOcrLoader
from got_loaders.layout.scan.analyzer import find_regions
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, Region
from tests.layout.drawn_pages import PAGES, draw_page


def lost(words: Sequence[tuple[str, Box]], regions: Sequence[Region]) -> list[str]:
    """The words whose middle is in no region."""

    def holds(region: Box, box: Box) -> bool:
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        return region.x0 <= x <= region.x1 and region.y0 <= y <= region.y1

    return [word for word, box in words if not any(holds(r.box, box) for r in regions)]


@pytest.mark.parametrize(("dpi", "size"), [(100, 12), (150, 8), (200, 20), (300, 12)])
@pytest.mark.parametrize("name", PAGES)
def test_no_word_is_left_out(name: str, dpi: float, size: float) -> None:
    """Beside frames, photos, bar codes and much larger type, at any resolution and size."""
    page = draw_page(name, dpi, size)
    assert lost(page.words, find_regions(page.image)) == []


@pytest.mark.parametrize("skew", [-4.0, 1.5])
@pytest.mark.parametrize("name", PAGES)
def test_no_word_of_a_skewed_page_is_left_out(name: str, skew: float) -> None:
    """Also where the page lies askew on the scanner's glass."""
    page = draw_page(name, 130, 12, skew)
    assert lost(page.words, find_regions(page.image)) == []


@pytest.mark.parametrize("dpi", [72, 200])
def test_a_frame_and_the_lines_around_it_are_three_documents(dpi: float) -> None:
    """What stands above a frame, the frame, and what stands below it, in this order."""
    page, data = draw_page("frame", dpi, 14), io.BytesIO()
    page.image.save(data, "PNG")
    loader = GotOcrLoader(data.getvalue(), engine=FakeEngine("read"), mode="region")
    kinds = [document.metadata["region_type"] for document in loader.lazy_load()]
    assert len(kinds) == 3
    assert kinds[1] == "figure"


def test_a_page_number_alone_is_a_region() -> None:
    """A digit in an empty page's corner is not taken for dirt."""
    page = draw_page("page number", 150, 10)
    (region,) = find_regions(page.image)
    assert region.box.x1 - region.box.x0 < 20


@pytest.mark.parametrize(("dpi", "size"), [(100, 12), (150, 10), (200, 14), (300, 8)])
def test_a_chart_is_one_figure_with_its_numbers(dpi: float, size: float) -> None:
    """The numbers along its upright axis are no regions of their own."""
    page = draw_page("chart", dpi, size)
    regions = find_regions(page.image)
    (figure,) = (region for region in regions if region.type == "figure")
    numbers = [(word, box) for word, box in page.words if word in ("25", "50", "75", "100")]
    assert len(numbers) == 4
    assert lost(numbers, [figure]) == []
    assert len(regions) <= 5
