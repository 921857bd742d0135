"""A step that checks drafts: which tokens the rows bring to it, and which of its answers hold.

A row brings its newest token and those that its draft proposes next. The model answers for each of
them what comes behind it; an answer holds as long as all that was proposed before it was right. So
a row writes one token more than the proposals that were its own, and the tokens are those that it
would have written one by one (Leviathan et al., 2023, with a greedy model). numpy, no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from got_loaders.engine.kv_cache.counts import Counts

__all__ = ["StepOutput", "StepTokens", "Tokens", "lay_out", "one_token", "verify"]

Tokens = npt.NDArray[np.int64]

_NONE = -1
"""What is proposed where nothing is: no token."""


@dataclass(frozen=True, slots=True)
class StepTokens:
    """What the rows bring to a step, row after row.

    ``tokens`` and ``positions`` are (positions,); ``counts`` (rows,) says how many are of each row.
    ``proposals`` (rows, most proposals of a row) are the drafts' part of them, filled up with -1.
    """

    tokens: Tokens
    positions: Tokens
    counts: Counts
    proposals: Tokens

    @property
    def starts(self) -> Tokens:
        """Where each row's first position stands among all; (rows,)."""
        return np.cumsum(self.counts) - self.counts


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What a step has written: ``kept`` tokens of each row, row after row.

    ``tokens`` and ``probabilities`` are (sum of kept,); ``accepted`` (rows,) are those of each
    row's tokens that were proposed.
    """

    kept: Counts
    tokens: Tokens
    probabilities: npt.NDArray[np.float32]
    accepted: Counts

    def newest(self) -> Tokens:
        """Each row's last token; (rows,)."""
        return self.tokens[np.cumsum(self.kept) - 1]

    def row(self, row: int) -> slice:
        """Where the tokens of a row stand."""
        stop = int(self.kept[: row + 1].sum())
        return slice(stop - int(self.kept[row]), stop)


def one_token(tokens: Tokens, probabilities: npt.NDArray[np.float32]) -> StepOutput:
    """What a step without drafts has written: a token of each row."""
    return StepOutput(np.ones(len(tokens), int), tokens, probabilities, np.zeros(len(tokens), int))


def lay_out(
    newest: Tokens, places: Tokens, proposals: Sequence[Sequence[int]], *, width: int | None = None
) -> StepTokens:
    """The tokens of a step: each row's newest one, which stands at its place, and its proposals.

    ``width``: so many of every row, filled up with what is not looked at.
    """
    most = max(map(len, proposals), default=0)
    padded = np.full((len(newest), most), _NONE, np.int64)
    counts = np.fromiter(map(len, proposals), np.int64, len(proposals)) + 1
    for row, proposed in enumerate(proposals):
        if proposed:
            padded[row, : len(proposed)] = proposed
    grid = np.zeros((len(newest), width or most + 1), np.int64)
    grid[:, 0] = newest
    grid[:, 1 : most + 1] = np.maximum(padded, 0)
    if width is not None:
        counts = np.full(len(newest), width, np.int64)
    index = np.arange(grid.shape[1])
    brought = index < counts[:, None]
    return StepTokens(grid[brought], (places[:, None] + index)[brought], counts, padded)


def verify(
    step: StepTokens,
    chosen: Tokens,
    probabilities: npt.NDArray[np.float32],
    end_tokens: Tokens,
) -> StepOutput:
    """What of the model's answers holds: up to the first wrong proposal, or to an end token."""
    rows, most = step.proposals.shape
    if not most:
        return one_token(chosen[step.starts], probabilities[step.starts])
    index = np.minimum(step.starts[:, None] + np.arange(most + 1), len(chosen) - 1)
    answers = chosen[index]
    right = (answers[:, :-1] == step.proposals) & ~np.isin(answers[:, :-1], end_tokens)
    accepted = right.cumprod(1).sum(1)
    kept = accepted + 1
    # An end token that was proposed ends the row: it is the proposal's, and nothing follows it.
    last = answers[np.arange(rows), accepted]
    proposed = np.append(step.proposals, np.full((rows, 1), _NONE), 1)
    accepted = accepted + (last == proposed[np.arange(rows), accepted])
    held = np.arange(most + 1) < kept[:, None]
    return StepOutput(kept, answers[held], probabilities[index][held], accepted)
