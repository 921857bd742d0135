"""The fields of a chat completion: those used, those that change nothing, those refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from got_loaders._spelling import did_you_mean
from got_loaders.errors import shown
from got_loaders.server.errors import ApiError
from got_loaders.types import REQUEST_FIELDS

__all__ = ["IGNORED", "KNOWN", "NEUTRAL", "TOKEN_LIMITS", "check_fields"]

TOKEN_LIMITS = ("max_new_tokens", "max_completion_tokens", "max_tokens")
"""Three names of one thing."""

USED = (
    *("messages", "model", "stream", "stream_options", "logprobs", "return_token_ids"),
    *("thumbnail", "draft", "prediction"),
    *REQUEST_FIELDS,
    *TOKEN_LIMITS,
)

IGNORED = (
    *("frequency_penalty", "length_penalty", "metadata", "min_p", "parallel_tool_calls"),
    *("presence_penalty", "prompt_cache_key", "prompt_cache_retention", "reasoning_effort"),
    *("repetition_penalty", "safety_identifier", "seed", "service_tier", "skip_special_tokens"),
    *("store", "temperature", "top_k", "top_p", "user", "verbosity"),
)
"""OpenAI's and vLLM's; a reading takes the likeliest token each time, so they would change nothing
that is wanted of it."""

NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "audio": (),
    "function_call": ("none", "auto"),
    "functions": ([],),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "n": (1,),
    "response_format": ({"type": "text"},),
    "stop": ([],),
    "tool_choice": ("none", "auto"),
    "tools": ([],),
    "top_logprobs": (0,),
    "web_search_options": (),
}
"""What would change an answer and can't be done: the values that ask for nothing."""

KNOWN = (*USED, *IGNORED, *NEUTRAL)


def check_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are there, null being absent; :class:`ApiError` for one that can't be."""
    for name in body:
        if name not in KNOWN:
            raise ApiError(
                "unknown_field",
                f"{shown(name)[1:-1]} is not a field of a request{did_you_mean(name, KNOWN)}",
                param=name[:100],
            )
    given = {name: value for name, value in body.items() if value is not None}
    for name, neutral in NEUTRAL.items():
        if name in given and not any(_same(given[name], value) for value in neutral):
            raise ApiError(
                "invalid_option",
                f"{name}={shown(given[name])}: this server reads pages and can't do that; "
                "leave it out",
                param=name,
            )
    return given


def _same(one: object, other: object) -> bool:
    """Equal and of one type: true is not 1."""
    return type(one) is type(other) and one == other
