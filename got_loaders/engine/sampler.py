"""Logits → tokens: the most probable one, and how probable it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

__all__ = ["SamplerOutput", "best_allowed", "greedy_sample"]


@dataclass(frozen=True, slots=True)
class SamplerOutput:
    """A token for each position, and its probability; ``copied`` says when they are on the host.

    ``logits`` (positions, vocabulary) are those that the tokens were chosen from, until the next
    step overwrites them.
    """

    tokens: Tensor
    probabilities: Tensor
    logits: Tensor | None = None
    copied: Any = None

    def to_host(self) -> SamplerOutput:
        """Start to copy both to the host's memory, without waiting for the device."""
        if self.tokens.device.type != "cuda":
            tokens, probabilities = (
                each.to("cpu", copy=True) for each in (self.tokens, self.probabilities)
            )
            return SamplerOutput(tokens, probabilities)
        tokens = self.tokens.to("cpu", non_blocking=True)
        probabilities = self.probabilities.to("cpu", non_blocking=True)
        copied: Any = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # torch's own
        copied.record()
        return SamplerOutput(tokens, probabilities, copied=copied)

    def arrays(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Both on the host; waits for the copy."""
        if self.copied is not None:
            self.copied.synchronize()
        return self.tokens.numpy(), self.probabilities.numpy()


def greedy_sample(logits: Tensor) -> SamplerOutput:
    """Greedy: logits (positions, vocabulary), in any format → a token for each position.

    A probability is that of the softmax, in float32; it is no finite number if a logit of its row
    is none.
    """
    tokens = logits.argmax(-1)
    wide = logits.float()
    chosen = wide.gather(-1, tokens[:, None])[:, 0]
    probabilities = (chosen - torch.logsumexp(wide, -1)).exp()
    return SamplerOutput(tokens, probabilities, logits)


def best_allowed(logits: Tensor, banned: Iterable[int]) -> tuple[int, float]:
    """The best token of one position's logits (vocabulary,) that is not ``banned``.

    Its probability is that of the unbanned softmax: what the model thought of the token, not what
    the rule left it.
    """
    values = logits.float().cpu()
    allowed = values.clone()
    allowed[list(banned)] = float("-inf")
    token = int(allowed.argmax())
    return token, float((values[token] - values.logsumexp(-1)).exp())
