"""What a decode step takes, by rows and by the tokens that each of them brings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

ROWS = (1, 2, 4, 8, 12)
COUNTS = (1, 2, 4, 6, 8)
MOST_POSITIONS = 32


def chosen_clock() -> Callable[[], float]:
    """Seconds; with one thread those of the processor, which a busy machine disturbs less."""
    return time.thread_time if torch.get_num_threads() == 1 else time.perf_counter


@torch.inference_mode()
def step_costs(runner: Any, tokens: int, rounds: int) -> None:
    """Print milliseconds of a step whose rows have ``tokens`` each; the fastest of ``rounds``."""
    print(f"{tokens} tokens in each row; ms a step, and over that of one token a row\n")
    print(f"| rows | {' | '.join(f'{count} each' for count in COUNTS)} |")
    print(f"|---|{'---|' * len(COUNTS)}")
    for rows in ROWS:
        _fill(runner, rows, tokens)
        times = [_time(runner, rows, count, tokens, rounds) for count in COUNTS]
        cells = ["" if t is None else f"{t:.1f} ({t / (times[0] or t):.2f} ×)" for t in times]
        print(f"| {rows} | {' | '.join(cells)} |", flush=True)
        for slot in range(rows):
            runner._backend.cache.free(slot)


def _fill(runner: Any, rows: int, tokens: int) -> None:
    cache, shape = runner._backend.cache, runner._decoder.cache_shape
    prefill = cache.allocate(list(range(rows)), tokens)
    for layer in range(shape.layers):
        sizes = (rows, shape.kv_heads, tokens, shape.head_size)
        keys, values = torch.randn(sizes), torch.randn(sizes)
        prefill.write_prompt(layer, keys.to(shape.dtype), values.to(shape.dtype))
    cache.commit(prefill)


def _time(runner: Any, rows: int, count: int, tokens: int, rounds: int) -> float | None:
    if rows * count > MOST_POSITIONS and count > 1:
        return None
    backend = runner._backend
    backend.cache.reserve(np.full(rows, count))
    ids = torch.arange(rows * count) + 6
    positions = torch.arange(tokens, tokens + count).repeat(rows)
    best, clock = float("inf"), chosen_clock()
    for _ in range(rounds + 1):
        start = clock()
        backend.step(ids, positions, rows)
        best = min(best, clock() - start)
    return 1e3 * best
