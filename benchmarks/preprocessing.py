"""What a page costs before the model sees it: beside a bare resize, and transformers' processor.

    python -m benchmarks.preprocessing [--rounds 15]

Prints CPU milliseconds for an A4 page at 200 dpi, one with colours and one without (median over the
rounds, the ways taking turns), and each way's ratio to the bare resize of a page in RGB. Ours is
all that a request costs in its caller's thread: the resize, the tile's digest, the prompt and its
tokens. transformers' normalises the pixels too, which we leave to the device.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL
import transformers
from PIL import Image
from transformers import AutoTokenizer
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.got_ocr2.processing_got_ocr2 import GotOcr2Processor

from got_loaders.engine.model.checkpoint import TINY
from got_loaders.engine.processor.preprocess import Preprocessor
from got_loaders.types import OcrRequest

PAGE = (1654, 2339)
"""A4 at 200 dpi."""

SIZE = 1024
"""The side of a tile, as the published model has it."""


def main() -> None:
    rounds = _rounds()
    print(f"Pillow {PIL.__version__}, transformers {transformers.__version__}, {rounds} rounds,")
    print(f"a page of {PAGE[0]} x {PAGE[1]} pixels to {SIZE} x {SIZE}")
    pixels = np.random.default_rng(0).integers(0, 256, (PAGE[1], PAGE[0], 3), dtype=np.uint8)
    page = Image.fromarray(pixels)
    _report("with colours", _ways(page), rounds)
    _report("without colours", _ways(page.convert("L").convert("RGB")), rounds)


def _report(kind: str, ways: dict[str, Callable[[], Any]], rounds: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for timed in (False, *(True for _ in range(rounds))):
        for name, way in ways.items():
            start = time.process_time()
            way()
            if timed:
                seconds[name].append(time.process_time() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"\n{kind}:")
    for name, median in medians.items():
        print(f"{name:>12}: {1e3 * median:6.1f} ms, {median / medians['resize']:5.2f} x the resize")


def _ways(page: Image.Image) -> dict[str, Callable[[], Any]]:
    tokenizer: Any = AutoTokenizer.from_pretrained(TINY)
    images: Any = GotOcr2ImageProcessorPil(size={"height": SIZE, "width": SIZE})
    processor: Any = GotOcr2Processor
    reference = processor(images, tokenizer)
    ours = Preprocessor(tokenizer, image_size=SIZE, tokens_per_tile=256, prompt_style="hf")
    request = OcrRequest(images=(page,))
    return {
        "resize": lambda: page.resize((SIZE, SIZE), Image.Resampling.BICUBIC),
        "ours": lambda: ours.prepare(request),
        "transformers": lambda: reference(page, return_tensors="pt"),
    }


def _rounds() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    return int(parser.parse_args().rounds)


if __name__ == "__main__":
    main()
