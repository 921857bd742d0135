"""The vision tower at real size, with random weights: ours beside transformers', in one run.

    python -m benchmarks.vision_tower [--rounds 3] [--dtype float32]

Prints CPU seconds a tile (median over the rounds, the two taking turns), the peak of memory that
each adds, the ratios, and how far the outputs are apart. From normalised pixels to what stands in
the prompt, so the projector is in it. Each runs in a thread of its own, as the engine does. Ours
runs first: the peak that a process has had can only grow, so what transformers adds to it is a
lower bound.
"""

from __future__ import annotations

import argparse
import copy
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import torch
import transformers
from torch import Tensor
from transformers import GotOcr2Config
from transformers.models.got_ocr2.modeling_got_ocr2 import (
    GotOcr2MultiModalProjector,
    GotOcr2VisionEncoder,
)

from got_loaders.engine.model.vision_tower import VisionTower

Encode = Callable[[Tensor], Tensor]
"""Normalised pixels (tiles, size, size, 3) → embeddings (tiles, tokens, width)."""

Encoders = dict[str, Encode]


def main() -> None:
    options = _options()
    dtype = getattr(torch, options.dtype)
    torch.manual_seed(0)
    model = _model(dtype)
    theirs = copy.deepcopy(model).model
    pixels = torch.randn(1, 1024, 1024, 3, dtype=dtype)

    def reference(pixels: Tensor) -> Tensor:
        hidden = theirs.vision_tower(pixels.permute(0, 3, 1, 2)).last_hidden_state
        embeddings: Tensor = theirs.multi_modal_projector(hidden)
        return embeddings

    with ExitStack() as stack:
        encoders: Encoders = {
            "ours": _in_own_thread(VisionTower(model), stack),
            "transformers": _in_own_thread(reference, stack),
        }
        _report(encoders, pixels, options)


def _in_own_thread(encode: Encode, stack: ExitStack) -> Encode:
    thread = stack.enter_context(ThreadPoolExecutor(1))
    return lambda pixels: thread.submit(torch.inference_mode()(encode), pixels).result()


def _report(encoders: Encoders, pixels: Tensor, options: argparse.Namespace) -> None:
    outputs: dict[str, Tensor] = {}
    memory: dict[str, float] = {}
    base = _peak_mb()
    for name, encode in encoders.items():
        outputs[name] = encode(pixels)
        memory[name] = _peak_mb() - base
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(options.rounds):
        for name, encode in encoders.items():
            start = time.process_time()
            encode(pixels)
            seconds[name].append(time.process_time() - start)
    times = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, {options.dtype},")
    print(f"{torch.get_num_threads()} threads, {options.rounds} rounds, one tile of 1024 pixels")
    for name in encoders:
        print(f"{name:>12}: {times[name]:6.2f} CPU s a tile, {memory[name]:6.0f} MB at the peak")
    print(f"       ratio: {times['transformers'] / times['ours']:6.2f} x the speed, ", end="")
    print(f"{memory['ours'] / memory['transformers']:.0%} of the memory")
    difference = (outputs["ours"] - outputs["transformers"]).float().norm()
    print(f"relative difference: {difference / outputs['transformers'].float().norm():.1e}")


def _model(dtype: torch.dtype) -> Any:
    """The vision part of a model, where a whole one has it."""
    config: Any = GotOcr2Config()
    config.vision_config.initializer_range = 0.02
    tower: Any = GotOcr2VisionEncoder(config.vision_config)
    projector: Any = GotOcr2MultiModalProjector(config)
    with torch.no_grad():
        torch.nn.init.normal_(tower.pos_embed, std=0.5)
        for layer in tower.layers:
            torch.nn.init.normal_(layer.attn.rel_pos_h, std=0.3)
            torch.nn.init.normal_(layer.attn.rel_pos_w, std=0.3)
    parts = {"vision_tower": tower, "multi_modal_projector": projector}
    for part in parts.values():
        part.to(dtype).eval()
    return SimpleNamespace(model=SimpleNamespace(**parts))


def _peak_mb() -> float:
    """The most memory that this process has held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
