"""Drafts as a good text layer would give them: the page's own text, with some words changed."""

from __future__ import annotations

import random
from collections.abc import Mapping

CHANGED = 0.05
"""Share of the words that are others than on the page."""


def with_errors(text: str, seed: int, share: float = CHANGED) -> str:
    """``text`` with so many of its words replaced by other words of it, the same for a seed."""
    rng = random.Random(seed)
    words = text.split(" ")
    return " ".join(rng.choice(words) if rng.random() < share else word for word in words)


def drafts_of(texts: Mapping[int, str]) -> dict[int, str]:
    """By the page's number, from the texts by the page's number."""
    return {number: with_errors(text, number) for number, text in texts.items()}
