"""Reads a chat completion as a result: text, tokens, probabilities, as far as it has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from got_loaders.engine.remote.dialect import Answer
from got_loaders.engine.remote.json_answer import (
    MAX_COUNT,
    is_token_ids,
    is_unicode,
    load_answer,
    to_mapping,
)
from got_loaders.errors import EngineError
from got_loaders.types import OcrResult
from got_loaders.types.engines import EngineInfo
from got_loaders.types.requests import FinishReason, MarkupLanguage

__all__ = ["read_answer"]

_MAX_SHOWN = 200
_NO_TEXT = {
    "tool_calls": "the model called a tool instead of reading",
    "function_call": "the model called a function instead of reading",
    "content_filter": "the server's filter kept the answer back",
}


def read_answer(answer: Answer, info: EngineInfo, writes: MarkupLanguage) -> OcrResult:
    """The result; ``ValueError`` or ``TypeError`` for what is no completion, :class:`EngineError`
    where the model did something else than to read."""
    value = to_mapping(load_answer(answer))
    choice = to_mapping(value["choices"][0])
    message, usage = to_mapping(choice["message"]), value.get("usage")
    probabilities = _probabilities(choice.get("logprobs"))
    token_ids = _token_ids(choice.get("token_ids"))
    return OcrResult(
        text=_text(message, choice.get("finish_reason")),
        finish_reason=_finish_reason(choice.get("finish_reason")),
        token_ids=token_ids,
        confidence=sum(probabilities) / len(probabilities) if probabilities else None,
        num_tokens=_count(usage, "completion_tokens") or len(token_ids) or len(probabilities),
        markup=writes,
        prompt_tokens=_count(usage, "prompt_tokens"),
        model=info.fingerprint,
    )


def _text(message: Mapping[str, Any], reason: object) -> str:
    content = message.get("content")
    if isinstance(content, list):  # of parts, as some servers write it
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str)) or None
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal and not content:
        raise EngineError(f"the model refuses to read it: {refusal[:_MAX_SHOWN]}")
    if isinstance(content, str):
        if is_unicode(content):
            return content
        return content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(reason, str) and reason in _NO_TEXT:
        raise EngineError(_NO_TEXT[reason])
    if message.get("tool_calls"):
        raise EngineError(_NO_TEXT["tool_calls"])
    raise TypeError("content is no text")


def _finish_reason(reason: object) -> FinishReason:
    return "length" if reason == "length" else "stop"


def _probabilities(logprobs: object) -> list[float]:
    """Of each token that has one; servers write -9999 for what is out of the question."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return []
    values = [each.get("logprob") for each in content if isinstance(each, dict)]
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return [math.exp(min(number, 0.0)) for number in numbers if not math.isnan(number)]


def _count(usage: object, name: str) -> int:
    number = usage.get(name) if isinstance(usage, dict) else None
    return number if type(number) is int and 0 <= number <= MAX_COUNT else 0


def _token_ids(value: object) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list) and is_token_ids(value) else ()
