"""What happens inside a LocalEngine, watched and disturbed from outside.

It knows the engine's private parts. While the engine is timed, this adds two readings of a clock
to each step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NoReturn
from unittest.mock import patch

from got_loaders.engine import LocalEngine
from got_loaders.engine.device.device import set_device
from got_loaders.engine.runner import decode_backends
from got_loaders.engine.runner.cuda_graphs import Capture, GraphedStep
from got_loaders.engine.sequence import Sequence, SequenceOutput, build_sequence
from got_loaders.types import OcrRequest


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the engine's thread: its times by ``time.perf_counter``, and how many rows."""

    phase: Literal["prefill", "decode"]
    start: float
    end: float
    rows: int


class StepClock:
    """Notes each step of an engine, in order.

    A decode step is launched ahead on a GPU: what is seen here is when the one before it was done,
    so the time from the end of one to the end of the next is the step's.
    """

    def __init__(self, engine: LocalEngine) -> None:
        self.steps: list[Step] = []
        self._runner: Any = runner_of(engine)
        prefill, decode = self._runner.prefill, self._runner.decode

        def timed_prefill(sequences: Iterable[Sequence]) -> list[SequenceOutput]:
            waiting = list(sequences)
            return self._timed("prefill", lambda: prefill(waiting), lambda: len(waiting))

        def timed_decode() -> list[SequenceOutput]:
            return self._timed("decode", decode, self._running)

        self._runner.prefill, self._runner.decode = timed_prefill, timed_decode

    def _running(self) -> int:
        return len(self._runner._backend.cache.slots)

    def _timed(
        self,
        phase: Literal["prefill", "decode"],
        step: Callable[[], list[SequenceOutput]],
        rows: Callable[[], int],
    ) -> list[SequenceOutput]:
        start = time.perf_counter()
        readings = step()
        self.steps.append(Step(phase, start, time.perf_counter(), rows()))
        return readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Which of its ways an engine went: the cache's class, the kernel of its attention over pages,
    and the rows that it has recorded steps for; 64×8: of 64 rows that bring 8 tokens each.

    ``graphs`` is None where steps are not recorded at all, or no longer.
    """

    cache: str
    attention: str
    graphs: tuple[str, ...] | None

    def __str__(self) -> str:
        cache = f"{self.cache} with {self.attention}" if self.attention else self.cache
        if self.graphs is None:
            return f"{cache}, no CUDA graphs"
        return f"{cache}, CUDA graphs for {', '.join(self.graphs) or 'no'} rows"


def ways_of(engine: LocalEngine) -> Ways:
    """Ask after it has read something: steps are recorded when they are first run."""
    inside = runner_of(engine)
    step, graphs, cache = inside._backend.step, None, inside._backend.cache
    if isinstance(step, GraphedStep) and step._capture is not None:
        sizes = sorted(step._graphs, key=lambda size: (size[1], size[0]))
        graphs = tuple(str(rows) if width == 1 else f"{rows}×{width}" for rows, width in sizes)
    attention = getattr(getattr(cache, "_attention", None), "name", "")
    return Ways(cache=type(cache).__name__, attention=attention, graphs=graphs)


def limit_rows(engine: LocalEngine, rows: int) -> None:
    """Let no more decode together from now on; the engine must have nothing to do."""
    scheduler = engine._loop._scheduler
    scheduler.max_batch_size = scheduler.limit = rows


def sequences_of(engine: LocalEngine, requests: Iterable[OcrRequest]) -> list[Sequence]:
    """Requests, prepared, as the engine's own thread gets them."""
    prepare: Any = engine._preprocessor.prepare
    return [build_sequence(prepare(one), one, max_context=engine._max_context) for one in requests]


@contextmanager
def prefilled(engine: LocalEngine, sequences: list[Sequence]) -> Iterator[None]:
    """Read the prompts of ``sequences``, in an engine that has nothing to do; then forget them."""
    runner = runner_of(engine)
    set_device(str(engine.config.device))
    try:
        runner.prefill(sequences)
        yield
    finally:
        for sequence in sequences:
            runner.release(sequence)


@contextmanager
def no_paged_attention() -> Iterator[None]:
    """Engines made in here find that torch has no paged attention."""
    with patch.object(decode_backends, "paged_attention", lambda *_, **__: None):
        yield


@contextmanager
def no_graphs() -> Iterator[None]:
    """Engines made in here fail to record a step, as with a driver that can't."""

    def failing(*_: object) -> NoReturn:
        raise RuntimeError("made to fail by the benchmark")

    def capture(*_: object, **__: object) -> Capture:
        return failing

    with patch.object(decode_backends, "capture_cuda_graph", capture):
        yield


def runner_of(engine: LocalEngine) -> Any:
    """The engine's runner, whose thread is the engine's: leave it alone while that has work."""
    return engine._loop._runner
