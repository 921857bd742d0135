"""A fake engine of a given speed, which notes when each page came, began and was answered.

It works as the real one does: it runs so many pages at once, each takes its time whatever else
runs, and one that is answered leaves its place to the next that waits. Knows no Ray, no torch.
"""

from __future__ import annotations

import heapq
import os
import random
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from got_loaders import OcrRequest, OcrResult

__all__ = [
    "LENGTHS",
    "Pace",
    "PacedEngine",
    "PageTimes",
    "PatientEngine",
    "busy_share",
    "idle_gaps",
    "read_notes",
    "steady",
]

LENGTHS: dict[str, tuple[float, ...]] = {
    "equal": (1.0,),
    "mixed": (0.4, 0.4, 0.4, 0.4, 0.4, 4.0),
}
"""How long pages take, over their mean; ``mixed``: one in six takes ten times as long."""


WARM_UP = 8
"""An engine's first pages, so many for each of its places, are not counted: batches that began
together wait for their slowest pages together.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """``seconds_a_page`` is what a full engine needs for one: 0.02 is 50 pages a second.

    So each page is in the engine for ``slots`` times as long, on average; ``lengths`` are chosen
    from by chance, and have the mean 1. ``max_queued`` wait inside, further ones wait to get in.
    """

    seconds_a_page: float = 0.02
    slots: int = 32
    lengths: tuple[float, ...] = (1.0,)
    max_queued: int = 32

    @property
    def mean_seconds(self) -> float:
        """How long a page is in the engine, once it runs."""
        return self.seconds_a_page * self.slots


@dataclass(frozen=True, slots=True)
class PageTimes:
    """When a page came, ran, and was answered: seconds of the machine's monotonic clock."""

    submitted: float
    started: float
    ended: float


class PacedEngine:
    """Answers each request with ``text`` when its time is up.

    A page that waits takes a place at the moment that it became free, however late this process's
    thread is woken for it: what is measured is whether there was a page, not how busy the machine
    is. Notes go to a file of this process in ``folder``.
    """

    fingerprint = "paced"

    def __init__(self, pace: Pace, folder: Path, text: str = "text") -> None:
        self.max_batch_size = pace.slots
        self._pace = pace
        self._text = text
        self._lengths = random.Random(7)
        self._changed = threading.Condition()
        self._waiting: deque[tuple[float, Future[OcrResult]]] = deque()
        self._running: list[tuple[float, int, PageTimes, Future[OcrResult]]] = []
        self._free = [0.0] * pace.slots
        self._begun = 0
        self._closed = False
        self._notes = (folder / f"{os.getpid()}.txt").open("a", buffering=1)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def submit(self, request: OcrRequest) -> Future[OcrResult]:  # noqa: ARG002  # any page
        """Put a page in; blocks while the queue is full."""
        future: Future[OcrResult] = Future()
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < self._pace.max_queued)
            self._waiting.append((self._now(), future))
            self._changed.notify_all()
        return future

    def close(self) -> None:
        """End the thread; what is not answered never will be."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        self._notes.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._start_waiting()
                if self._closed:
                    return
                if not self._running:
                    self._changed.wait()
                    continue
                if not self._wait_for_end(self._running[0][0]):
                    continue
                _, _, times, future = heapq.heappop(self._running)
                heapq.heappush(self._free, times.ended)
            self._notes.write(f"{times.submitted!r} {times.started!r} {times.ended!r}\n")
            if future.set_running_or_notify_cancel():
                tokens = len(self._text.split())
                future.set_result(OcrResult(text=self._text, num_tokens=tokens, model="paced"))

    def _now(self) -> float:
        return time.monotonic()

    def _wait_for_end(self, end: float) -> bool:
        """Whether it is time; waits until then, or until something has changed."""
        left = end - time.monotonic()
        return left <= 0 or not self._changed.wait(left)

    def _start_waiting(self) -> None:
        while self._free and self._waiting:
            submitted, future = self._waiting.popleft()
            started = max(submitted, heapq.heappop(self._free))
            ended = started + self._pace.mean_seconds * self._lengths.choice(self._pace.lengths)
            self._begun += 1
            entry = (ended, self._begun, PageTimes(submitted, started, ended), future)
            heapq.heappush(self._running, entry)
            self._changed.notify_all()


class PatientEngine(PacedEngine):
    """One whose clock stands still while it has a place for a page that is still to come.

    So pages end in the order in which they would, on a machine however slow, and a place is empty
    for no time unless the page that it waits for does not come within ``patience`` seconds: because
    it waits itself for others to be answered. ``pages`` is how many will come. There is less
    patience while it warms up, and where it was in vain before.
    """

    def __init__(
        self, pace: Pace, folder: Path, text: str = "text", *, pages: int, patience: float = 4.0
    ) -> None:
        self._time = 0.0
        self._pages = pages
        self._patience = patience
        self._lost = 0
        super().__init__(pace, folder, text)

    def _now(self) -> float:
        return self._time

    def _wait_for_end(self, end: float) -> bool:
        if self._free and self._begun < self._pages:
            is_warm = self._begun >= WARM_UP * self._pace.slots
            patience = self._patience if is_warm and self._lost < 4 else self._patience / 10
            if self._changed.wait_for(lambda: self._waiting or self._closed, patience):
                return False
            self._lost += is_warm  # and who shall wait for ever?
        self._time = end
        return True


def read_notes(folder: Path) -> list[list[PageTimes]]:
    """What each engine has noted there, in the order in which its pages began."""
    engines = []
    for path in sorted(folder.glob("*.txt")):
        lines = path.read_text().splitlines()
        times = [PageTimes(*map(float, line.split())) for line in lines]
        engines.append(sorted(times, key=lambda page: page.started))
    return engines


def steady(engines: Sequence[Sequence[PageTimes]], slots: int) -> tuple[float, float]:
    """From when each engine is warm to when the first has got its last page; ``WARM_UP`` says more.

    After that there is no page left for somebody.
    """
    since = max(pages[min(WARM_UP * slots, len(pages)) - 1].started for pages in engines)
    until = min(max(page.submitted for page in pages) for pages in engines)
    return since, until


def busy_share(pages: Sequence[PageTimes], slots: int, since: float, until: float) -> float:
    """The share of an engine's places, over this time, that had a page in it: 1 is never idle."""
    used = sum(max(0.0, min(p.ended, until) - max(p.started, since)) for p in pages)
    return used / (slots * (until - since)) if until > since else 0.0


def idle_gaps(pages: Sequence[PageTimes], since: float, until: float) -> Iterator[float]:
    """Seconds of each time, within these, during which no page was in the engine at all."""
    free = since
    for page in pages:
        if page.started >= until:
            break
        if page.started > free:
            yield page.started - free
        free = max(free, page.ended)
