"""A reader keeps as many pages in flight as its engine has use for, and memory allows."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from got_loaders.engine import EngineConfig
from got_loaders.options import ReadOptions
from got_loaders.pipeline import window
from got_loaders.pipeline.engines import EngineProvider
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, OcrRequest, OcrResult, Region
from tests.fakes import BackwardsEngine, FakeDocument, LazyEngine, says_number
from tests.pipeline.test_reader import reading, texts

TILE = 3 * 1024 * 1024
"""Bytes of one in an engine."""


def in_flight(engine: LazyEngine, *documents: FakeDocument, **options: Any) -> list[int]:
    """How many requests the engine had whenever it answered one."""
    for _ in reading(*documents, engine=engine, **options).results():
        pass
    return engine.in_flight


@pytest.mark.parametrize(
    ("max_batch_size", "most"), [(None, 32), (1, 4), (8, 10), (32, 40), (300, 375), (9999, 512)]
)
def test_a_quarter_more_is_in_flight_than_the_engine_runs(
    max_batch_size: int | None, most: int
) -> None:
    """By what the engine says of itself; 32 pages where it says nothing, and always a few."""
    counts = in_flight(LazyEngine(max_batch_size), FakeDocument(most + 60))
    assert max(counts) == most
    assert counts[0] == 4
    assert counts[:17] == sorted(counts[:17])
    assert counts[17] == most


@pytest.mark.parametrize("hint", [0, -3, True, 2.5, "300"])
def test_what_is_no_number_of_requests_is_no_hint(hint: Any) -> None:
    """An engine that says nonsense gets as many as one that says nothing."""
    assert max(in_flight(LazyEngine(hint), FakeDocument(60))) == 32


def test_the_first_result_comes_early_from_a_large_engine_too() -> None:
    """The window is small as long as nothing was taken."""
    document = FakeDocument(600)
    results = reading(document, engine=LazyEngine(300)).results()
    next(results)
    assert len(document.rendered) < 10
    results.close()


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({}, 20),
        ({"crop_to_patches": True, "min_patches": 3, "max_patches": 3}, 5),
        ({"crop_to_patches": True, "min_patches": 12, "max_patches": 12}, 4),
    ],
)
def test_memory_bounds_the_tiles_in_flight(
    options: dict[str, Any], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All tiles in flight take an eighth of the free memory; the first four pages are free."""
    free = 7 * 20 * TILE  # beside what is held
    monkeypatch.setattr(window, "host_memory", lambda: (free, 10 * free))
    assert max(in_flight(LazyEngine(300), FakeDocument(80), **options)) == most


def test_where_nobody_tells_the_memory_it_is_taken_for_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A gigabyte of tiles, in other words."""
    monkeypatch.setattr(window, "host_memory", lambda: None)
    most = max(in_flight(LazyEngine(9999), FakeDocument(560)))
    assert 1 << 30 <= most * TILE < 1.2 * (1 << 30)


def test_regions_count_one_by_one() -> None:
    """A page's regions are requests of their own; the last page's come together."""
    regions = tuple(Region(box=Box(50, 50 + 90 * n, 400, 120 + 90 * n)) for n in range(3))
    counts = in_flight(LazyEngine(16), FakeDocument(30, regions=regions), regions="auto")
    assert 20 <= max(counts) <= 22


class Impatient(FakeEngine):
    """Answers at once, but for the first request: that one waits for ``others``."""

    def __init__(self, others: int) -> None:
        super().__init__(says_number, max_batch_size=8)
        self.others = others
        self.first: Future[OcrResult] = Future()

    def submit(self, request: OcrRequest, *, listener: object = None) -> Future[OcrResult]:
        """The first one's future, or an answer."""
        answer = super().submit(request)
        if len(self.requests) == 1:
            return self.first
        if len(self.requests) == self.others + 1:
            self.first.set_result(OcrResult(text="at last"))
        return answer


def test_a_long_page_does_not_hold_up_the_engine() -> None:
    """Pages that were read before their turn leave their places to the next ones."""
    found = list(reading(FakeDocument(40), engine=Impatient(others=15)).results())
    assert texts(found) == ["at last", *(f"page {n}" for n in range(1, 40))]


def test_a_page_that_is_never_read_does_not_let_everything_pile_up() -> None:
    """What waits for its turn is bounded, too."""
    engine = Impatient(others=9999)
    job = reading(FakeDocument(2000), engine=engine)

    async def take() -> None:
        first = asyncio.ensure_future(anext(job.aresults()))
        async with asyncio.timeout(60):
            while len(engine.requests) < 16:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)  # time for more, were there any
        first.cancel()
        await asyncio.wait([first])

    asyncio.run(take())
    assert len(engine.requests) == 16


class LargeBackwards(BackwardsEngine):
    """One that says that it is large."""

    max_batch_size = 300


def test_results_keep_their_order_in_a_large_window() -> None:
    """In an event loop as well, whatever is answered first."""

    async def collect(engine: LargeBackwards) -> list[str | None]:
        return texts([r async for r in reading(FakeDocument(200), engine=engine).aresults()])

    with LargeBackwards() as engine:
        assert asyncio.run(collect(engine)) == [f"page {number}" for number in range(200)]
        assert engine.order != sorted(engine.order)


def test_the_hint_is_seen_through_the_cache(tmp_path: Path) -> None:
    """As soon as something had to be read; what is in the cache needs no large window."""
    counts = []
    for _ in range(2):
        job = reading(
            FakeDocument(3), engine=FakeEngine("read", max_batch_size=300), cache=tmp_path
        )
        list(job.results())
        counts.append(job._window.max_batch_size)
    assert counts == [300, None]


def test_asking_for_the_hint_loads_no_model() -> None:
    """A model is loaded for the first page that is to be read, and not before."""

    def loading() -> AbstractContextManager[object]:
        raise AssertionError("this model is not to be loaded")

    provider = EngineProvider(EngineConfig(model="tiny"), ReadOptions(), loading=loading)
    assert provider.max_batch_size is None
    with pytest.raises(AssertionError, match="not to be loaded"):
        provider.get()
    document = FakeDocument(9, blank=range(9))
    job = reading(document, engine=EngineConfig(model="tiny"))
    assert len(list(job.results())) == 9
    assert job._engine.max_batch_size is None
