"""A decode step that is captured once and replayed: CUDA graphs, for sizes of batch and of drafts.

A step of the real model launches several hundred kernels. Launching them one by one takes the host
longer than the GPU needs to run them; a replay is a single launch.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.device.device import is_out_of_memory
from got_loaders.engine.device.release import clear_cublas_workspaces
from got_loaders.engine.sampler import SamplerOutput

__all__ = ["Capture", "GraphedStep", "Step", "capture_cuda_graph"]

_log = logging.getLogger(__name__)

Step = Callable[[Tensor, Tensor, int], SamplerOutput]
"""(tokens (positions,), positions (positions,), rows) → the next tokens"""

Capture = Callable[[Callable[[], SamplerOutput]], tuple[Callable[[], None], SamplerOutput]]
"""A function → how to run it again, and where its result then lies"""

_ROWS = (1, 2, 4, *range(8, 64, 8), *range(64, 128, 16), *range(128, 1024, 32))
"""Rows that a graph has room for: not many more than are running, yet not too many graphs."""

_ROWS_WITH_DRAFTS = (1, 2, 4, 8, 16, 32, 48, 64, 96, 128, *range(192, 1024, 64))
"""The same where rows bring several tokens: fewer, for each of these numbers has graphs."""

_Graph = tuple[Callable[[], None], SamplerOutput]

_capture_lock = threading.Lock()
"""torch can capture one graph at a time in a process."""


class GraphedStep:
    """Runs ``step`` by replaying a graph of it, for as many tokens a row and at least as many rows.

    ``widths`` are the numbers of tokens that rows may bring, ``most_positions`` says how many there
    are at most in a step of so many rows: larger ones are not captured, and run a kernel at a time.

    ``step`` must read and write at the same addresses every time, and must not mind rows beyond
    those that are running: they get whatever tokens and positions were there before. If capturing
    fails, steps are run one kernel at a time from then on.
    """

    def __init__(
        self,
        step: Step,
        *,
        max_rows: int,
        device: torch.device,
        capture: Capture,
        widths: Sequence[int] = (1,),
        most_positions: Callable[[int], int] = lambda _: sys.maxsize,
    ) -> None:
        self._step = step
        self._capture: Capture | None = capture
        self._rows = {
            width: [
                rows for rows in _sizes(width, max_rows) if rows * width <= most_positions(rows)
            ]
            for width in widths
        }
        positions = max_rows * max(widths)
        self._tokens, self._positions = torch.zeros((2, positions), dtype=torch.long, device=device)
        self._graphs: dict[tuple[int, int], _Graph] = {}
        self._logits: Tensor | None = None

    def capture(self) -> None:
        """Capture all graphs now, the largest first: the others then fit into its memory."""
        sizes = [(rows, width) for width, numbers in self._rows.items() for rows in numbers]
        for rows, width in sorted(sizes, key=lambda size: -size[0] * size[1]):
            self._get_graph(rows, width)

    def __call__(self, tokens: Tensor, positions: Tensor, rows: int) -> SamplerOutput:
        """The next token of each position. The result is overwritten by the next call."""
        count = len(tokens)
        width = count // rows
        size = next((size for size in self._rows.get(width, ()) if size >= rows), None)
        if size is None:
            return self._step(tokens, positions, rows)
        self._tokens[:count] = tokens
        self._positions[:count] = positions
        graph = self._get_graph(size, width)
        if graph is None:
            return self._step(tokens, positions, rows)
        replay, choice = graph
        replay()
        logits = None if choice.logits is None else choice.logits[:count]
        return SamplerOutput(choice.tokens[:count], choice.probabilities[:count], logits)

    def _get_graph(self, rows: int, width: int) -> _Graph | None:
        size = rows, width
        if size not in self._graphs and self._capture is not None:
            count = rows * width
            tokens, positions = self._tokens[:count], self._positions[:count]
            try:
                graph = self._capture(lambda: self._run(tokens, positions, rows))
            except Exception as error:
                if is_out_of_memory(error):
                    raise
                _log.warning("CUDA graphs can't be used here; going on without", exc_info=True)
                self._capture = None
                self._graphs.clear()
            else:
                self._graphs[size] = graph
                if self._logits is None:
                    self._logits = graph[1].logits
        return self._graphs.get(size)

    def _run(self, tokens: Tensor, positions: Tensor, rows: int) -> SamplerOutput:
        """The step; its logits go where the first graph has its own.

        They are most of what a step gives: kept for each graph they would be gigabytes.
        """
        choice = self._step(tokens, positions, rows)
        if choice.logits is None or self._logits is None or len(self._logits) < len(tokens):
            return choice
        logits = self._logits[: len(tokens)]
        logits.copy_(choice.logits)
        return replace(choice, logits=logits)


def _sizes(width: int, max_rows: int) -> list[int]:
    """For how many rows that bring so many tokens there are graphs."""
    sizes = _ROWS if width == 1 else _ROWS_WITH_DRAFTS
    return [*(rows for rows in sizes if rows < max_rows), max_rows]


def capture_cuda_graph() -> Capture:
    """Capturing on the thread's current CUDA device; graphs share their working memory."""
    pool = torch.cuda.graph_pool_handle()
    stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's own

    def capture(function: Callable[[], SamplerOutput]) -> tuple[Callable[[], None], SamplerOutput]:
        graph = torch.cuda.CUDAGraph()
        current = torch.cuda.current_stream()
        with _capture_lock, torch.cuda.stream(current):  # which is set again, whatever happens
            stream.wait_stream(current)
            with torch.cuda.stream(stream):  # libraries set themselves up outside of a capture
                function()
            current.wait_stream(stream)
            clear_cublas_workspaces()  # or closing another engine would free what the graph uses
            # What other threads do on the device meanwhile is not ours to forbid.
            with torch.cuda.graph(
                graph, pool=pool, stream=stream, capture_error_mode="thread_local"
            ):
                choice = function()
        return graph.replay, choice

    return capture
