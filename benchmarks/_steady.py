"""Pages a second of an engine that always has the same number of pages in flight.

As one page is answered the next is submitted, each with a picture of its own. Timed is from the
answer that ends the first generation (as many answers as there are pages in flight) to the one that
ends the last: the batch is full throughout, and both ends lie at the same place of the cycle that
pages of one length go through. What is still in flight then is cancelled.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count, pairwise
from queue import Empty, SimpleQueue

from PIL import Image, ImageDraw

from benchmarks._inside import Step, StepClock
from benchmarks._workload import make_jobs
from got_loaders.engine import LocalEngine
from got_loaders.types import OcrRequest, OcrResult

MARKS = 24
"""Squares across the top of a page that write its number: black is 1, white is 0."""
FULL = 0.9
"""Of the pages in flight, that many rows make a full batch: some are just being prepared."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When it must be over, by ``time.perf_counter``."""

    at: float

    @property
    def left(self) -> float:
        """Seconds, never fewer than none."""
        return max(0.0, self.at - time.perf_counter())


class Pages:
    """Pages without end, no two alike: a few drawn ones, each with its number on it."""

    def __init__(self, *, drawn: int = 16, seed: int = 0) -> None:
        self._drawn = [job.image for job in make_jobs(drawn, 1, seed)]
        self._numbers = count()

    def draw(self) -> Image.Image:
        """The next page; may be called from any thread."""
        number = next(self._numbers)
        page = self._drawn[number % len(self._drawn)].copy()
        side, canvas = page.width // MARKS, ImageDraw.Draw(page)
        for mark in range(MARKS):
            corner = (mark * side, 0, (mark + 1) * side - 1, side)
            canvas.rectangle(corner, fill="black" if number >> mark & 1 else "white")
        return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """``pages`` of ``tokens`` each were answered in ``seconds``, ``flight`` always in flight.

    - step: median seconds from the end of a decode step to the end of the next one, where both
      have nine tenths of ``flight`` rows or more; None if there were none
    - rows: rows of a decode step, on average
    - prefill: seconds of prefill steps / pages that they read, vision included
    - submit: median seconds of a submission: preparing the image in the caller's thread
    - whole: whether it ran to the end that it was given
    - short: pages that did not get all their tokens
    """

    tokens: int
    flight: int
    pages: int
    seconds: float
    step: float | None
    rows: float
    prefill: float
    submit: float
    whole: bool
    short: int


def steady(
    engine: LocalEngine,
    clock: StepClock,
    pages: Pages,
    *,
    tokens: int,
    flight: int,
    generations: int,
    deadline: Deadline,
    threads: int,
) -> Stretch | None:
    """Read a first generation of ``flight`` pages, and so many more; None if time ran out first.

    Raises what a page fails with. ``threads`` prepare and submit pages.
    """
    clock.steps.clear()
    with _submitter(engine, pages, tokens, threads) as source:
        for _ in range(flight):
            source.submit_one()
        wanted, ends, short = (1 + generations) * flight, [0.0], 0
        with suppress(Empty):
            while len(ends) <= wanted:
                end, result = source.answered.get(timeout=deadline.left)
                ends.append(end)
                short += result.result().num_tokens != tokens
                source.submit_one()
    if len(ends) <= flight + 1:
        return None
    start, end = ends[flight], ends[-1]
    steps = [step for step in clock.steps if start <= step.start and step.end <= end]
    prefills = [step for step in steps if step.phase == "prefill"]
    return Stretch(
        tokens=tokens,
        flight=flight,
        pages=len(ends) - 1 - flight,
        seconds=end - start,
        step=_full_step(steps, flight),
        rows=statistics.fmean([s.rows for s in steps if s.phase == "decode"] or [0]),
        prefill=sum(s.end - s.start for s in prefills) / max(1, sum(s.rows for s in prefills)),
        submit=statistics.median(source.seconds),
        whole=len(ends) > wanted,
        short=short,
    )


class _Submitter:
    """Submits pages from threads of its own and notes when each is answered."""

    def __init__(self, engine: LocalEngine, pages: Pages, tokens: int, threads: int) -> None:
        self.answered: SimpleQueue[tuple[float, Future[OcrResult]]] = SimpleQueue()
        self.seconds: list[float] = []
        self._engine, self._pages, self._tokens = engine, pages, tokens
        self._pool = ThreadPoolExecutor(threads)
        self._futures: list[Future[OcrResult]] = []
        self._ended = threading.Event()

    def submit_one(self) -> None:
        """Prepare and submit the next page, in a thread of the pool."""
        self._pool.submit(self._submit)

    def end(self) -> None:
        """Cancel what is in flight, and wait until the engine knows."""
        self._ended.set()
        self._pool.shutdown(cancel_futures=True)
        for future in self._futures:
            future.cancel()
        wait(self._futures, timeout=60)

    def _submit(self) -> None:
        if self._ended.is_set():
            return
        page = self._pages.draw()
        start = time.perf_counter()
        try:
            future = self._engine.submit(OcrRequest(images=(page,), max_new_tokens=self._tokens))
        except Exception as error:  # noqa: BLE001  # raised where the answers are awaited
            future = Future()
            future.set_exception(error)
        self.seconds.append(time.perf_counter() - start)
        self._futures.append(future)
        future.add_done_callback(lambda done: self.answered.put((time.perf_counter(), done)))


@contextmanager
def _submitter(
    engine: LocalEngine, pages: Pages, tokens: int, threads: int
) -> Iterator[_Submitter]:
    source = _Submitter(engine, pages, tokens, threads)
    try:
        yield source
    finally:
        source.end()


def _full_step(steps: list[Step], flight: int) -> float | None:
    times = [
        after.end - before.end
        for before, after in pairwise(steps)
        if before.phase == after.phase == "decode" and min(before.rows, after.rows) >= FULL * flight
    ]
    return statistics.median(times) if times else None
