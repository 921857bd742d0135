"""The parts of a decode step on a CPU, each alone: products by positions, attention by tokens.

    python -m benchmarks.step_parts [--dtype bfloat16] [--threads 1] [--tokens 800]

With the sizes of the published model and random weights. Printed is the fastest of `--rounds`, in
milliseconds: the products of all layers, the output layer, and the attention of one row in all
layers, compiled and torch's. With `--threads 1` it is the processor's time. Run it once with
GLIBC_TUNABLES=glibc.malloc.hugetlb=1 in the environment and once without to see what huge pages do.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace

import numpy as np
import torch

from benchmarks._report import processor_name
from benchmarks._step_costs import chosen_clock
from got_loaders.engine.kv_cache.base import MAX_QUERIES, CacheShape
from got_loaders.engine.kv_cache.row_cache import RowAttention, RowTable, sdpa_attention
from got_loaders.engine.model.linear import Linear
from got_loaders.engine.numba_cpu.row_attention import compiled_attention

LAYERS, HEADS, HEAD_SIZE, WIDTH, VOCABULARY = 24, 16, 64, 1024, 151_860
LAYER = ((3072, 1024), (1024, 1024), (5632, 1024), (1024, 2816))
"""Outputs and inputs of a layer's products, in order."""
POSITIONS = (1, 2, 4, 6, 7, 8, 12, 16, 24, 32)
COUNTS = (1, 2, 4, MAX_QUERIES)


@torch.inference_mode()
def main(argv: Sequence[str] | None = None) -> int:
    """Print two tables."""
    options = _options(argv)
    if options.threads:
        torch.set_num_threads(options.threads)
    dtype, tunables = getattr(torch, options.dtype), os.environ.get("GLIBC_TUNABLES", "none")
    print(
        f"{options.dtype}, torch {torch.__version__}, {torch.get_num_threads()} threads", end=", "
    )
    print(f"{processor_name('cpu')}; tunables: {tunables}")
    print(f"\n| positions | {' | '.join(map(str, POSITIONS))} |")
    print("|---|" + "---|" * len(POSITIONS))
    layers = [_linear(dtype, *sizes) for _ in range(options.layers) for sizes in LAYER]
    head = [_linear(dtype, options.vocabulary, WIDTH)]
    for name, products in (("layers", layers), ("output layer", head)):
        times = [_fastest(partial(_run, products, n, dtype), options.rounds) for n in POSITIONS]
        print(f"| {name} | {' | '.join(f'{each:.1f}' for each in times)} |", flush=True)
    _attention(dtype, options)
    return 0


def _linear(dtype: torch.dtype, outputs: int, inputs: int) -> tuple[Linear, int]:
    weight = torch.randn(outputs, inputs).mul_(0.03).to(dtype)
    return Linear(SimpleNamespace(weight=weight, bias=None)), inputs


def _run(products: list[tuple[Linear, int]], positions: int, dtype: torch.dtype) -> None:
    for product, inputs in products:
        product(torch.ones(positions, inputs, dtype=dtype))


def _attention(dtype: torch.dtype, options: argparse.Namespace) -> None:
    """One row's, whose states in all layers are read as a step reads them."""
    shape = CacheShape(
        layers=options.layers,
        kv_heads=HEADS,
        head_size=HEAD_SIZE,
        scale=HEAD_SIZE**-0.5,
        device=torch.device("cpu"),
        dtype=dtype,
    )
    ways: dict[str, RowAttention | None] = {
        "compiled": compiled_attention(shape, heads=HEADS),
        "torch": partial(sdpa_attention, scale=shape.scale),
    }
    states = torch.randn(options.layers, 2, HEADS, options.tokens + MAX_QUERIES, HEAD_SIZE)
    table = RowTable([options.tokens], [states.to(dtype)])
    print(f"\n| tokens that a row of {options.tokens} brings | {' | '.join(map(str, COUNTS))} |")
    print("|---|" + "---|" * len(COUNTS))
    for name, attend in ways.items():
        if attend is None:
            continue
        times = [
            _fastest(partial(_attend, attend, table, n, dtype, options.layers), options.rounds)
            for n in COUNTS
        ]
        print(f"| {name} | {' | '.join(f'{each:.1f}' for each in times)} |", flush=True)


def _attend(
    attend: RowAttention, table: RowTable, count: int, dtype: torch.dtype, layers: int
) -> None:
    table.set_counts(np.array([count]))
    new = torch.ones(count, HEADS, HEAD_SIZE, dtype=dtype)
    for layer in range(layers):
        attend(layer, new, new, new, table)


def _fastest(part: Callable[[], None], rounds: int) -> float:
    """Milliseconds."""
    clock, best = chosen_clock(), float("inf")
    for _ in range(rounds + 1):
        start = clock()
        part()
        best = min(best, clock() - start)
    return 1e3 * best


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.step_parts", description=__doc__.partition("\n")[0]
    )
    add = parser.add_argument
    add("--dtype", default="bfloat16", choices=["float32", "bfloat16"])
    add("--threads", type=int, help="torch's threads (as many as torch takes)")
    add("--tokens", type=int, default=800, help="in the row")
    add("--layers", type=int, default=LAYERS)
    add("--vocabulary", type=int, default=VOCABULARY)
    add("--rounds", type=int, default=5)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
