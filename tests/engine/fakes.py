"""A runner without a model: it counts tokens down, and fails where it is told to."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import torch

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.scheduler import Scheduler
from got_loaders.engine.sequence import Sequence, SequenceOutput
from got_loaders.engine.step_loop import EngineLoop

ILLEGAL_ACCESS = "CUDA error: an illegal memory access was encountered"

END = 2
"""The embedded checkpoint's end token."""


class FakeRunner:
    """Writes ``1 1 1 …`` until a sequence's own length, then the end token.

    ``fault(phase, sequences)`` is called before each step and may raise or block.
    """

    def __init__(
        self,
        fault: Callable[[str, list[Sequence]], None] = lambda phase, sequences: None,
        length: Callable[[Sequence], int] = lambda sequence: 3,
    ) -> None:
        self.description = "nothing"
        self.fault = fault
        self.length = length
        self.rows: list[Sequence] = []
        self.written: dict[Sequence, int] = {}
        self.batches: list[tuple[str, int]] = []
        self.closed = threading.Event()

    def prefill(self, sequences: Iterable[Sequence]) -> list[SequenceOutput]:
        new = list(sequences)
        self.batches.append(("prefill", len(new)))
        self.fault("prefill", new)
        self.rows += new
        self.written.update((sequence, 0) for sequence in new)
        return self._write(new)

    def decode(self) -> list[SequenceOutput]:
        self.batches.append(("decode", len(self.rows)))
        self.fault("decode", self.rows)
        return self._write(self.rows)

    def release(self, sequence: Sequence) -> None:
        if sequence in self.rows:
            self.rows.remove(sequence)

    def close(self) -> None:
        self.rows.clear()
        self.closed.set()

    def _write(self, rows: list[Sequence]) -> list[SequenceOutput]:
        for sequence in rows:
            self.written[sequence] += 1
        return [self._reading(s) for s in rows if self.written[s] >= self.length(s)]

    def _reading(self, sequence: Sequence) -> SequenceOutput:
        count = self.written[sequence]
        tokens = (*(1 for _ in range(count - 1)), END)
        return SequenceOutput(sequence, tokens, np.full(count, 0.5, np.float32), "stop")


class LostGpu(FakeRunner):
    """A device that fails in one phase, and then in whatever is asked of it."""

    def __init__(self, phase: str) -> None:
        super().__init__(self._fail)
        self.phase = phase

    def _fail(self, phase: str, _: object) -> None:
        if phase == self.phase:
            raise torch.AcceleratorError(ILLEGAL_ACCESS)

    def close(self) -> None:
        super().close()
        raise torch.AcceleratorError(ILLEGAL_ACCESS)


class FakeModelEngine(LocalEngine):
    """A LocalEngine whose model is a FakeRunner: its threads and queues are the real ones."""

    def __init__(self, runner: FakeRunner, **config: object) -> None:
        self._fake = runner
        super().__init__(EngineConfig(model="tiny", device="cpu", **config))  # type: ignore[arg-type]  # named by each test

    def _new_loop(self, loaded: object, device: str) -> EngineLoop:
        rows = self.config.max_batch_size
        scheduler = Scheduler(8 if rows == "auto" else rows)
        return EngineLoop(scheduler, self._fake, self.text, fingerprint=self.fingerprint)

    def text(self, token_ids: list[int]) -> str:
        """The text of token ids: their number."""
        return f"{len(token_ids)} tokens"


def out_of_memory() -> torch.OutOfMemoryError:
    """What torch raises when the device has no memory left."""
    return torch.OutOfMemoryError("out of memory, says the fake device")


@contextmanager
def nothing_compiled() -> Iterator[None]:
    """Engines that are made in here get no compiled functions, as where numba is missing."""
    if importlib.util.find_spec("numba") is None:
        yield
        return
    import numba

    with patch.object(numba.config, "DISABLE_JIT", 1):
        yield
