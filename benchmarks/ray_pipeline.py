"""Whether Ray keeps engines busy: a fake engine of a given speed behind ``read_dataset``'s steps.

    python -m benchmarks.ray_pipeline [--engines 1] [--pages 3000] [--lengths equal,mixed]
    python -m benchmarks.ray_pipeline --pages 50000 --lengths equal --ways streamed \\
        --patient --pages-per-task 64    # the driver's memory
    python -m benchmarks.ray_pipeline --render --pages 600

On a local Ray cluster, of this machine's cores. An engine of 20 ms a page with 32 places reads 32
pages at once, each for 0.64 s, and so gives a page every 20 ms as long as it is full. ``mixed``
pages take 0.64 s on average, one in six of them ten times as long as the others.

Two ways read the same pages: ``streamed`` is ``read_pages``, what ``read_dataset`` reads by; in the
``naive`` way, ``map_batches`` hands an actor one batch of 32 and waits for it. Pages are small
pictures that cost nothing to make; ``--render`` reads a scan of so many pages, made for this, by
the whole of ``read_dataset`` instead.

Prints for each way the share of the engines' places that had a page (after warm-up: each engine
has begun 256 pages; until the first engine has got its last page), pages a second, the longest time
that an engine had nothing at all, the driver's memory, after a tenth of the pages and later, and
its own work for each task. With ``--patient`` the engine's clock stands still while it waits for a
page that is under way, so that a busy machine is not taken for a slow pipeline.
Needs the extra ``ray``, and psutil.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")])
)

import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
import pyarrow.dataset
import ray
import ray.data

from benchmarks._paced_engine import (
    LENGTHS,
    Pace,
    PacedEngine,
    PatientEngine,
    busy_share,
    idle_gaps,
    read_notes,
    steady,
)
from benchmarks._paced_pages import made_pages, read_naively
from examples.sample_pages import REPORT, write_scan
from got_loaders import ReadOptions
from got_loaders.ray import read_dataset
from got_loaders.ray.dataset import read_pages
from got_loaders.ray.settings import EngineSpec, ReadPlan

__all__ = ["Outcome", "Work", "main", "run"]

WAYS = ("streamed", "naive")

_TASKS = 3
"""Tasks that each batch of pages goes through: it is rendered, read, and its rows are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is read, and how; ``side`` is that of a page's picture, in pixels.

    ``patient``: the engine's clock is that of :class:`PatientEngine`, not the machine's.
    """

    pace: Pace
    pages: int
    engines: int = 1
    side: int = 64
    pages_per_task: int = 16
    render: bool = False
    patient: bool = False
    write: bool = False
    resources: Mapping[str, float] = field(default_factory=lambda: {"num_gpus": 1})

    @property
    def in_flight(self) -> int:
        """As ``read_dataset`` chooses them for an engine of this size."""
        return round(1.25 * self.pace.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``busy`` is a share for each engine; memory is the driver's own (USS), in MB.

    ``launch`` is what the driver worked for one task, in seconds of a processor's time.
    """

    pages: int
    busy: tuple[float, ...]
    pages_a_second: float
    longest_gap: float
    memory_early: float
    memory_most: float
    memory_end: float
    launch: float


def run(way: str, work: Work, folder: Path) -> Outcome:
    """Read it all in one of the ways, on the cluster that is there; ``folder`` is empty."""
    dataset = _dataset(way, work, folder)
    read = 0
    worked = time.process_time()
    with _Memory() as memory:
        if work.write:
            memory.late.set()
            dataset.write_parquet(str(folder / "rows"))
            read = pyarrow.dataset.dataset(folder / "rows").count_rows()
        for _ in () if work.write else dataset.iter_rows():
            read += 1
            if read >= work.pages / 10:
                memory.late.set()
    worked = time.process_time() - worked
    engines = read_notes(folder)
    since, until = steady(engines, work.pace.slots)
    begun = sum(since <= page.ended < until for pages in engines for page in pages)
    gaps = [gap for pages in engines for gap in idle_gaps(pages, since, until)]
    return Outcome(
        pages=read,
        busy=tuple(busy_share(pages, work.pace.slots, since, until) for pages in engines),
        pages_a_second=begun / (until - since),
        longest_gap=max(gaps, default=0.0),
        memory_early=memory.early / 1e6,
        memory_most=memory.most / 1e6,
        memory_end=memory.last / 1e6,
        launch=worked / (_TASKS * math.ceil(work.pages / work.pages_per_task)),
    )


