"""Region Documents of generated scans: each block's own ink, and no other, at the block's place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from got_loaders import GotOcrLoader, OcrRequest
from got_loaders.testing import FakeEngine
from got_loaders.types import Box
from tests.layout.scans import KINDS, Scan, scan
from tests.layout.scoring import overlap
from tests.pages.making import image

INKS = {
    "red": (200, 0, 0),
    "green": (0, 130, 0),
    "blue": (0, 0, 220),
    "purple": (170, 0, 170),
    "teal": (0, 130, 130),
}
"""Blocks take them in turn, so that neighbours differ."""

Pixels = npt.NDArray[np.float32]


def painted(page: Scan) -> Image.Image:
    """The scan with each block's dark pixels in the block's ink; colours around it go."""
    picture = page.image.convert("L")
    grey = np.asarray(picture)
    paper = np.asarray(picture.reduce(48).resize(picture.size), dtype=np.float32)  # lit unevenly
    pixels = np.repeat(grey[:, :, None], 3, axis=2).copy()
    for number, block in enumerate(page.blocks):
        x0, y0, x1, y1 = (max(0, round(edge)) for edge in block.ink)
        part = pixels[y0:y1, x0:x1]
        part[(grey < paper - 40)[y0:y1, x0:x1]] = list(INKS.values())[number % len(INKS)]
    return Image.fromarray(pixels)


def inks_of(request: OcrRequest) -> str:
    """A reply: the inks that make more than 2 % of what is inked in a crop."""
    pixels = np.asarray(request.images[0], dtype=np.float32).reshape(-1, 3)
    colored = pixels[np.ptp(pixels, axis=1) > 90]
    away = 255 - colored
    inks = 255 - np.array(list(INKS.values()), dtype=np.float32)
    alike = (away / np.linalg.norm(away, axis=1)[:, None]) @ (
        inks / np.linalg.norm(inks, axis=1)[:, None]
    ).T
    counts = np.bincount(alike.argmax(1), minlength=len(INKS)) if len(colored) else np.zeros(1)
    shown = [name for name, count in zip(INKS, counts, strict=False) if count > 0.02 * len(colored)]
    return " ".join(shown)


def blocks_read(kind: str, seed: int) -> tuple[int, int]:
    """Of a page's blocks of three lines or more: how many, and how many have their Document."""
    page = scan(kind, seed)
    loader = GotOcrLoader(image(painted(page), "PNG"), engine=FakeEngine(inks_of), mode="region")
    found = [
        (Box(*(document.metadata[edge] for edge in Box._fields)), document.page_content)
        for document in loader.load()
    ]
    wanted = [
        (block.ink, list(INKS)[number % len(INKS)])
        for number, block in enumerate(page.blocks)
        if block.lines >= 3
    ]
    right = [
        any(overlap(box, at) >= 0.8 and text == ink for at, text in found) for box, ink in wanted
    ]
    return len(wanted), sum(right)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(k, marks=pytest.mark.slow if k in ("one", "two", "three") else ())
        for k in KINDS
    ],
)
def test_a_document_holds_its_block_alone(kind: str) -> None:
    """On skewed, dirty scans; at the least nine of ten blocks of three lines or more."""
    counts = [blocks_read(kind, seed) for seed in range(60, 62)]
    total, right = (sum(column) for column in zip(*counts, strict=True))
    assert right >= 0.9 * total, f"{right} of {total}"
