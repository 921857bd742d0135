"""A decode step that is captured once and replayed: CUDA graphs, one for each size of batch.

A step of the real model launches several hundred kernels. Launching them one by one takes the host
longer than the GPU needs to run them; a replay is a single launch.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.device.device import is_out_of_memory
from got_loaders.engine.sampler import SamplerOutput

__all__ = ["Capture", "GraphedStep", "Step", "capture_cuda_graph"]

_log = logging.getLogger(__name__)

Step = Callable[[Tensor, Tensor], SamplerOutput]
"""(tokens (rows,), positions (rows,)) → the next tokens"""

Capture = Callable[[Callable[[], SamplerOutput]], tuple[Callable[[], None], SamplerOutput]]
"""A function → how to run it again, and where its result then lies"""

_CAPTURE_SIZES = (1, 2, 4, *range(8, 64, 8), *range(64, 128, 16), *range(128, 1024, 32))
"""Rows that a graph has room for: not many more than are running, yet not too many graphs."""

_capture_lock = threading.Lock()
"""torch can capture one graph at a time in a process."""


class GraphedStep:
    """Runs ``step`` by replaying a graph of it for at least as many rows.

    ``step`` must read and write at the same addresses every time, and must not mind rows beyond
    those that are running: they get whatever tokens and positions were there before. If capturing
    fails, steps are run one kernel at a time from then on.
    """

    def __init__(
        self, step: Step, *, max_rows: int, device: torch.device, capture: Capture
    ) -> None:
        self._step = step
        self._capture: Capture | None = capture
        self._sizes = [*(n for n in _CAPTURE_SIZES if n < max_rows), max_rows]
        self._tokens, self._positions = torch.zeros((2, max_rows), dtype=torch.long, device=device)
        self._graphs: dict[int, tuple[Callable[[], None], SamplerOutput]] = {}

    def capture(self) -> None:
        """Capture all graphs now, the largest first: the others then fit into its memory."""
        for size in reversed(self._sizes):
            self._get_graph(size)

    def __call__(self, tokens: Tensor, positions: Tensor) -> SamplerOutput:
        """The next token of each row. The result is overwritten by the next call."""
        rows = len(tokens)
        self._tokens[:rows] = tokens
        self._positions[:rows] = positions
        graph = self._get_graph(next(size for size in self._sizes if size >= rows))
        if graph is None:
            return self._step(tokens, positions)
        replay, choice = graph
        replay()
        return SamplerOutput(choice.tokens[:rows], choice.probabilities[:rows])

    def _get_graph(self, size: int) -> tuple[Callable[[], None], SamplerOutput] | None:
        if size not in self._graphs and self._capture is not None:
            tokens, positions = self._tokens[:size], self._positions[:size]
            try:
                self._graphs[size] = self._capture(lambda: self._step(tokens, positions))
            except Exception as error:
                if is_out_of_memory(error):
                    raise
                _log.warning("CUDA graphs can't be used here; going on without", exc_info=True)
                self._capture = None
                self._graphs.clear()
        return self._graphs.get(size)


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
            # What other threads do on the device meanwhile is not ours to forbid.
            with torch.cuda.graph(
                graph, pool=pool, stream=stream, capture_error_mode="thread_local"
            ):
                choice = function()
        return graph.replay, choice

    return capture
