"""Requests of every kind, and how an engine is asked so that nobody waits for ever."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import Future

import pytest
from PIL import Image, ImageOps

from got_loaders.errors import OptionError
from got_loaders.types import Box, Engine, OcrRequest, OcrResult
from tests.engine.pictures import page

Expected = Callable[[OcrRequest], OcrResult]
"""What a request's answer is to be."""

WAIT = 60
"""Seconds after which an engine is taken to hang."""

MODES: dict[str, OcrRequest] = {
    "plain": OcrRequest(images=(page(0),), max_new_tokens=16),
    "format": OcrRequest(images=(page(0),), format=True, max_new_tokens=12),
    "box": OcrRequest(images=(page(1),), box=Box(10, 12.5, 480.2, 330), max_new_tokens=20),
    "small box": OcrRequest(
        images=(page(1),), format=True, box=Box(0.4, 0, 13, 699.9), max_new_tokens=9
    ),
    "color": OcrRequest(images=(page(1),), color="red", max_new_tokens=9),
    "other color": OcrRequest(images=(page(1),), color="blue", format=True, max_new_tokens=9),
    "crop_to_patches": OcrRequest(
        images=(page(2, 700, 500),),
        crop_to_patches=True,
        min_patches=2,
        max_patches=3,
        max_new_tokens=8,
    ),
    "multi_page": OcrRequest(images=(page(0), page(2)), multi_page=True, max_new_tokens=12),
    "stop_on_repetition": OcrRequest(images=(page(2),), stop_on_repetition=True, max_new_tokens=24),
}
"""A request in each mode, by the field that it is about."""

_INK = page(3, 300, 420)

PICTURES: dict[str, Image.Image] = {
    "gray": _INK.convert("L"),
    "black and white": _INK.convert("1"),
    "palette": _INK.convert("P"),
    "transparent": Image.merge("RGBA", (*_INK.split(), ImageOps.invert(_INK.convert("L")))),
    "gray and transparent": _INK.convert("LA"),
    "for print": _INK.convert("CMYK"),
    "16 bits": Image.new("I;16", (60, 40), 40_000),
    "one pixel": Image.new("RGB", (1, 1), "navy"),
    "a strip": page(4, 1500, 30, lines=1),
}
"""Pictures as files have them."""


def ask(engine: Engine, request: OcrRequest) -> OcrResult:
    """The answer; an error, whether ``submit`` or the Future has it, is raised."""
    return engine.submit(request).result(WAIT)


def submit(engine: Engine, request: OcrRequest) -> Future[OcrResult]:
    """A Future in any case: what ``submit`` raises is in it."""
    try:
        return engine.submit(request)
    except Exception as error:  # handed on
        failed: Future[OcrResult] = Future()
        failed.set_exception(error)
        return failed


def check(future: Future[OcrResult], right: OcrResult, mode: str = "") -> None:
    """The answer is right in all its fields; or the mode is refused, and by its name."""
    refused = future.exception(WAIT)
    if isinstance(refused, OptionError) and mode:
        assert mode.split()[-1] in str(refused)
        return
    found = future.result()
    names = ("text", "finish_reason", "token_ids", "num_tokens", "markup", "prompt_tokens")
    assert [getattr(found, name) for name in names] == [getattr(right, name) for name in names]
    assert found.confidence == pytest.approx(right.confidence, abs=1e-4)
    assert found.model == right.model


def broken_picture() -> Image.Image:
    """A picture whose file ends too early; that shows only when its pixels are wanted."""
    file = io.BytesIO()
    page(0).save(file, "PNG")
    return Image.open(io.BytesIO(file.getvalue()[:600]))
