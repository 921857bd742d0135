"""Prompts are the ones that the model was trained on, to the character."""

from __future__ import annotations

import pytest

from got_loaders.engine.config import PromptStyle
from got_loaders.engine.processor.preprocess import Preprocessor
from got_loaders.engine.processor.prompt import normalized_box, prompt_text
from got_loaders.types import Box, OcrRequest
from tests.engine.pictures import page
from tests.engine.reference import Reference
from tests.engine.requests import parity_requests

PAGE = page(1, 200, 100)


def query(request: OcrRequest, style: PromptStyle) -> str:
    text = prompt_text(request, image_tokens=1, style=style)
    return text.partition("</img>\n")[2].removesuffix("<|im_end|><|im_start|>assistant\n")


@pytest.mark.parametrize(
    ("options", "hf", "original"),
    [
        ({}, " OCR: ", "OCR: "),
        ({"format": True}, " OCR with format: ", "OCR with format: "),
        ({"color": "red"}, "[red]  OCR: ", "[red] OCR: "),
        (
            {"color": "blue", "format": True},
            "[blue]  OCR with format: ",
            "[blue] OCR with format: ",
        ),
        (
            {"box": Box(20, 10, 100, 50)},
            "[100, 100, 500, 500] OCR: ",
            "[100, 100, 500, 500] OCR: ",
        ),
        (
            {"crop_to_patches": True, "format": True},
            " OCR with format upon the patch reference: ",
            "OCR with format upon the patch reference: ",
        ),
        (
            {"multi_page": True, "format": True},
            " OCR with format across multi pages: ",
            "OCR with format across multi pages: ",
        ),
    ],
)
def test_queries(options: dict[str, object], hf: str, original: str) -> None:
    """Each style asks in its own words, spaces included."""
    request = OcrRequest(images=(PAGE,), **options)  # type: ignore[arg-type]  # a table of options
    assert query(request, "hf") == hf
    assert query(request, "original") == original


def test_boxes_are_cut_to_the_image_and_leave_the_request_alone() -> None:
    """A box in pixels becomes thousandths of the image, as often as it is asked for."""
    request = OcrRequest(images=(PAGE,), box=Box(-5, 33.5, 100, 400))
    assert normalized_box(request) == (0, 335, 500, 1000)
    assert normalized_box(request) == (0, 335, 500, 1000)
    assert request.box == Box(-5, 33.5, 100, 400)


def test_token_ids_equal_the_processors(reference: Reference) -> None:
    """In every mode the prompt's ids are those of GotOcr2Processor."""
    preprocessor = Preprocessor(
        reference.processor.tokenizer,
        image_size=reference.processor.image_processor.size["height"],
        tokens_per_tile=reference.tokens_per_tile,
        prompt_style="hf",
    )
    for request in parity_requests()[::3]:
        theirs = reference.inputs(request)["input_ids"][0].tolist()
        assert list(preprocessor.prepare(request).prompt_ids) == theirs
