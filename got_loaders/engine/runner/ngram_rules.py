"""The rule that no n-gram is written twice, put to what a step has written.

The rule hardly ever bites, so a step chooses as if there were none, and only a row whose choice is
forbidden is looked at again, in the logits that it was chosen from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from torch import Tensor

from got_loaders.engine.runner.verification import StepOutput
from got_loaders.engine.sampler import best_allowed
from got_loaders.engine.sequence import NoRepeatNGram

__all__ = ["without_banned"]


def without_banned(
    block: StepOutput,
    starts: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
    rules: Mapping[int, NoRepeatNGram],
    logits: Tensor | None,
) -> StepOutput:
    """``block`` up to the first forbidden token of each row that has a rule, which is replaced.

    ``starts`` says where the step's ``logits`` (positions, vocabulary) have each row's first ones.
    """
    for row, slot in enumerate(slots.tolist() if rules else ()):
        rule = rules.get(slot)
        own = block.row(row)
        hit = None if rule is None else rule.first_banned(block.tokens[own].tolist())
        if hit is None:
            continue
        assert logits is not None, "a step says what it chose from"
        place, banned = hit
        token, probability = best_allowed(logits[int(starts[row]) + place], banned)
        block = _replaced(block, row, place, token, probability)
    return block


def _replaced(
    block: StepOutput, row: int, place: int, token: int, probability: float
) -> StepOutput:
    """``block`` with another token at a place of a row, behind which the row has none."""
    own = block.row(row)
    at, rest = own.start + place, np.arange(own.start + place + 1, own.stop)
    tokens, probabilities = block.tokens.copy(), block.probabilities.copy()
    tokens[at], probabilities[at] = token, probability
    kept, accepted = block.kept.copy(), block.accepted.copy()
    kept[row], accepted[row] = place + 1, min(accepted[row], place)
    return replace(
        block,
        kept=kept,
        tokens=np.delete(tokens, rest),
        probabilities=np.delete(probabilities, rest),
        accepted=accepted,
    )
