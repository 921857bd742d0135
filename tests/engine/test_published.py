"""With the real weights, the published examples read as published. Marked ``weights``.

The pictures are those of the dataset ``hf-internal-testing/fixtures_got_ocr``: taken from the
folder that ``GOT_OCR_FIXTURES`` names, else from the hub.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks._edits import edit_distance
from got_loaders import EngineConfig, GotOcrLoader, LocalEngine, OcrRequest
from tests.pages.making import pymupdf

pytestmark = pytest.mark.weights

EXAMPLES: dict[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    "plain": (
        ("image_ocr.jpg",),
        {},
        "R&D QUALITY IMPROVEMENT\nSUGGESTION/SOLUTION FORM\nName/Phone Ext. : (",
    ),
    "formatted": (
        ("latex.png",),
        {"format": True},
        (
            "\\author{\nHanwen Jiang* \\(\\quad\\) Arjun Karpur \\({ }^{\\dagger} \\quad\\) "
            "Bingyi Cao \\({ }^{\\dagger} \\quad\\) "
        ),
    ),
    "several pages": (
        ("page1.png", "page2.png"),
        {"multi_page": True, "format": True},
        (
            "\\title{\nGeneral OCR Theory: Towards OCR-2.0 via a Unified End-to-end Model\n}\n"
            "\\author{\nHaoran Wei"
        ),
    ),
    "crops": (
        ("one_column.png",),
        {"format": True, "crop_to_patches": True, "max_patches": 3},
        (
            "on developing architectural improvements to make learnable matching methods "
            "generalize.\n"
            "Motivated by the above observations, "
        ),
    ),
    "colour": (
        ("multi_box.png",),
        {"color": "green"},
        (
            "You should keep in mind what features from the module should be used, especially \n"
            "when you"
        ),
    ),
    "sheet music": (("sheet_music.png",), {"format": True}, "**kern"),
}


def picture(name: str) -> Path:
    """The path of a published example's picture."""
    folder = os.environ.get("GOT_OCR_FIXTURES")
    if folder:
        return Path(folder) / name
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download("hf-internal-testing/fixtures_got_ocr", name, repo_type="dataset"))


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(EngineConfig()) as engine:
        yield engine


@pytest.mark.parametrize("name", EXAMPLES)
def test_requests_read_as_published(name: str, engine: LocalEngine) -> None:
    """Each mode of the model reads its published example as the port's documentation shows."""
    files, options, beginning = EXAMPLES[name]
    images = []
    for file in files:
        with Image.open(picture(file)) as image:
            images.append(image.convert("RGB"))
    future = engine.submit(OcrRequest(images=tuple(images), **options))
    assert future.result(timeout=600).text.startswith(beginning)


@pytest.mark.parametrize("name", ["plain", "formatted", "crops", "colour"])
def test_the_loader_reads_as_published(name: str, engine: LocalEngine) -> None:
    """The loader gives the same text for the file."""
    (file,), options, beginning = EXAMPLES[name]
    settings = {"format": False, "crop_to_patches": False, **options}
    loader = GotOcrLoader(picture(file), engine=engine, output="raw", **settings)
    (document,) = loader.load()
    assert document.page_content.startswith(beginning)


def test_a_batch_with_a_limit_of_four_tokens(engine: LocalEngine) -> None:
    """Two pages at once read as published."""
    futures = []
    for file in ("multi_box.png", "image_ocr.jpg"):
        with Image.open(picture(file)) as image:
            request = OcrRequest(images=(image.convert("RGB"),), max_new_tokens=4)
            futures.append(engine.submit(request))
    assert [future.result(timeout=600).text for future in futures] == [
        "Reducing the number",
        "R&D QUALITY",
    ]


WORDS = """
the of and to in a is that for it as was with be by on not he his but at are this have from bridge
river harvest market letter window garden copper winter morning council teacher railway quarter
minister history account measure library journey evening chapter physics weather
"""


def drawn_page(seed: int) -> tuple[Image.Image, str]:
    """A page of ordinary words in small type, scanned at 150 dpi, and its text."""
    rng = random.Random(seed)
    lines = [" ".join(rng.choices(WORDS.split(), k=11)) for _ in range(36)]
    with pymupdf.open() as document:
        sheet = document.new_page(width=595, height=842)
        for number, line in enumerate(lines):
            sheet.insert_text((60, 80 + 18 * number), line, fontsize=11)
        pixels = sheet.get_pixmap(dpi=150)
        image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    return image, " ".join(lines)


def test_the_default_prompts_read_no_worse_than_the_originals(
    engine: LocalEngine, record_property: Callable[[str, object], None]
) -> None:
    """Of 50 pages, no more characters are wrong with the processor's prompts than with those that
    the model was trained on; both rates are in the report."""
    pages = [drawn_page(seed) for seed in range(50)]

    def error_rate(of: LocalEngine) -> float:
        futures = [of.submit(OcrRequest(images=(image,))) for image, _ in pages]
        edits = sum(
            edit_distance(text, " ".join(future.result(3600).text.split()))
            for future, (_, text) in zip(futures, pages, strict=True)
        )
        return edits / sum(len(text) for _, text in pages)

    ours = error_rate(engine)
    with LocalEngine(EngineConfig(prompt_style="original")) as other:
        originals = error_rate(other)
    record_property("character error rate, hf", ours)
    record_property("character error rate, original", originals)
    assert ours < 0.05
    assert ours < originals + 0.005
