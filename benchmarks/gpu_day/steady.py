"""Pages a second of an engine that always has the same number of pages in flight.

So many decode together, and a quarter as many wait for a row, as behind a reader of documents: so
the engine can read in several at a time. As one page is answered the next is submitted, each with a
picture of its own. Timed is from the answer that ends the first generation (as many answers as rows
decode together) to the one that ends the last: the batch is full throughout, and both ends lie at
the same place of the cycle that pages of one length go through. What is still in flight then is
cancelled.

Without drafts the engine is told not to draft at all. With them a page comes with the text that it
got without, of which some words are changed: see `drafts.py`.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count, cycle, pairwise
from queue import Empty, SimpleQueue

from PIL import Image, ImageDraw

from benchmarks._inside import Step, StepClock
from benchmarks._workload import make_jobs
from benchmarks.gpu_day.deadline import Deadline
from got_loaders.engine import LocalEngine
from got_loaders.types import OcrRequest, OcrResult

MARKS = 24
"""Squares across the top of a page that write its number: black is 1, white is 0."""
FULL = 0.9
"""Of the pages in flight, that many rows make a full batch: some are just being prepared."""
WAITING = 0.25
"""Pages that wait for a row, for each row: see `pipeline/window.py`."""


class Pages:
    """Pages without end, no two alike: a few drawn ones, each with its number on it."""

    def __init__(self, *, drawn: int = 16, seed: int = 0) -> None:
        self._drawn = [job.image for job in make_jobs(drawn, 1, seed)]

    def draw(self, number: int) -> Image.Image:
        """The page of that number; may be called from any thread."""
        page = self._drawn[number % len(self._drawn)].copy()
        side, canvas = page.width // MARKS, ImageDraw.Draw(page)
        for mark in range(MARKS):
            corner = (mark * side, 0, (mark + 1) * side - 1, side)
            canvas.rectangle(corner, fill="black" if number >> mark & 1 else "white")
        return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """``pages`` of ``tokens`` each were answered in ``seconds``, ``flight`` always decoding.

    - step: median seconds from the end of a decode step to the end of the next one, where both
      have nine tenths of ``flight`` rows or more; None if there were none
    - rows: rows of a decode step, on average
    - prefill: seconds of prefill steps / pages that they read; on a GPU those of launching them
    - submit: median seconds of a submission: preparing the image in the caller's thread
    - whole: whether it ran to the end that it was given
    - short: pages that did not get all their tokens
    - answered: pages, those before and after the time that is measured included; of all of these:
    - accepted, rejected: tokens of drafts
    - texts: what was answered, by the page's number
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
    answered: int
    accepted: int
    rejected: int
    texts: dict[int, str] = field(repr=False)


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
    drafts: Mapping[int, str] | None = None,
) -> Stretch | None:
    """Read a first generation of ``flight`` pages, and so many more; None if time ran out first.

    ``engine`` has to decode ``flight`` together and no more. Raises what a page fails with.
    ``threads`` prepare and submit pages. With ``drafts``, texts by the page's number, these pages
    are read, again and again if there are too few of them.
    """
    clock.steps.clear()
    source = _Submitter(engine, pages, tokens, threads, drafts or {})
    with closing(source):
        for _ in range(flight + int(WAITING * flight)):
            source.submit_one()
        wanted, ends, results = (1 + generations) * flight, [0.0], list[OcrResult]()
        texts: dict[int, str] = {}
        with suppress(Empty):
            while len(ends) <= wanted:
                answer = source.answered.get(timeout=deadline.left)
                results.append(answer.future.result())
                texts[answer.number] = results[-1].text
                ends.append(answer.at)
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
        short=sum(result.num_tokens != tokens for result in results),
        answered=len(results),
        accepted=sum(result.accepted_tokens for result in results),
        rejected=sum(result.rejected_tokens for result in results),
        texts=texts,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    number: int
    at: float
    future: Future[OcrResult]


class _Submitter:
    """Submits pages from threads of its own and notes when each is answered."""

    def __init__(
        self,
        engine: LocalEngine,
        pages: Pages,
        tokens: int,
        threads: int,
        drafts: Mapping[int, str],
    ) -> None:
        self.answered: SimpleQueue[_Answer] = SimpleQueue()
        self.seconds: list[float] = []
        self._engine, self._pages, self._tokens = engine, pages, tokens
        self._drafts = drafts
        self._numbers: Iterator[int] = cycle(sorted(drafts)) if drafts else count()
        self._pool = ThreadPoolExecutor(threads)
        self._futures: list[Future[OcrResult]] = []
        self._ended = threading.Event()

    def submit_one(self) -> None:
        """Prepare and submit the next page, in a thread of the pool."""
        self._pool.submit(self._submit, next(self._numbers))

    def close(self) -> None:
        """Cancel what is in flight, and wait until the engine knows."""
        self._ended.set()
        self._pool.shutdown(cancel_futures=True)
        for future in self._futures:
            future.cancel()
        wait(self._futures, timeout=60)

    def _submit(self, number: int) -> None:
        if self._ended.is_set():
            return
        page = self._pages.draw(number)
        request = OcrRequest(
            images=(page,),
            max_new_tokens=self._tokens,
            stop_on_repetition=False,
            draft=self._drafts.get(number, False),
        )
        start = time.perf_counter()
        try:
            future = self._engine.submit(request)
        except Exception as error:  # noqa: BLE001  # raised where the answers are awaited
            future = Future()
            future.set_exception(error)
        self.seconds.append(time.perf_counter() - start)
        self._futures.append(future)
        future.add_done_callback(
            lambda done: self.answered.put(_Answer(number, time.perf_counter(), done))
        )


def _full_step(steps: list[Step], flight: int) -> float | None:
    times = [
        after.end - before.end
        for before, after in pairwise(steps)
        if before.phase == after.phase == "decode" and min(before.rows, after.rows) >= FULL * flight
    ]
    return statistics.median(times) if times else None
