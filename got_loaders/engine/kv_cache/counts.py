"""How many tokens the rows of a batch bring to a step. numpy, no torch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["MAX_QUERIES", "Counts"]

MAX_QUERIES = 8
"""The most tokens that one row may bring to a step: its newest one, and seven of a draft."""

Counts = npt.NDArray[np.int64]
"""A number of tokens for each row, in the order of the batch; (rows,)."""
