"""A long PDF streams through the engine with flat memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import cache
from benchmarks._memory import free_memory
from benchmarks.archive import SETTLED, Moment, growth, main, read_archive, write_archive

MB = 1_000_000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_the_table_has_the_last_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Every page is read, and what the last one leaves in memory is printed."""
    assert main(["--pages", "3"]) == 0
    printed = capsys.readouterr().out
    assert "\n| 3 | " in printed
    assert "pages a second" in printed


def test_growth_is_what_came_at_most_after_the_first_hundred_pages() -> None:
    """A peak that is gone at the end counts; what was there when all was loaded does not."""
    sizes = [50 * page for page in range(SETTLED)] + [5000, 5300, 5100]
    moments = [
        Moment(pages=page, seconds=1.0, resident=9000, own=size, workers=0)
        for page, size in enumerate(sizes, 1)
    ]
    assert growth(moments) == 5300 - 50 * (SETTLED - 1)


@pytest.mark.slow
def test_after_a_hundred_pages_memory_is_flat(tmp_path: Path) -> None:
    """Reading 400 pages takes less than 100 MB more than reading 100, in no process."""
    path = tmp_path / "archive.pdf"
    write_archive(path, 400, seed=1)
    free_memory("cpu")
    moments = list(read_archive(path, "tiny"))
    assert len(moments) == 400
    assert growth(moments) < 100 * MB
    workers = [moment.workers for moment in moments[SETTLED - 1 :]]
    assert max(workers) - workers[0] < 100 * MB


def test_the_cache_benchmark_compares_four_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """With and without a cache the texts are the same; no rate is asserted."""
    assert cache.main(["--pages", "2"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n| ") == 5
    assert "out of the full cache" in out
