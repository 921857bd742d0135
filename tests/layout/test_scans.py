"""What the whitespace method finds on pages that a scanner might have made."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from got_loaders.layout.scan.analyzer import find_regions
from tests.layout.scans import KINDS, scan
from tests.layout.scoring import score

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
    check((rates(kind, range(40, 46)) for kind in KINDS), 0.95)


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
