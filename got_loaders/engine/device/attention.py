"""Whether torch's attention has a kernel that writes no logits."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["has_fused_attention"]


def has_fused_attention(sample: Tensor) -> bool:
    """Whether a GPU's kernel takes queries, keys and values like ``sample``, without a mask.

    (batch, heads, tokens, head size), of which number format, device and size matter. Where none
    does, ``scaled_dot_product_attention`` computes all logits at once, in several copies: so on
    NVIDIA's GPUs before Ampere in bfloat16, on whatever where a program has switched the kernels
    off, and always on Apple's, which have none for as many queries as a page has.
    """
    if sample.device.type != "cuda":
        return False
    kernels = torch.backends.cuda
    params = kernels.SDPAParams(sample, sample, sample, None, 0.0, False, False)
    return kernels.can_use_flash_attention(params) or kernels.can_use_efficient_attention(params)
