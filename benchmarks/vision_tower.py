"""The vision tower at real size, with random weights: ours beside transformers', in one run.

    python -m benchmarks.vision_tower [--rounds 3] [--dtype float32]

Prints CPU seconds a tile (median over the rounds, the two taking turns), the peak of memory that
each adds, the ratios, and how far the outputs are apart. Ours runs first: the peak that a process
has had can only grow, so what transformers adds to it is a lower bound.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
import transformers
from torch import Tensor
from transformers import GotOcr2VisionConfig
from transformers.models.got_ocr2.modeling_got_ocr2 import GotOcr2VisionEncoder

from got_loaders.engine.attention import VisionLayer

SIDE = 64
"""Patches along a side of a full-size tile: 1024 / 16."""


def main() -> None:
    options = _options()
    dtype = getattr(torch, options.dtype)
    torch.manual_seed(0)
    tower = _tower(dtype)
    hidden = torch.randn(1, SIDE, SIDE, 768, dtype=dtype)
    layers: dict[str, list[Callable[[Tensor], Any]]] = {
        "ours": [VisionLayer(layer, SIDE) for layer in tower.layers],
        "transformers": list(tower.layers),
    }
    with torch.inference_mode():
        _report(layers, hidden, options)


def _report(
    layers: dict[str, list[Callable[[Tensor], Any]]], hidden: Tensor, options: argparse.Namespace
) -> None:
    outputs: dict[str, Tensor] = {}
    memory: dict[str, float] = {}
    base = _peak_mb()
    for name in layers:
        outputs[name] = _run(layers[name], hidden)
        memory[name] = _peak_mb() - base
    seconds: dict[str, list[float]] = {name: [] for name in layers}
    for _ in range(options.rounds):
        for name in layers:
            start = time.process_time()
            _run(layers[name], hidden)
            seconds[name].append(time.process_time() - start)
    times = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, {options.dtype},")
    print(f"{torch.get_num_threads()} threads, {options.rounds} rounds, one tile of 1024 pixels")
    for name in layers:
        print(f"{name:>12}: {times[name]:6.2f} CPU s a tile, {memory[name]:6.0f} MB at the peak")
    print(f"       ratio: {times['transformers'] / times['ours']:6.2f} x the speed, ", end="")
    print(f"{memory['ours'] / memory['transformers']:.0%} of the memory")
    difference = (outputs["ours"] - outputs["transformers"]).float().norm()
    print(f"relative difference: {difference / outputs['transformers'].float().norm():.1e}")


def _tower(dtype: torch.dtype) -> Any:
    tower: Any = GotOcr2VisionEncoder(GotOcr2VisionConfig(initializer_range=0.02))
    with torch.no_grad():
        for layer in tower.layers:
            torch.nn.init.normal_(layer.attn.rel_pos_h, std=0.3)
            torch.nn.init.normal_(layer.attn.rel_pos_w, std=0.3)
    return tower.to(dtype).eval()


def _run(layers: list[Callable[[Tensor], Any]], hidden: Tensor) -> Tensor:
    for layer in layers:
        hidden = layer(hidden)
    return hidden


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
