"""With the real weights, the published examples read as published. Marked ``weights``.

The pictures are those of the dataset ``hf-internal-testing/fixtures_got_ocr``: taken from the
folder that ``GOT_OCR_FIXTURES`` names, else from the hub.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from got_loaders import EngineConfig, GotOcrLoader, LocalEngine, OcrRequest

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
