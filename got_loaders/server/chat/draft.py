"""The draft of a chat completion: what the client thinks that the answer may be.

OpenAI calls it a predicted output. It is a hint, so of one that is too long the beginning will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NoReturn

from got_loaders.engine.remote.protocol import MAX_DRAFT
from got_loaders.errors import shown
from got_loaders.server.errors import ApiError

__all__ = ["read_draft"]

_EXPECTED = 'expected {"type": "content", "content": a text, or a list of text parts}'


def read_draft(given: Mapping[str, Any]) -> str | Literal[False] | None:
    """``draft``, or OpenAI's ``prediction``, of a request; None where there is neither."""
    if "draft" in given and "prediction" in given:
        _refuse("prediction", "draft and prediction are names of one thing; send one of them")
    draft = given.get("draft")
    if "prediction" in given:
        draft = _predicted(given["prediction"])
    if draft is None or draft is False:
        return draft
    if not isinstance(draft, str):
        _refuse("draft", f"draft={shown(draft)}: expected a text, null or false")
    return draft[:MAX_DRAFT]


def _predicted(value: object) -> str:
    content = value.get("content") if isinstance(value, dict) else None
    if not isinstance(value, dict) or value.get("type") != "content":
        _refuse("prediction", f"prediction={shown(value)}: {_EXPECTED}")
    if isinstance(content, str):
        return content
    texts = [_part(part) for part in content] if isinstance(content, list) else [None]
    if any(text is None for text in texts):
        _refuse("prediction", f"prediction.content={shown(content)}: {_EXPECTED}")
    return "".join(text for text in texts if text)


def _part(part: object) -> str | None:
    """The text of a part; None where it is none."""
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    return text if isinstance(text, str) else None


def _refuse(param: str, message: str) -> NoReturn:
    raise ApiError("invalid_option", message, param=param)
