"""Values as compressed JSON, results as such bytes, and bytes as sealed rows; both ways."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

from got_loaders.types import OcrResult

__all__ = ["decode", "decode_result", "encode", "encode_result", "seal", "unseal"]

T = TypeVar("T")

_SEALED = b"\x01"
"""The first byte of a sealed row. Rows from before there were seals begin as zlib does, with an x:
each side takes the other's for damaged, and reads such pages anew."""

_DIGEST_BYTES = 16


def seal(key: bytes, model: str, payload: bytes) -> bytes:
    """The payload behind a digest of it, its key and its model.

    SQLite checks none of its pages: a flipped bit in an index leads from one key to another's row,
    whose payload is as good as ever.
    """
    return _SEALED + _digest(key, model, payload) + payload


def unseal(key: bytes, model: str, sealed: bytes) -> bytes | None:
    """The payload that was sealed for this key and model; None where anything has changed."""
    head = len(_SEALED) + _DIGEST_BYTES
    payload = sealed[head:]
    return payload if sealed[:head] == _SEALED + _digest(key, model, payload) else None


def _digest(key: bytes, model: str, payload: bytes) -> bytes:
    name = model.encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in (key, name, payload):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


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

    The tokens of drafts are those of one run, and not kept.
    A result that names another model says so; what a result of old would not have is left out
    where it says nothing, so that such a row is still one that older releases read.
    """
    value: dict[str, object] = {
        "text": result.text,
        "finish_reason": result.finish_reason,
        "token_ids": result.token_ids,
        "confidence": result.confidence,
        "num_tokens": result.num_tokens,
    }
    if result.markup != "mathpix":
        value["markup"] = result.markup
    if result.prompt_tokens:
        value["prompt_tokens"] = result.prompt_tokens
    if result.model not in ("", model):
        value["model"] = result.model
    return encode(value)


def decode_result(payload: bytes, model: str) -> OcrResult | None:
    """The result of ``model``, marked as ``cached``; None where these bytes are damaged."""
    return decode(
        payload,
        lambda value: OcrResult(
            **{"model": model, **value, "token_ids": tuple(value["token_ids"]), "cached": True}
        ),
    )
