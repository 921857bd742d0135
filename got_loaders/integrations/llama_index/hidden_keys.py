"""Which of our metadata models get to see."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["hidden_keys"]

_EMBEDDED_KEYS = {"title", "author", "subject", "keywords"}
_LLM_KEYS = _EMBEDDED_KEYS | {"file_name", "page_label"}
"""Of our metadata, what goes to the embedding model, and to the language model (for citations)."""


def hidden_keys(keys: Iterable[str], extra: Iterable[str]) -> tuple[list[str], list[str]]:
    """Which of our keys the embedding model and the language model are not shown.

    Keys of the caller's own are not hidden, whatever they are called.
    """
    callers = set(extra)
    ours = [key for key in keys if key not in callers]
    not_embedded = [key for key in ours if key not in _EMBEDDED_KEYS]
    return not_embedded, [key for key in ours if key not in _LLM_KEYS]
