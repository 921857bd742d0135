"""Results → the JSON of a chat completion, whole or in chunks."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from got_loaders.types import EngineInfo, OcrResult

__all__ = ["ChatAnswer", "WrittenToken"]

_LEAST_LOGPROB = -9999.0
"""For a probability of 0, whose logarithm JSON can't hold; vLLM's number."""


@dataclass(frozen=True, slots=True)
class WrittenToken:
    """A token as it was written, and how likely it was, 0 to 1."""

    id: int
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAnswer:
    """Builds the answers to one request. ``decode`` is token ids → text."""

    info: EngineInfo
    logprobs: bool
    token_ids: bool
    decode: Callable[[list[int]], str] | None
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, result: OcrResult, tokens: Sequence[WrittenToken]) -> dict[str, Any]:
        """A ``chat.completion``."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": result.text, "refusal": None},
            "finish_reason": _finish_reason(result),
            "logprobs": self._logprobs(tokens),
        }
        if self.token_ids:
            choice["token_ids"] = list(result.token_ids)
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": usage(result),
            "ocr": _extension(result),
        }

    def first(self) -> dict[str, Any]:
        """The chunk that says who speaks."""
        return self._chunk({"role": "assistant", "content": ""}, tokens=())

    def delta(self, text: str, tokens: Sequence[WrittenToken]) -> dict[str, Any]:
        """A chunk with the next words."""
        return self._chunk({"content": text}, tokens=tokens)

    def last(self, result: OcrResult, *, sent: str) -> dict[str, Any]:
        """The chunk that says how it ended. Where what was ``sent`` is not the whole text (the
        model repeated itself, and was cut off later), the extension has it."""
        chunk = self._chunk({}, tokens=())
        chunk["choices"][0]["finish_reason"] = _finish_reason(result)
        chunk["ocr"] = _extension(result)
        if sent != result.text:
            chunk["ocr"]["text"] = result.text
        return chunk

    def usage_chunk(self, result: OcrResult) -> dict[str, Any]:
        """The chunk with the numbers alone."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": usage(result)}

    def _chunk(self, delta: dict[str, Any], *, tokens: Sequence[WrittenToken]) -> dict[str, Any]:
        logprobs = self._logprobs(tokens) if tokens else None
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": None}
        if self.token_ids:
            choice["token_ids"] = [token.id for token in tokens]
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.info.model,
            "system_fingerprint": self.info.fingerprint,
        }

    def _logprobs(self, tokens: Iterable[WrittenToken]) -> dict[str, Any] | None:
        if not self.logprobs or self.decode is None:
            return None
        content = []
        for token in tokens:
            text, p = self.decode([token.id]), token.probability
            content.append(
                {
                    "token": text,
                    "logprob": math.log(p) if p > 0 else _LEAST_LOGPROB,
                    "bytes": None if "\ufffd" in text else list(text.encode()),
                    "top_logprobs": [],
                }
            )
        return {"content": content, "refusal": None}


def usage(result: OcrResult) -> dict[str, Any]:
    """The tokens of question and answer; and those of drafts, where any were checked.

    Rejected ones are no part of the answer, and not counted in it.
    """
    numbers: dict[str, Any] = {
        "prompt_tokens": result.prompt_tokens,
        "completion_tokens": result.num_tokens,
        "total_tokens": result.prompt_tokens + result.num_tokens,
    }
    if result.accepted_tokens or result.rejected_tokens:
        numbers["completion_tokens_details"] = {
            "accepted_prediction_tokens": result.accepted_tokens,
            "rejected_prediction_tokens": result.rejected_tokens,
        }
    return numbers


def _finish_reason(result: OcrResult) -> str:
    return "length" if result.finish_reason == "length" else "stop"


def _extension(result: OcrResult) -> dict[str, Any]:
    """What OpenAI's shape has no place for."""
    return {
        "finish_reason": result.finish_reason,
        "confidence": result.confidence,
        "num_tokens": result.num_tokens,
        "cached": result.cached,
        "markup": result.markup,
    }
