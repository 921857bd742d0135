"""An answer as bytes, and back."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

from got_loaders.types import OcrResult

__all__ = ["decode_result", "encode_result"]


def encode_result(result: OcrResult) -> bytes:
    """All of the answer: what comes back is equal to it."""
    value = {
        "text": result.text,
        "finish_reason": result.finish_reason,
        "token_ids": result.token_ids,
        "confidence": result.confidence,
        "num_tokens": result.num_tokens,
    }
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))


def decode_result(payload: bytes) -> OcrResult | None:
    """The answer, marked as ``cached``; None where these bytes are damaged."""
    try:
        value = json.loads(zlib.decompress(payload))
        value["token_ids"] = tuple(value["token_ids"])
        return replace(OcrResult(**value), cached=True)
    except (zlib.error, ValueError, TypeError, KeyError):
        return None
