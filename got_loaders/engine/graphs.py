"""A decode step that is recorded once and replayed: CUDA graphs, one for each size of batch.

A step of the real model launches several hundred kernels. Launching them one by one takes the host
longer than the GPU needs to run them; a replay is a single launch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.sampler import Choice

__all__ = ["Capture", "GraphedStep", "Step", "capture_cuda_graph"]

_log = logging.getLogger(__name__)

Step = Callable[[Tensor, Tensor], Choice]
"""(tokens (rows,), positions (rows,)) → the next tokens"""

Capture = Callable[[Callable[[], Choice]], tuple[Callable[[], None], Choice]]
"""A function → how to run it again, and where its result then lies"""


class GraphedStep:
    """Runs ``step`` by replaying a recording of it for at least as many rows.

    ``step`` must read and write at the same addresses every time, and must not mind rows beyond
    those that are running: they get whatever tokens and positions were there before. If recording
    fails, steps are run one kernel at a time from then on.
    """

    def __init__(
        self, step: Step, *, max_rows: int, device: torch.device, capture: Capture
    ) -> None:
        self._step = step
        self._capture: Capture | None = capture
        self._sizes = [*(n for n in (1, 2, 4, *range(8, max_rows, 8)) if n < max_rows), max_rows]
        self._tokens, self._positions = torch.zeros((2, max_rows), dtype=torch.long, device=device)
        self._recorded: dict[int, tuple[Callable[[], None], Choice]] = {}

    def __call__(self, tokens: Tensor, positions: Tensor) -> Choice:
        """The next token of each row. The result is overwritten by the next call."""
        rows = len(tokens)
        self._tokens[:rows] = tokens
        self._positions[:rows] = positions
        recorded = self._recording(next(size for size in self._sizes if size >= rows))
        if recorded is None:
            return self._step(tokens, positions)
        replay, choice = recorded
        replay()
        return Choice(choice.tokens[:rows], choice.probabilities[:rows])

    def _recording(self, size: int) -> tuple[Callable[[], None], Choice] | None:
        if size not in self._recorded and self._capture is not None:
            tokens, positions = self._tokens[:size], self._positions[:size]
            try:
                self._recorded[size] = self._capture(lambda: self._step(tokens, positions))
            except torch.OutOfMemoryError:
                raise
            except Exception:  # noqa: BLE001  # whatever it is, there is a way without
                _log.warning("CUDA graphs can't be used here; going on without", exc_info=True)
                self._capture = None
                self._recorded.clear()
        return self._recorded.get(size)


def capture_cuda_graph() -> Capture:
    """Recording on the current CUDA device; all recordings share their working memory."""
    pool = torch.cuda.graph_pool_handle()

    def capture(function: Callable[[], Choice]) -> tuple[Callable[[], None], Choice]:
        side: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's own
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # libraries set themselves up outside of a recording
            function()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool):
            choice = function()
        return graph.replay, choice

    return capture
