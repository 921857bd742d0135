"""Values as compressed JSON, and results as such bytes; both ways."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

from got_loaders.types import OcrResult

__all__ = ["decode", "decode_result", "encode", "encode_result"]

T = TypeVar("T")


def encode(value: object) -> bytes:
    """A value that JSON has, as bytes."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))


def decode(payload: bytes, build: Callable[[Any], T]) -> T | None:
    """What ``build`` makes of the value; None where the bytes are damaged or not such a value's."""
    try:
        return build(json.loads(zlib.decompress(payload)))
    except (zlib.error, ValueError, TypeError, KeyError):
        return None


def encode_result(result: OcrResult, model: str) -> bytes:
    """All of a result of ``model``, whose name is kept beside these bytes.

    A result that names another model says so; others are written as they were before results named
    any, so that caches go back and forth between versions.
    """
    value = {
        "text": result.text,
        "finish_reason": result.finish_reason,
        "token_ids": result.token_ids,
        "confidence": result.confidence,
        "num_tokens": result.num_tokens,
    }
    return encode(value if result.model in ("", model) else value | {"model": result.model})


def decode_result(payload: bytes, model: str) -> OcrResult | None:
    """The result of ``model``, marked as ``cached``; None where these bytes are damaged."""
    return decode(
        payload,
        lambda value: OcrResult(
            **{"model": model, **value, "token_ids": tuple(value["token_ids"]), "cached": True}
        ),
    )
