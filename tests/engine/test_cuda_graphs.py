"""A recorded step is replayed for any number of rows that it holds, and given up if it fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from got_loaders.engine.runner.cuda_graphs import Capture, GraphedStep
from got_loaders.engine.sampler import SamplerOutput


class Recorder:
    """Stands in for CUDA: a recording writes into the memory of its first result."""

    def __init__(self) -> None:
        self.recorded = 0
        self.replayed = 0

    def __call__(
        self, function: Callable[[], SamplerOutput]
    ) -> tuple[Callable[[], None], SamplerOutput]:
        self.recorded += 1
        first = function()

        def replay() -> None:
            self.replayed += 1
            again = function()
            first.tokens.copy_(again.tokens)
            first.probabilities.copy_(again.probabilities)

        return replay, first


def step(tokens: Tensor, positions: Tensor) -> SamplerOutput:
    return SamplerOutput(tokens * 1000 + positions, tokens / 2)


def graphed(capture: Capture) -> GraphedStep:
    return GraphedStep(step, max_rows=20, device=torch.device("cpu"), capture=capture)


def check(run: GraphedStep, rows: int) -> None:
    tokens, positions = torch.randint(1, 99, (2, rows))
    choice = run(tokens, positions)
    assert choice.tokens.tolist() == (tokens * 1000 + positions).tolist()
    assert choice.probabilities.tolist() == (tokens / 2).tolist()


def test_every_size_of_batch_gets_its_own_tokens() -> None:
    """Any number of rows, growing and shrinking, is served by a few recordings."""
    recorder = Recorder()
    run = graphed(recorder)
    for rows in [1, 2, 3, 5, 8, 9, 20, 7, 1, 20, 13]:
        check(run, rows)
    assert recorder.recorded == 6  # for 1, 2, 4, 8, 16 and 20 rows
    assert recorder.replayed == 11


def test_recordings_can_be_made_beforehand() -> None:
    """Nothing is recorded while pages are read; the largest is recorded first."""
    recorder = Recorder()
    run = graphed(recorder)
    run.capture()
    for rows in (1, 7, 20):
        check(run, rows)
    assert recorder.recorded == 6


def test_steps_go_on_where_recording_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A driver that can't record costs speed, not readings; it is said once."""

    def failing(function: Callable[[], SamplerOutput]) -> tuple[Callable[[], None], SamplerOutput]:
        raise RuntimeError("operation not permitted when stream is capturing")

    run = graphed(failing)
    for rows in (3, 8, 3):
        check(run, rows)
    assert len(caplog.records) == 1


def test_a_shortage_of_memory_is_not_hidden() -> None:
    """Out of memory while recording is the batch's affair: it is halved and tried again."""

    def full(function: Callable[[], SamplerOutput]) -> tuple[Callable[[], None], SamplerOutput]:
        raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        check(graphed(full), 3)
