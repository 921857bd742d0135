"""What a server's JSON holds, where it is what it should be. Raises ``ValueError`` or ``TypeError``
where it is not: then the answer makes no sense.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from got_loaders.engine.remote.dialect import Answer

__all__ = ["MAX_COUNT", "is_token_ids", "is_unicode", "load_answer", "to_mapping"]

MAX_COUNT = 2**31 - 1
"""No number of tokens, and no token's own, is larger."""


def load_answer(answer: Answer) -> object:
    """The value that an answer is."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}") from None


def to_mapping(value: object) -> Mapping[str, Any]:
    """The value, which is an object."""
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__} in the place of an object")
    return value


def is_unicode(text: str) -> bool:
    """Whether it can be written to a file: JSON may hold halves of a character, as ``\\ud800``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_token_ids(value: object) -> bool:
    """Whether it is a list of tokens' numbers, which may be empty."""
    if not isinstance(value, list) or not all(type(each) is int for each in value):
        return False
    return not value or 0 <= min(value) <= max(value) <= MAX_COUNT
