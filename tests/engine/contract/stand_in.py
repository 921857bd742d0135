"""An engine without a model, whose answers say what it was asked: a mix-up would show."""

from __future__ import annotations

from got_loaders._image_ops import flatten
from got_loaders.errors import EngineError, RequestTooLongError
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult

__all__ = ["LOOPING_SIZE", "stand_in"]

MAX_CONTEXT = 8192
LOOPING_SIZE = (77, 55)
"""On a picture of this size it writes the same for ever."""

_PROMPT = 100
"""Tokens of a question with one picture."""


def stand_in() -> FakeEngine:
    """A new one. It refuses what is too long, and what is no picture, as a model's engine does."""
    return FakeEngine(_answer, fingerprint="stand-in@1/float32", max_batch_size=8)


def _answer(request: OcrRequest) -> OcrResult:
    prompt = _PROMPT * len(request.images)
    if prompt + request.max_new_tokens > MAX_CONTEXT:
        raise RequestTooLongError(f"max_new_tokens={request.max_new_tokens} are too many")
    try:
        pictures = [_describe(request, number) for number in range(len(request.images))]
    except OSError as error:
        raise EngineError(f"the images can't be prepared: {error}") from error
    words = [f"{name}={getattr(request, name)}" for name in ("format", "color", "multi_page")]
    words += pictures
    if request.box is not None:
        words.append("box=" + ",".join(f"{side:g}" for side in request.box))
    if request.crop_to_patches:
        words.append(f"patches={request.min_patches}-{request.max_patches}")
    looping = request.images[0].size == LOOPING_SIZE
    words += ["again"] * request.max_new_tokens if looping else ["end"]
    return _result(words, request, prompt, looping)


def _describe(request: OcrRequest, number: int) -> str:
    image = flatten(request.images[number]).convert("RGB")
    corner = image.getpixel((0, 0))
    assert isinstance(corner, tuple)
    middle = image.resize((1, 1)).tobytes().hex()
    return f"{image.width}x{image.height}:{'.'.join(map(str, corner))}:{middle}"


def _result(words: list[str], request: OcrRequest, prompt: int, looping: bool) -> OcrResult:
    loops = looping and request.stop_on_repetition
    if loops:
        words = words[: words.index("again") + 1]
    cut = not loops and len(words) > request.max_new_tokens
    words = words[: request.max_new_tokens]
    return OcrResult(
        text=" ".join(words),
        finish_reason="repetition" if loops else "length" if cut else "stop",
        token_ids=tuple(1000 + len(word) for word in words),
        confidence=1 / 3,
        num_tokens=len(words),
        prompt_tokens=prompt,
    )