def _dataset(way: str, work: Work, folder: Path) -> ray.data.Dataset:
    text = "word " * 300
    engine: Callable[[], PacedEngine] = partial(PacedEngine, work.pace, folder, text)
    if work.patient:
        engine = partial(PatientEngine, work.pace, folder, text, pages=work.pages)
    if work.render:
        assert way == "streamed", "the other way reads made pages"
        scan = write_scan(folder / "scan.pdf", (REPORT * work.pages)[: work.pages])
        return read_dataset(
            scan,
            engine=engine,
            engines=work.engines,
            engine_options=work.resources,
            pages_in_flight=work.in_flight,
            pages_per_task=work.pages_per_task,
        )
    options = ReadOptions()
    plan = ReadPlan(options, EngineSpec.of(None, engine, options), work.pages_per_task)
    pages = made_pages(plan, work.pages, work.side, folder)
    if way == "naive":
        return read_naively(pages, plan, work.engines, work.resources)
    return read_pages(pages, plan, work.engines, work.in_flight, work.resources)


class _Memory:
    """This process's memory: when ``late`` is set, the most after that, and in the end; bytes."""

    def __init__(self) -> None:
        self.late = threading.Event()
        self.early = self.most = self.last = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._end.set()
        self._thread.join()

    def _sample(self) -> None:
        process = psutil.Process()
        ended = False
        while not ended:
            ended = self._end.wait(0.5)
            self.last = process.memory_full_info().uss
            if self.late.is_set():
                self.early = self.early or self.last
                self.most = max(self.most, self.last)


@contextmanager
def local_cluster(engines: int, cores: int, store: int) -> Iterator[None]:
    """Ray on this machine: so many cores, a GPU by name only for each engine, ``store`` in MB."""
    with tempfile.TemporaryDirectory(prefix="r", dir="/tmp") as folder:
        ray.init(
            num_cpus=cores,
            num_gpus=engines,
            include_dashboard=False,
            object_store_memory=store * 1_000_000,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _temp_dir=folder,
        )
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        try:
            yield
        finally:
            ray.shutdown()


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table of the ways."""
    options = _options(argv)
    print(
        "| pages | way | busy | least busy | pages/s | longest gap, s | driver, MB | a task, ms |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with local_cluster(options.engines, options.cores, options.store):
        for lengths in options.lengths.split(","):
            speeds = []
            for way in options.ways.split(","):
                pace = Pace(
                    seconds_a_page=options.page_ms / 1000,
                    slots=options.slots,
                    lengths=LENGTHS[lengths],
                )
                work = Work(
                    pace=pace,
                    pages=options.pages,
                    engines=options.engines,
                    side=options.side,
                    pages_per_task=options.pages_per_task,
                    render=options.render,
                    patient=options.patient,
                    write=options.write,
                )
                with tempfile.TemporaryDirectory() as folder:
                    outcome = run(way, work, Path(folder))
                _print(lengths, way, outcome)
                speeds.append(outcome.pages_a_second)
            if len(speeds) == len(WAYS):
                print(f"\n{lengths}: {speeds[0] / speeds[1]:.2f} times the naive way\n", flush=True)
    return 0


def _print(lengths: str, way: str, outcome: Outcome) -> None:
    busy = sum(outcome.busy) / len(outcome.busy)
    memory = f"{outcome.memory_early:.0f}, at most {outcome.memory_most:.0f}"
    cells = (
        f"{outcome.pages} {lengths}",
        way,
        f"{busy:.1%}",
        f"{min(outcome.busy):.1%}",
        f"{outcome.pages_a_second:.1f}",
        f"{outcome.longest_gap:.2f}",
        f"{memory}, in the end {outcome.memory_end:.0f}",
        f"{outcome.launch * 1000:.1f}",
    )
    print(f"| {' | '.join(cells)} |", flush=True)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engines", type=int, default=1)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--page-ms", type=float, default=20.0, help="of a full engine")
    parser.add_argument("--slots", type=int, default=32, help="pages that it reads at once")
    parser.add_argument("--lengths", default="equal,mixed")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--side", type=int, default=64, help="of a page's picture, in pixels")
    parser.add_argument("--pages-per-task", type=int, default=16)
    parser.add_argument("--cores", type=int, default=max(2, os.cpu_count() or 2))
    parser.add_argument("--store", type=int, default=400, help="MB of Ray's shared memory")
    parser.add_argument("--render", action="store_true", help="pages of a scan, really rendered")
    parser.add_argument("--write", action="store_true", help="Parquet, instead of taking the rows")
    parser.add_argument("--patient", action="store_true", help="time stands still for a late page")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
