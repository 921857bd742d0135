"""What the whitespace method finds on pages that a scanner might have made."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from PIL import Image

from got_loaders.layout.crop import cut_region
from got_loaders.layout.scan.analyzer import find_regions
from tests.layout.scans import KINDS, scan
from tests.layout.scoring import score
from tests.layout.typeset import Sheet, Style

TUNED = range(40)
"""Seeds that the method may have been tuned on; all others are new to it."""


def rates(kind: str, seeds: Iterable[int], *, strange: bool = False) -> tuple[int, int, int, int]:
    """Blocks of three lines or more, those found, pages, and pages in order."""
    scores = []
    for seed in seeds:
        page = scan(kind, seed, strange=strange)
        scores.append(score(page, find_regions(page.image)))
    blocks, found = sum(s.blocks for s in scores), sum(s.found for s in scores)
    return blocks, found, len(scores), sum(s.ordered for s in scores)


def check(results: Iterable[tuple[int, int, int, int]], share: float) -> None:
    blocks, found, pages, ordered = (sum(column) for column in zip(*results, strict=True))
    assert blocks > 3 * pages
    assert found >= share * blocks, f"{found} of {blocks} blocks"
    assert ordered >= share * pages, f"{ordered} of {pages} pages in order"


def test_blocks_are_found_in_order() -> None:
    """On skewed, dirty scans of one to three columns 95 % of all longer blocks are found."""
    check((rates(kind, range(40, 43)) for kind in KINDS), 0.95)


@pytest.mark.slow
@pytest.mark.parametrize("strange", [False, True], ids=["usual", "strange"])
def test_many_pages(strange: bool) -> None:
    """So it is on hundreds of pages, and on those of type and dirt that nothing was tuned on."""
    check((rates(kind, range(100, 150), strange=strange) for kind in KINDS), 0.95)


@pytest.mark.parametrize(("kind", "seed"), [("one", 43), ("two", 46), ("three", 44), ("mixed", 45)])
def test_the_skew_is_told(kind: str, seed: int) -> None:
    """A page's skew is told to 0.15 degrees, clockwise being positive."""
    page = scan(kind, seed)
    assert all(abs(region.skew - page.skew) < 0.15 for region in find_regions(page.image))


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("skew", [-12.0, -10.0, -8.5, 5.0, 10.0, 11.5])
def test_a_page_far_askew_is_levelled(skew: float, expand: bool) -> None:
    """Up to 12 degrees: its columns are told apart, and cut out level, one line above the other."""
    sheet, body = Sheet(595, 842, 110, random.Random(2)), Style("tiro", 11, 1.3)
    for x in (80, 315):
        sheet.text(x, 130, 200, 34, body)
    image = sheet.image.rotate(-skew, Image.Resampling.BICUBIC, expand=expand, fillcolor=255)
    regions = find_regions(image)
    assert [region.skew for region in regions] == pytest.approx([skew] * 2, abs=0.15)
    for region in regions:
        cut = cut_region(image, region)
        assert cut.width < 1.3 * sheet.px(200)[0]
        assert len(find_regions(cut)) == 1
        assert find_regions(cut)[0].skew == pytest.approx(0, abs=0.15)
