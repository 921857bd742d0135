"""What happens inside a LocalEngine, watched and disturbed from outside.

It knows the engine's private parts. While the engine is timed, this adds two readings of a clock
to each step.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, Self
from unittest.mock import patch

from got_loaders.engine import LocalEngine
from got_loaders.engine.runner import decode_backends
from got_loaders.engine.runner.cuda_graphs import Capture, GraphedStep
from got_loaders.engine.sequence import Sequence, SequenceOutput


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
        self._runner: Any = _runner(engine)
        prefill, decode = self._runner.prefill, self._runner.decode

        def timed_prefill(sequences: Iterable[Sequence]) -> list[SequenceOutput]:
            waiting = list(sequences)
            return self._timed("prefill", lambda: prefill(waiting), lambda: len(waiting))

        def timed_decode() -> list[SequenceOutput]:
            return self._timed("decode", decode, lambda: len(self._runner._inputs.slots))

        self._runner.prefill, self._runner.decode = timed_prefill, timed_decode

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
    """Which of its ways an engine went: the cache's class, and the batch sizes it has recorded.

    ``graphs`` is None where steps are not recorded at all, or no longer.
    """

    cache: str
    graphs: tuple[int, ...] | None

    def __str__(self) -> str:
        if self.graphs is None:
            return f"{self.cache}, no CUDA graphs"
        return f"{self.cache}, CUDA graphs for {', '.join(map(str, self.graphs)) or 'no'} rows"


def ways_of(engine: LocalEngine) -> Ways:
    """Ask after it has read something: steps are recorded when they are first run."""
    inside = _runner(engine)
    step, graphs = inside._backend.step, None
    if isinstance(step, GraphedStep) and step._capture is not None:
        graphs = tuple(sorted(step._graphs))
    return Ways(cache=type(inside._backend.cache).__name__, graphs=graphs)


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


class Said(logging.Handler):
    """What the library logs in a ``with`` block, from INFO on, each line once."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self._logger = logging.getLogger("got_loaders")
        self._level = self._logger.level

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's line, and in a word what raised it."""
        error = record.exc_info[1] if record.exc_info else None
        line = f"{record.levelname}: {record.getMessage()}" + (f" ({error!r})" if error else "")
        if line not in self.lines:
            self.lines.append(line)

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        self._logger.setLevel(logging.INFO)
        return self

    def __exit__(self, *exception: object) -> None:
        self._logger.setLevel(self._level)
        self._logger.removeHandler(self)


def _runner(engine: LocalEngine) -> Any:
    return engine._loop._runner
