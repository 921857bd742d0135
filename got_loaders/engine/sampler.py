"""Logits → tokens: the most probable one, and how probable it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

__all__ = ["SamplerOutput", "greedy_sample"]


@dataclass(frozen=True, slots=True)
class SamplerOutput:
    """A token for each row, and its probability; ``copied`` says when they are on the host."""

    tokens: Tensor
    probabilities: Tensor
    copied: Any = None

    def to_host(self) -> SamplerOutput:
        """Start to copy both to the host's memory, without waiting for the device."""
        if self.tokens.device.type != "cuda":
            return SamplerOutput(self.tokens.cpu(), self.probabilities.cpu())
        tokens = self.tokens.to("cpu", non_blocking=True)
        probabilities = self.probabilities.to("cpu", non_blocking=True)
        copied: Any = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # torch's own
        copied.record()
        return SamplerOutput(tokens, probabilities, copied)

    def arrays(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Both on the host; waits for the copy."""
        if self.copied is not None:
            self.copied.synchronize()
        return self.tokens.numpy(), self.probabilities.numpy()


def greedy_sample(logits: Tensor, banned: Sequence[set[int]] = ()) -> SamplerOutput:
    """Greedy: logits (rows, vocabulary) → a token for each row.

    ``banned[row]`` must not be chosen there; ``banned`` is empty if nothing is forbidden. The
    probabilities are those of the unbanned softmax: what the model thought of the token, not what
    the rule left it.
    """
    allowed = logits
    if any(banned):
        allowed = logits.clone()
        for row, tokens_of_row in enumerate(banned):
            allowed[row, list(tokens_of_row)] = float("-inf")
    tokens = allowed.argmax(-1)
    chosen = logits.gather(-1, tokens[:, None])[:, 0]
    return SamplerOutput(tokens, (chosen - torch.logsumexp(logits, -1)).exp())
