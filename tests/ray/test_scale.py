"""Engines are kept busy, by a cluster and by what it is made of."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

pytest.importorskip("ray", reason="Ray is not installed: pip install 'got-loaders[ray]'")
pytest.importorskip("simpy")

from benchmarks import ray_simulation as simulation
from benchmarks import ray_sizing
from benchmarks._paced_engine import (
    LENGTHS,
    WARM_UP,
    Pace,
    PacedEngine,
    PageTimes,
    busy_share,
    idle_gaps,
    read_notes,
    steady,
)
from benchmarks._ray_rates import Rates
from benchmarks.ray_pipeline import Outcome, Work, run
from benchmarks.ray_simulation import Cluster, simulate
from got_loaders import OcrRequest, OcrResult, ReadOptions
from got_loaders.errors import EngineDeadError
from got_loaders.pipeline.handover import answer, plan_pages
from got_loaders.ray.bounded_engine import BoundedEngine
from got_loaders.ray.dataset import batches_of
from got_loaders.sources import Source, as_of_now, file_sources
from got_loaders.testing import FakeEngine

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's sockets and processes
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def test_the_engine_of_the_measurements_keeps_to_its_pace(tmp_path: Path) -> None:
    """It runs as many pages at once as it has places; a page that waits takes one when it is free,
    and what is noted of it adds up.
    """
    pace = Pace(seconds_a_page=0.001, slots=4)
    engine = PacedEngine(pace, tmp_path)
    request = OcrRequest(images=(Image.new("L", (8, 8)),))
    answers = [engine.submit(request).result for _ in range(40)]
    assert {answer(timeout=60).text for answer in answers} == {"text"}
    engine.close()
    (pages,) = read_notes(tmp_path)
    assert len(pages) == 40
    for place, page in enumerate(pages):
        assert page.ended - page.started == pytest.approx(pace.mean_seconds)
        assert page.submitted <= page.started
        assert sum(other.started <= page.started < other.ended for other in pages[:place]) < 4
    since, until = steady([pages], pace.slots)
    assert pages[WARM_UP * 4 - 1].started == since
    assert until == pages[-1].submitted


def test_what_counts_as_busy() -> None:
    """Half of the places used for all of the time are a half; a time with no page is a gap."""
    pages = [PageTimes(0, 0, 4), PageTimes(0, 5, 9)]
    assert busy_share(pages, 1, 0, 10) == pytest.approx(0.8)
    assert busy_share(pages, 2, 0, 10) == pytest.approx(0.4)
    assert busy_share(pages, 1, 2, 4) == pytest.approx(1)
    assert list(idle_gaps(pages, 0, 9)) == [1]


class LateEngine(FakeEngine):
    """Answers nothing by itself, and keeps no request."""

    def __init__(self) -> None:
        super().__init__()
        self.futures: list[Future[OcrResult]] = []
        self.asked = threading.Condition()

    def submit(self, request: OcrRequest, **kwargs: Any) -> Future[OcrResult]:
        """A future that somebody has to fulfil."""
        if self.closed:
            raise EngineDeadError("closed")
        with self.asked:
            self.futures.append(Future())
            self.asked.notify_all()
            return self.futures[-1]


def test_an_engine_is_asked_so_much_at_once_and_no_more() -> None:
    """The next question waits for an answer, whichever it is; one that is refused takes no place,
    and all else of the engine is there.
    """
    late = LateEngine()
    engine = BoundedEngine(late, 2)
    request = OcrRequest(images=(Image.new("L", (8, 8)),))
    threads = [
        threading.Thread(target=engine.submit, args=(request,), daemon=True) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for wanted in (2, 3, 4, 5, 5, 5):
        with late.asked:
            assert late.asked.wait_for(lambda: len(late.futures) >= wanted, 60)  # noqa: B023
            assert len(late.futures) == wanted
            waiting = [future for future in late.futures if not future.done()]
        if waiting:
            waiting[-1].set_result(OcrResult(text="text"))
    for thread in threads:
        thread.join(60)
    assert engine.fingerprint == "fake"
    assert engine.info == late.info
    assert not hasattr(engine, "max_side")
    engine.close()
    for _ in range(3):
        with pytest.raises(EngineDeadError):
            engine.submit(request)


def test_what_waits_for_an_answer_holds_no_pixels(tmp_path: Path) -> None:
    """So a batch of pages may wait for its slowest one."""
    sheet = Image.new("L", (64, 64), "white")
    for top in range(8, 56, 8):
        ImageDraw.Draw(sheet).line((8, top, 56, top), fill="black", width=3)
    sheet.save(tmp_path / "page.png")
    options = ReadOptions()
    (source,) = file_sources(str(tmp_path / "page.png"))
    assert isinstance(source, Source)
    (page,) = plan_pages(as_of_now(source), [0], options)
    (request,) = [result.request for result in page.results]
    assert request is not None
    picture = weakref.ref(request.images[0])
    late = LateEngine()
    wait = answer(page, late, options, local=lambda file: file)
    del page, request
    gc.collect()
    assert picture() is None
    late.futures[0].set_result(OcrResult(text="text"))
    ((result, _),) = wait().results
    assert result.ocr is not None
    assert result.ocr.text == "text"


def test_engines_are_busy_in_clusters_of_any_size() -> None:
    """By the simulation 1, 8 and 64 engines have work for 95 % of the time, the least busy, too,
    with four cores for each; and without, the simulation says what they wait for.
    """
    for engines, pages_per_task in ((1, 16), (8, 16), (64, 128)):
        cluster = Cluster.of(engines, pages_per_task=pages_per_task)
        assert simulate(cluster, seconds=10).least_busy >= 0.95
    for cluster, bottleneck in (
        (Cluster.of(8, cores=16), "cores that render"),
        (Cluster.of(64), "the driver"),
        (Cluster.of(8, store_bytes=12e9), "the object store"),
        (Cluster.of(8, storage_bandwidth=3e8, cores=80), "storage's bandwidth"),
        (Cluster.of(8, storage_requests=50, pages_per_file=1, cores=80), "storage's requests"),
    ):
        outcome = simulate(cluster, seconds=10)
        assert outcome.busy < 0.95
        assert outcome.bottleneck == bottleneck
    assert simulate(Cluster.of(8, keeps=0, cores=80), seconds=10).busy < 0.5


def test_the_simulation_is_of_what_is_built() -> None:
    """It hands an engine as many batches as the dataset does."""
    for in_flight in (40, 320):
        cluster = Cluster()
        slots = round(in_flight / simulation._AHEAD)
        assert batches_of(in_flight, cluster.pages_per_task) == cluster.batches(Rates(slots=slots))


def test_the_tables_of_the_page_on_sizes_are_worked_out() -> None:
    """``python -m benchmarks.ray_sizing`` writes them."""
    text = ray_sizing.PAGE.read_text(encoding="utf-8")
    assert text == ray_sizing.with_tables(text)


def measured(tmp_path: Path, pages: int, lengths: str, way: str = "streamed") -> Outcome:
    """A run with an engine of 32 places whose clock waits for the machine."""
    pace = Pace(lengths=LENGTHS[lengths])
    work = Work(pace=pace, pages=pages, patient=True, resources={"num_cpus": 1})
    outcome = run(way, work, tmp_path)
    assert outcome.pages == pages
    return outcome


def test_an_engine_is_kept_busy_and_the_driver_s_memory_flat(cluster: Any, tmp_path: Path) -> None:
    """For 90 % of the time after warm-up each of an engine's 32 places has a page, though one page
    in six takes ten times as long as the others; and what the driver keeps does not grow with the
    pages.
    """
    outcome = measured(tmp_path, 1000, "mixed")
    assert outcome.busy[0] > 0.9
    assert outcome.memory_most < outcome.memory_early + 30


@pytest.mark.slow
def test_the_driver_s_memory_is_flat_over_fifty_thousand_pages(
    cluster: Any, tmp_path: Path
) -> None:
    """What it has after 5,000 of them is, within 50 MB, all that it ever needs."""
    outcome = measured(tmp_path, 50_000, "equal")
    assert outcome.busy[0] > 0.9
    assert outcome.memory_most < outcome.memory_early + 50
