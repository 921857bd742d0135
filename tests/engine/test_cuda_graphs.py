"""A recorded step is replayed for any number of rows that it holds, and given up if it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
            if first.logits is not None and again.logits is not None:
                first.logits.copy_(again.logits)

        return replay, first


def step(tokens: Tensor, positions: Tensor, rows: int) -> SamplerOutput:
    assert len(tokens) % rows == 0
    logits = torch.stack((tokens, positions), dim=1).float()
    return SamplerOutput(tokens * 1000 + positions, tokens / 2, logits)


def graphed(capture: Capture, **sizes: Any) -> GraphedStep:
    return GraphedStep(step, max_rows=20, device=torch.device("cpu"), capture=capture, **sizes)


def check(run: GraphedStep, rows: int, width: int = 1) -> None:
    tokens, positions = torch.randint(1, 99, (2, rows * width))
    choice = run(tokens, positions, rows)
    assert choice.tokens.tolist() == (tokens * 1000 + positions).tolist()
    assert choice.probabilities.tolist() == (tokens / 2).tolist()
    assert choice.logits is not None
    assert choice.logits.tolist() == torch.stack((tokens, positions), dim=1).tolist()


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


def test_rows_that_bring_several_tokens_get_graphs_of_their_own() -> None:
    """Each number of tokens a row has its graphs, for fewer numbers of rows."""
    recorder = Recorder()
    run = graphed(recorder, widths=(1, 4, 8))
    run.capture()
    assert recorder.recorded == 6 + 2 * 6  # for drafts: 1, 2, 4, 8, 16 and 20 rows
    for rows, width in [(1, 8), (20, 4), (3, 1), (9, 8), (20, 8), (13, 4), (20, 1), (5, 4)]:
        check(run, rows, width)
    assert recorder.recorded == 18
    assert recorder.replayed == 8


def test_what_has_no_graph_runs_without() -> None:
    """Steps larger than drafts ever make them, and other numbers of tokens, are not captured."""
    recorder = Recorder()
    run = graphed(recorder, widths=(1, 4), most_positions=lambda rows: min(rows * 4, 40))
    run.capture()
    assert recorder.recorded == 6 + 4  # for drafts: 1, 2, 4 and 8 rows
    check(run, 7, 4)
    assert recorder.replayed == 1
    for rows, width in [(9, 4), (20, 4), (3, 2), (1, 8)]:
        check(run, rows, width)
    assert recorder.replayed == 1


def test_the_logits_of_all_graphs_lie_in_one_place() -> None:
    """Graphs of all sizes take the memory for the logits of the largest."""
    run = graphed(Recorder(), widths=(1, 4))
    run.capture()
    tokens = torch.ones(80, dtype=torch.long)
    largest, small = run(tokens, tokens, 20).logits, run(tokens[:2], tokens[:2], 2).logits
    assert largest is not None
    assert small is not None
    assert largest.data_ptr() == small.data_ptr()


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
