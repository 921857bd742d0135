"""Who runs next. First come, first served; touches no tensor.

A step is either a prefill of waiting sequences or one decoded token for all running ones. Prefills
are kept short, and after each one the running sequences decode for a quarter of its time before the
next, so neither starves: newcomers don't hold up the first page, and the batch still fills.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
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
    """

    def __init__(self, max_batch_size: int) -> None:
        self.max_batch_size = max_batch_size
        self.limit = max_batch_size
        self._finished_since_oom = 0
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self._decode_debt_s = 0.0
        self._tile_time_s = 0.0

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
        if self.waiting and free_rows > 0 and not (self._decode_debt_s > 0 and self.running):
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

    def _admit(self, max_sequences: int) -> list[Sequence]:
        max_tiles = MAX_PREFILL_TILES
        if self._tile_time_s > 0:
            max_tiles = min(max_tiles, int(MAX_PREFILL_S / self._tile_time_s))
        admitted = [self.waiting.popleft()]
        tiles = len(admitted[0].input.tiles)
        while self.waiting and len(admitted) < max_sequences:
            tiles += len(self.waiting[0].input.tiles)
            if tiles > max_tiles:
                break
            admitted.append(self.waiting.popleft())
        return admitted
