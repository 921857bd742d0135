"""Real, awkward pages, rendered as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from got_loaders.layout import MAX_REGIONS
from got_loaders.layout.scan.analyzer import find_regions
from tests.layout.typeset import pymupdf
from tests.pages.making import CORPUS

FILES = sorted(p for p in CORPUS.glob("*") if p.suffix != ".md") if CORPUS.is_dir() else []
needs_corpus = pytest.mark.skipif(
    not FILES, reason="the corpus of awkward documents is not beside the repository"
)


def pages(path: Path, dpi: int = 150) -> Iterator[Image.Image]:
    """The pages of a document as pictures, the first four of them."""
    if path.suffix not in (".pdf",):
        with Image.open(path) as image:
            for number in range(min(4, getattr(image, "n_frames", 1))):
                image.seek(number)
                yield image.convert("RGB")
        return
    with pymupdf.open(path) as document:
        if document.needs_pass:
            document.authenticate("openpassword")
        for number in range(min(4, len(document))):
            pixels = document[number].get_pixmap(dpi=dpi, alpha=False)
            yield Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


@needs_corpus
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_page_has_regions_within_bounds(path: Path) -> None:
    """Nothing raises; regions lie on the page, and there are not too many."""
    for image in pages(path):
        regions = find_regions(image)
        assert len(regions) <= MAX_REGIONS
        for region in regions:
            assert region.box.clipped(*image.size) == region.box
