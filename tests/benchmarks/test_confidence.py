"""The confidence benchmark ranks rightly, and damages pages as it says; no rate is asserted."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks._mixed import EFFECTS, damaged, mixed_pages
from benchmarks.confidence import main, ranks, spearman


def test_it_prints_the_correlation_and_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Every page is read, and counted in one row."""
    assert main(["--pages", "4", "--device", "cpu", "--max-new-tokens", "20"]) == 0
    printed = capsys.readouterr().out
    assert "Spearman, 1 - confidence and character error rate: " in printed
    rows = [line for line in printed.splitlines() if line.startswith(("| 0", "| 1"))]
    assert sum(int(row.split("|")[2]) for row in rows) == 4


def test_spearman_compares_ranks() -> None:
    """Any growth counts as well as any other; equal values share a rank."""
    assert spearman([1, 2, 3, 4], [1, 10, 100, 1e6]) == pytest.approx(1)
    assert spearman([1, 2, 3, 4], [9, 8, 7, 1]) == pytest.approx(-1)
    assert ranks([5.0, 1.0, 5.0, 0.0]).tolist() == [3.5, 2, 3.5, 1]
    assert spearman([1, 2, 3, 4, 5], [1, 3, 2, 5, 4]) == pytest.approx(0.8)


def test_a_seed_repeats_its_pages() -> None:
    """The damage is spread from none to the worst, and no two pages have the same text."""
    pages = list(mixed_pages(6, seed=3))
    assert sorted(page.damage for page in pages) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert len({page.text for page in pages}) == 6
    again = list(mixed_pages(6, seed=3))
    assert [page.image.tobytes() for page in pages] == [page.image.tobytes() for page in again]
    assert [p.text for p in pages] != [p.text for p in mixed_pages(6, seed=4)]


@pytest.mark.parametrize("effect", EFFECTS)
def test_more_damage_changes_a_page_more(effect: str) -> None:
    """Without any a page is nearly as it was."""
    page = next(iter(mixed_pages(1, seed=5))).image
    clean = np.asarray(page, np.float32)

    def change(strength: float) -> float:
        shown = EFFECTS[effect](random.Random(0), page, strength)
        assert shown.size == page.size
        return float(np.abs(np.asarray(shown, np.float32) - clean).mean())

    assert change(0.0) < 3
    assert change(0.0) < change(0.4) < change(1.0)
    assert damaged(random.Random(0), page, 1.0).mode == "L"
