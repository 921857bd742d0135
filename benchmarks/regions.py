"""What regions are worth: `python -m benchmarks.regions [--pages 20] [--model tiny]`.

Generated scans in one and two columns, at times with a heading across them, askew by up to 2°, are
read in one process run as a whole, as a whole in tiles, and region by region, shown as crops and as
boxes. Printed are the error rate over all characters in reading order (case and punctuation count,
line ends count as blanks) and pages a second. The type is large, 18 to 34 points, which is what the
embedded model has learnt to read.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image

from benchmarks._edits import edit_distance
from got_loaders import EngineConfig, GotOcrLoader, LocalEngine

A4 = (595, 842)
MARGIN, GUTTER = 45, 36
WORDS = (Path(__file__).parents[1] / "examples" / "train_tiny" / "words.txt").read_text().split()
WAYS: dict[str, dict[str, Any]] = {
    "whole page": {},
    "whole page in tiles": {"crop_to_patches": True},
    "regions as crops": {"regions": "auto"},
    "regions as boxes": {"regions": "auto", "region_prompt": "box"},
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A scan, as a PNG, and the text of its blocks in reading order."""

    data: bytes
    blocks: list[str]
    columns: int


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    options = _options(argv)
    rng = random.Random(options.seed)
    sheets = [draw(rng, columns=1 + number % 2) for number in range(options.pages)]
    print(f"{len(sheets)} pages of one and two columns, seed {options.seed}; {options.model}\n")
    print("| way | error rate | one column | two columns | pages/s |\n|---|---|---|---|---|")
    with LocalEngine(EngineConfig(model=options.model, device=options.device)) as engine:
        for name, way in WAYS.items():
            start = time.perf_counter()
            texts = _read(sheets, engine, way)
            seconds = time.perf_counter() - start
            rates = [_rate(sheets, texts, columns) for columns in ((1, 2), (1,), (2,))]
            shown = " | ".join(f"{rate:.1%}" for rate in rates)
            print(f"| {name} | {shown} | {len(sheets) / seconds:.2f} |", flush=True)
    return 0


def draw(rng: random.Random, *, columns: int) -> Sheet:
    """A page of blocks of one to four lines, scanned."""
    with pymupdf.open() as pdf:  # type: ignore[no-untyped-call]  # it has no types
        page = pdf.new_page(width=A4[0], height=A4[1])
        name = rng.choice(["helv", "tiro", "hebo"])
        blocks: list[str] = []
        top = 60.0
        if rng.random() < 0.5:
            blocks.append(_line(page, MARGIN, top, A4[0] - 2 * MARGIN, 30, name, rng))
            top += 75
        size = rng.choice([18, 22, 26] if columns == 2 else [22, 28, 34])
        width = (A4[0] - 2 * MARGIN - (columns - 1) * GUTTER) / columns
        for column in range(columns):
            left = MARGIN + column * (width + GUTTER)
            blocks += _column(page, left, top + rng.uniform(0, 20), width, size, name, rng)
        pixmap = page.get_pixmap(dpi=150)
    picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    angle = rng.uniform(-2, 2)
    picture = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor="white")
    data = io.BytesIO()
    picture.save(data, "PNG")
    return Sheet(data.getvalue(), blocks, columns)


def _column(
    page: Any, left: float, top: float, width: float, size: int, name: str, rng: random.Random
) -> list[str]:
    blocks = []
    while top + 4 * size * 1.3 < A4[1] - MARGIN:
        lines = rng.randint(1, 4)
        ys = [top + number * size * 1.3 for number in range(lines)]
        blocks.append(" ".join(_line(page, left, y, width, size, name, rng) for y in ys))
        top = ys[-1] + size * 2.8
    return blocks


def _line(
    page: Any, left: float, top: float, width: float, size: int, name: str, rng: random.Random
) -> str:
    font = pymupdf.Font(name)  # type: ignore[no-untyped-call]  # as above
    text = rng.choice(WORDS)
    while True:
        longer = f"{text} {rng.choice(WORDS)}"
        if font.text_length(longer, size) > width:  # type: ignore[no-untyped-call]  # as above
            break
        text = longer
    page.insert_text((left, top + size), text, fontname=name, fontsize=size)
    return text


def _read(sheets: list[Sheet], engine: LocalEngine, way: dict[str, Any]) -> list[str]:
    pages = [sheet.data for sheet in sheets]
    loader = GotOcrLoader(pages, engine=engine, output="text", max_new_tokens=600, **way)
    return [" ".join(document.page_content.split()) for document in loader.lazy_load()]


def _rate(sheets: list[Sheet], texts: list[str], columns: tuple[int, ...]) -> float:
    edits = length = 0
    for sheet, text in zip(sheets, texts, strict=True):
        if sheet.columns in columns:
            truth = " ".join(sheet.blocks)
            edits += edit_distance(text, truth)
            length += len(truth)
    return edits / max(1, length)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regions", description=__doc__)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--seed", type=int, default=4001)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--device", default="auto")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
