"""One decode step on the CPU: attention compiled by numba beside torch's own, in one run.

    python -m benchmarks.decoding [--model real] [--dtype bfloat16] [--rows 1,4,12] [--tokens 300]

Both over the same decoder, with rows of one length; prints the fastest step of each, the ratio, the
keys and values that a step reads, and how far the logits are apart. "real" has the published
architecture and random weights. All but the attention is torch's in both ways. With
`--threads 1` it is the processor's time, which other programs of a busy machine disturb less.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.utils import logging

from benchmarks._checkpoint import muted_checkpoint
from benchmarks._step_costs import chosen_clock
from got_loaders.engine.config import EngineConfig
from got_loaders.engine.kv_cache.base import one_each
from got_loaders.engine.kv_cache.row_cache import RowCache
from got_loaders.engine.model.decoder import Decoder
from got_loaders.engine.model.loader import load_model
from got_loaders.engine.numba_cpu.row_attention import compiled_attention
from got_loaders.engine.runner.decode_backends import DecodeBackend, eager_backend

Inputs = tuple[Tensor, Tensor]
"""Tokens and positions, both (rows,)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if nothing is compiled here."""
    options = _options(argv)
    if options.threads:
        torch.set_num_threads(options.threads)
    decoder = _decoder(options)
    attention = compiled_attention(decoder.cache_shape, heads=decoder.heads)
    if attention is None:
        print("nothing is compiled here: is numba installed?")
        return 1
    ours = eager_backend(decoder, RowCache(decoder.cache_shape, attention))
    theirs = eager_backend(decoder, RowCache(decoder.cache_shape))
    print(f"{options.model}, {options.dtype}, torch {torch.__version__}", end="")
    print(f", {torch.get_num_threads()} threads, {options.rounds} rounds")
    print("\n| rows | tokens | MB read | compiled, ms | torch, ms | ratio | difference |")
    print("|---|---|---|---|---|---|---|")
    for tokens in options.tokens:
        for rows in options.rows:
            print(_row(rows, tokens, ours, theirs, decoder, options.rounds), flush=True)
    return 0


@torch.inference_mode()
def _row(
    rows: int,
    tokens: int,
    ours: DecodeBackend,
    theirs: DecodeBackend,
    decoder: Decoder,
    rounds: int,
) -> str:
    shape = decoder.cache_shape
    inputs = torch.arange(rows) + 6, torch.full((rows,), tokens)
    for way in (ours, theirs):
        _fill(way, rows, tokens, decoder)
    logits, expected = ours.logits(*inputs), theirs.logits(*inputs)
    difference = float((logits - expected).norm() / expected.norm())
    steps = [lambda *each, way=way: way.step(*each, rows) for way in (ours, theirs)]
    times = [_fastest(step, inputs, rounds) for step in steps]
    for way in (ours, theirs):
        for slot in way.cache.slots:
            way.cache.free(slot)
    read = rows * (tokens + 1) * shape.bytes_per_token / 1e6
    ratio = times[1] / times[0]
    return (
        f"| {rows} | {tokens} | {read:.0f} | {times[0]:.2f} | {times[1]:.2f} "
        f"| {ratio:.1f} × | {difference:.0e} |"
    )


def _fill(way: DecodeBackend, rows: int, tokens: int, decoder: Decoder) -> None:
    """Rows with prompts of so many tokens, the same ones for both ways."""
    shape, generator = decoder.cache_shape, torch.Generator().manual_seed(0)
    prefill = way.cache.allocate(list(range(rows)), tokens)
    for layer in range(shape.layers):
        sizes = (2, rows, shape.kv_heads, tokens, shape.head_size)
        states = torch.randn(sizes, generator=generator).to(shape.dtype)
        prefill.write_prompt(layer, states[0], states[1])
    way.cache.commit(prefill)
    way.cache.reserve(one_each(way.cache))


def _fastest(step: Callable[[Tensor, Tensor], Any], inputs: Inputs, rounds: int) -> float:
    """Milliseconds of a step."""
    best, clock = float("inf"), chosen_clock()
    for _ in range(rounds + 1):
        start = clock()
        step(*inputs)
        best = min(best, clock() - start)
    return 1e3 * best


def _decoder(options: argparse.Namespace) -> Decoder:
    with muted_checkpoint(options.model) as checkpoint:
        config = EngineConfig(model=str(checkpoint.folder), device="cpu", dtype=options.dtype)
        return Decoder(load_model(config, "cpu").model, max_context=8193)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.decoding", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--model", default="tiny", choices=["tiny", "real"])
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--threads", type=int, help="torch's threads (as many as torch takes)")
    parser.add_argument("--rows", type=_numbers, default=[1, 4, 12, 32])
    parser.add_argument("--tokens", type=_numbers, default=[300, 800], help="in each row")
    parser.add_argument("--rounds", type=int, default=30)
    return parser.parse_args(argv)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


if __name__ == "__main__":
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own
    sys.exit(main())
