"""The language of this library's own server: OpenAI's chat completions with an engine's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from got_loaders.engine.remote.dialect import Answer, Failure
from got_loaders.engine.remote.failures import explain_answer
from got_loaders.engine.remote.json_answer import (
    MAX_COUNT,
    is_token_ids,
    is_unicode,
    load_answer,
    to_mapping,
)
from got_loaders.errors import printable, shown
from got_loaders.types import OcrRequest, OcrResult
from got_loaders.types.engines import EngineInfo
from got_loaders.types.requests import FinishReason, MarkupLanguage

__all__ = ["OwnDialect"]

_MAX_IMAGE_SIZE = 8192
"""Pixels along the side of what a model sees: no page is blown up to more on a server's word."""

_MAX_NAME = 500
"""Characters of a model's name, or its fingerprint, which stand in each page's metadata."""

_MAX_CONFIDENCE = 1 + 1e-6
"""A mean of probabilities is 1 at most, but for rounding."""

_RESAMPLES = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")


class OwnDialect:
    """A :class:`~got_loaders.engine.remote.dialect.Dialect` for ``got-loaders serve``.

    A result that comes through it equals the engine's own in every field.
    """

    server_kind = "server of this library"
    advice = "; one made by others is asked by RemoteEngine(…), with its arguments for them"
    described_by = frozenset([200])
    describe_path = "/v1/capabilities"
    read_path = "/v1/chat/completions"

    def describe(self, answer: Answer) -> EngineInfo:
        """What ``/v1/capabilities`` says."""
        value = to_mapping(load_answer(answer))
        resample = value.get("resample") or "bicubic"
        if resample not in _RESAMPLES:
            raise ValueError(f"resample={resample!r} is no filter")
        return EngineInfo(
            model=_name(value, "model"),
            fingerprint=_name(value, "fingerprint"),
            max_batch_size=_count(value, "max_batch_size", least=1),
            max_context=_count(value, "max_context", least=1),
            image_size=_count(value, "image_size", least=1, most=_MAX_IMAGE_SIZE),
            resample=resample,
            unsupported=_unsupported(value),
        )

    def encode(self, request: OcrRequest, info: EngineInfo) -> bytes:
        """The body, with the pictures as PNG of the size that the model sees."""
        from got_loaders.engine.remote.encode import encode_request  # which loads Pillow

        return encode_request(request, info)

    def revise(self, body: bytes, answer: Answer) -> bytes | None:
        """Nothing: the server knows all that is sent, or says why not."""
        del body, answer
        return None

    def decode(self, answer: Answer, info: EngineInfo) -> OcrResult:
        """The engine's own result."""
        del info  # the answer says it all
        value = to_mapping(load_answer(answer))
        choice = to_mapping(value["choices"][0])
        message, ocr = to_mapping(choice["message"]), to_mapping(value["ocr"])
        usage = to_mapping(value.get("usage") or {})
        details = to_mapping(usage.get("completion_tokens_details") or {})
        return OcrResult(
            text=_text(message, "content"),
            finish_reason=_one_of(ocr, "finish_reason", FinishReason),
            token_ids=_token_ids(choice.get("token_ids")),
            confidence=None if ocr["confidence"] is None else _probability(ocr, "confidence"),
            num_tokens=_count(ocr, "num_tokens") or 0,
            markup=_one_of(ocr, "markup", MarkupLanguage),
            prompt_tokens=_count(usage, "prompt_tokens") or 0,
            accepted_tokens=_count(details, "accepted_prediction_tokens") or 0,
            rejected_tokens=_count(details, "rejected_prediction_tokens") or 0,
            model=_text(value, "system_fingerprint"),
            cached=ocr.get("cached") is True,
        )

    def finish(self, result: OcrResult, *, stop_on_repetition: bool) -> OcrResult:
        """The result as it is: the server was asked for all of it."""
        del stop_on_repetition
        return result

    def explain(self, answer: Answer, server: str) -> Failure:
        """By the ``code`` of the error, else by the status."""
        return explain_answer(answer, server)


def _unsupported(value: Mapping[str, Any]) -> frozenset[str]:
    """What the server says that its model can't do; and drafts, where it is of an older release,
    which refuses the field."""
    known = value.get("fields") or ()
    return frozenset(map(str, value.get("unsupported") or ())) | {"draft"} - set(map(str, known))


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value[name]
    if not isinstance(text, str):
        raise TypeError(f"{name} is no text")
    if not is_unicode(text):
        raise ValueError(f"{name} holds half a character")
    return text


def _name(value: Mapping[str, Any], name: str) -> str:
    text = _text(value, name)
    if not 0 < len(text) <= _MAX_NAME or printable(text) != text:
        raise ValueError(f"{name} is no name: {shown(text)}")
    return text


def _count(
    value: Mapping[str, Any], name: str, *, least: int = 0, most: int = MAX_COUNT
) -> int | None:
    number = value.get(name)
    if number is not None and (type(number) is not int or not least <= number <= most):
        raise ValueError(f"{name} is no whole number from {least} to {most:,}")
    return number


def _probability(value: Mapping[str, Any], name: str) -> float:
    number = value[name]
    if type(number) not in (int, float) or not 0 <= number <= _MAX_CONFIDENCE:
        raise ValueError(f"{name} is no number from 0 to 1")
    return float(number)


def _one_of(value: Mapping[str, Any], name: str, choices: Any) -> Any:
    if value[name] not in get_args(choices):
        raise ValueError(f"{name} is none of {', '.join(get_args(choices))}")
    return value[name]


def _token_ids(value: object) -> tuple[int, ...]:
    if not is_token_ids(value):
        raise ValueError("token_ids are no tokens' numbers")
    return tuple(value)  # type: ignore[arg-type]  # a list
