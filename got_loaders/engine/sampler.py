"""Logits → tokens: the most probable one, and how probable it is."""

from __future__ import annotations

from collections.abc import Sequence as Rows

import torch
from torch import Tensor

__all__ = ["choose"]


def choose(logits: Tensor, banned: Rows[set[int]]) -> tuple[Tensor, Tensor]:
    """Greedy: (rows, vocabulary) → tokens (rows,) and their probabilities (rows,).

    ``banned[row]`` must not be chosen there. Probabilities are those of the unbanned softmax: what
    the model thought of the token, not what the rule left it.
    """
    allowed = logits
    if any(banned):
        allowed = logits.clone()
        for row, forbidden in enumerate(banned):
            allowed[row, list(forbidden)] = float("-inf")
    tokens = allowed.argmax(-1)
    chosen = logits.gather(-1, tokens[:, None])[:, 0]
    return tokens, (chosen - torch.logsumexp(logits, -1)).exp()
