"""The embedded model's training, from nothing, for as long as there is time; then how it reads.

Pages are drawn by PyMuPDF where that is installed and by Pillow where it is not: then the model
learns Pillow's one typeface, which shows that training works here, and is no checkpoint to keep.
"""

from __future__ import annotations

import math
import random
import zipfile
from pathlib import Path

from benchmarks._edits import edit_distance
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.results import Results, Skipped
from benchmarks.gpu_day.settings import Settings
from examples.train_tiny.__main__ import main as train
from examples.train_tiny.layouts import Generator
from examples.train_tiny.pages import drawn_by
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.types import OcrRequest

READ_BACK = 32
"""Pages that the trained model reads."""
LEAST, ENDING = 1.0, 12.0
"""Seconds below which no training is begun, and those that saving and reading back take."""


def run(settings: Settings, results: Results, deadline: Deadline) -> None:
    """The recipe of `examples/train_tiny`, its numbers of batches scaled to the size of ours."""
    minutes = min(deadline.left - ENDING, settings.training or math.inf) / 60
    if minutes * 60 < LEAST:
        raise Skipped(f"no time: {deadline.left:.0f} s are left")
    lines: list[dict[str, float | str]] = []
    results.add(drawn_by=drawn_by(), batch=settings.batch, lines=lines)

    def say(**values: float | str) -> None:
        lines.append(values)
        results.add(lines=lines)

    folder = settings.checkpoint.parent / "training"
    scale = 8 / settings.batch
    options: dict[str, object] = {
        "--out": folder,
        "--device": settings.device,
        "--glyph-minutes": minutes * 0.08,
        "--minutes": minutes * 0.92,
        "--ramp": round(1500 * scale),
        "--all-modes-at": round(2000 * scale),
        "--batch-size": settings.batch,
        "--workers": settings.workers,
        "--log-every": 50 if settings.on_gpu else 1,
        "--save-every": 60,
    }
    arguments = [str(word) for option in options.items() for word in option]
    train([*arguments, "--anneal-to-zero"], say=say)
    checkpoint = folder / "checkpoint"
    pack(checkpoint, settings.out / "tiny.zip")
    results.add(kept="tiny.zip")
    results.add(**_read_back(checkpoint, settings))


def pack(folder: Path, target: Path) -> None:
    """A folder's files as one."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)


def _read_back(checkpoint: Path, settings: Settings) -> dict[str, object]:
    """Characters that are wrong, as a share, on plain pages of words that training never showed."""
    pages = Generator(random.Random("gpu day"), held_out=True)
    layouts = [pages.plain() for _ in range(READ_BACK if settings.on_gpu else 2)]
    config = EngineConfig(model=str(checkpoint), device=settings.device)
    with LocalEngine(config) as engine:
        futures = [
            engine.submit(OcrRequest(images=(layout.page.render(1.72),), max_new_tokens=400))
            for layout in layouts
        ]
        texts = [future.result().text for future in futures]
    edits = [edit_distance(layout.text, text) for layout, text in zip(layouts, texts, strict=True)]
    characters = sum(len(layout.text) for layout in layouts)
    return {
        "pages_read": len(layouts),
        "character_error_rate": sum(edits) / characters,
        "exact_pages": edits.count(0),
    }
