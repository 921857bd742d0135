"""Muon: momentum whose matrices are made orthogonal before they are applied.

Keller Jordan et al., 2024 (https://kellerjordan.github.io/posts/muon/), with the update's size
matched to AdamW's (arXiv 2502.16982), so that the two share a learning rate.
"""

from collections.abc import Sequence

import torch

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


class Muon:
    """For matrices and convolutions; reads `grad` of its parameters, and leaves it."""

    def __init__(
        self,
        parameters: Sequence[torch.Tensor],
        *,
        momentum: float = 0.95,
        weight_decay: float = 0.02,
    ) -> None:
        self.parameters = list(parameters)
        self.momentum = momentum
        self.weight_decay = weight_decay
        self._averages = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """One update of every parameter that has a gradient."""
        for parameter, average in zip(self.parameters, self._averages, strict=True):
            if parameter.grad is None:
                continue
            average.lerp_(parameter.grad, 1 - self.momentum)
            update = orthogonal(parameter.grad.lerp(average, self.momentum).flatten(1))
            size = 0.2 * max(update.shape) ** 0.5
            parameter.mul_(1 - learning_rate * self.weight_decay)
            parameter.add_(update.reshape(parameter.shape), alpha=-learning_rate * size)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The matrix with its singular values brought near one."""
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = (x / (x.norm() + 1e-12)).bfloat16()
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = x @ x.T
        x = a * x + (b * square + c * (square @ square)) @ x
    result: torch.Tensor = (x.T if tall else x).float()
    return result
