"""Who runs next. First come, first served; touches no tensor.

A step is either a prefill of waiting sequences or a decode step for all running ones. Prefills are
kept short, and after each one the running sequences decode for a quarter of its time before the
next, so neither starves: newcomers don't hold up the first page, and the batch still fills.

In a large batch a row comes free every few steps. To fill each at once would be a prefill of one
page, again and again, which costs a GPU hardly less time than one of several: so newcomers wait for
a few rows to be free, as long as more of them are queued than there are rows.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from got_loaders.engine.sequence import Sequence

__all__ = ["Batch", "Scheduler"]

MAX_PREFILL_TILES = 16
"""Tiles that are encoded between two decode steps; one request may have more on its own."""

MAX_PREFILL_S = 1.0
"""About how long a prefill may take. On a slow device this is fewer tiles, at least one."""

DECODE_SHARE = 0.25
"""Seconds of decoding that each second of prefill is followed by, as long as pages are running.
More gives those that run more steps, each with fewer rows: it costs pages a second."""

FREE_SHARE = 16
"""A full batch goes on until one of so many of its rows is free. Where N rows run, r pages end in a
second and a prefill costs F seconds whatever it reads, waiting for k rows costs r · F / k + k / 2N:
least at k = √(2 N F r). F is estimated at 5 ms (some 850 launches). With 64 rows and 22 pages a
second k is 4, with 256 and 30 it is 9, and twice that costs half a percent more. With the 32 rows
that a CPU has at most it is always 1."""

MAX_HOLD_S = 0.25
"""But no longer than this: where pages are long, so is the wait for the next row."""

FINISHES_TO_GROW = 32
"""So many sequences must finish without a shortage of memory before one more may run at a time."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What the runner computes in one step."""

    phase: Literal["prefill", "decode"]
    sequences: tuple[Sequence, ...]


class Scheduler:
    """The waiting and the running sequences of one engine; used by its thread only.

    ``max_batch_size`` decode together: ``limit``, or fewer for a time where memory was short.
    ``clock`` gives seconds.
    """

    def __init__(self, max_batch_size: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.max_batch_size = max_batch_size
        self.limit = max_batch_size
        self._finished_since_oom = 0
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self._decode_debt_s = 0.0
        self._tile_time_s = 0.0
        self._clock = clock
        self._held_since: float | None = None

    def add(self, sequences: Iterable[Sequence]) -> None:
        """Queue what came, in order."""
        self.waiting.extend(sequences)

    def drop_cancelled(self) -> list[Sequence]:
        """Forget cancelled sequences; returns those that were running, to free their rows."""
        cancelled = [s for s in (*self.running, *self.waiting) if s.future.cancelled()]
        were_running = [s for s in cancelled if s in self.running]
        for sequence in cancelled:
            sequence.acknowledge_cancel()
            (self.running if sequence in were_running else self.waiting).remove(sequence)
        return were_running

    def schedule(self) -> Batch | None:
        """The next step; None when there is nothing to do. A prefill batch leaves the queue."""
        free_rows = self.max_batch_size - len(self.running)
        if self._may_prefill(free_rows):
            self._held_since = None
            return Batch("prefill", tuple(self._admit(free_rows)))
        return Batch("decode", tuple(self.running)) if self.running else None

    def record_step_time(self, batch: Batch, seconds: float) -> None:
        """Note how long ``batch`` took."""
        if batch.phase == "decode":
            self._decode_debt_s -= seconds
            return
        self._decode_debt_s = DECODE_SHARE * seconds
        self._tile_time_s = seconds / sum(len(s.input.tiles) for s in batch.sequences)

    def start(self, sequence: Sequence) -> None:
        """``sequence`` has its first token and decodes from now on."""
        self.running.append(sequence)

    def finish(self, sequence: Sequence) -> None:
        """``sequence`` has left the running batch. After enough of these it may grow again."""
        self.running.remove(sequence)
        self._finished_since_oom += 1
        if self._finished_since_oom >= FINISHES_TO_GROW and self.max_batch_size < self.limit:
            self.max_batch_size += 1
            self._finished_since_oom = 0

    def requeue(self, sequences: list[Sequence]) -> None:
        """Put ``sequences`` back at the head of the queue: no more than run now fit at once."""
        self.max_batch_size = max(1, len(self.running))
        self._finished_since_oom = 0
        self.waiting.extendleft(reversed(sequences))

    def preempt_half(self) -> list[Sequence]:
        """Send the younger half of the running sequences back to the head of the queue.

        For a device that is out of memory: they start again from their prompts, and no more than
        what is left running decodes together until many sequences have finished. Returns those
        sent back.
        """
        half = len(self.running) // 2
        preempted, self.running = self.running[half:], self.running[:half]
        self.requeue(preempted)
        return preempted

    def abort_all(self) -> list[Sequence]:
        """Give up everything; returns all that was waiting or running."""
        sequences = [*self.running, *self.waiting]
        self.running.clear()
        self.waiting.clear()
        return sequences

    def _may_prefill(self, free_rows: int) -> bool:
        if not self.waiting:
            self._held_since = None
        if not self.waiting or free_rows <= 0:
            return False
        if not self.running:
            return True
        return self._decode_debt_s <= 0 and not self._holds_newcomers(free_rows)

    def _holds_newcomers(self, free_rows: int) -> bool:
        """Whether a prefill is better put off: it would read more pages with more rows free."""
        enough = len(self.running) // FREE_SHARE
        if free_rows >= min(enough, len(self.waiting)) or self._count_fitting(enough) <= free_rows:
            return False
        now = self._clock()
        if self._held_since is None:
            self._held_since = now
        return now - self._held_since < MAX_HOLD_S

    def _admit(self, max_sequences: int) -> list[Sequence]:
        return [self.waiting.popleft() for _ in range(self._count_fitting(max_sequences))]

    def _count_fitting(self, max_sequences: int) -> int:
        """How many of those that wait go into one prefill; at least one."""
        max_tiles = MAX_PREFILL_TILES
        if self._tile_time_s > 0:
            max_tiles = min(max_tiles, int(MAX_PREFILL_S / self._tile_time_s))
        tiles = len(self.waiting[0].input.tiles)
        for count, sequence in enumerate(islice(self.waiting, 1, max_sequences), start=1):
            tiles += len(sequence.input.tiles)
            if tiles > max_tiles:
                return count
        return min(len(self.waiting), max(1, max_sequences))
