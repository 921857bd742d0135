"""Choosing greedily among logits, as Triton compiles it: each logit is read once.

torch's own takes a kernel for each of the maximum, its place, the differences, their exponentials
and their sum, most of them in float32, and reads or writes all logits in each.
"""

from __future__ import annotations

import triton
import triton.language as tl

__all__ = ["choose_among_chunks", "choose_in_chunk"]


@triton.jit(do_not_specialize=["stride", "vocabulary"])
def choose_in_chunk(
    logits,  # (positions, vocabulary), stride from one position to the next
    highest,  # (positions, CHUNKS), float32
    firsts,  # (positions, CHUNKS), int32: the first token that has the highest logit
    totals,  # (positions, CHUNKS), float32
    stride,
    vocabulary,
    ALIGN: tl.constexpr,  # divides stride and vocabulary: so many logits are loaded at once
    CHUNK: tl.constexpr,
    CHUNKS: tl.constexpr,
):
    """The best token of one chunk of one position, and what its exponentials add up to."""
    position, chunk = tl.program_id(0), tl.program_id(1)
    token = chunk * CHUNK + tl.arange(0, CHUNK)
    start = logits + position.to(tl.int64) * (stride // ALIGN) * ALIGN
    there = token < vocabulary // ALIGN * ALIGN
    logit = tl.load(start + token, mask=there, other=float("-inf")).to(tl.float32)
    # A logit that is not a number is never the highest, yet makes the sum what it is.
    number = tl.where(logit == logit, logit, float("-inf"))  # NaN is not itself
    best = tl.max(number, 0)
    first = tl.min(tl.where(number == best, token, chunk * CHUNK + CHUNK), 0)
    base = tl.where(best == float("-inf"), 0.0, best)
    index = position * CHUNKS + chunk
    tl.store(highest + index, best)
    tl.store(firsts + index, first)
    tl.store(totals + index, tl.sum(tl.exp(logit - base), 0))


@triton.jit(do_not_specialize=["chunks"])
def choose_among_chunks(
    highest,
    firsts,
    totals,
    tokens,  # (positions,), int64
    probabilities,  # (positions,), float32
    chunks,
    CHUNKS: tl.constexpr,
):
    """The best token of one position, and how probable it is."""
    position = tl.program_id(0)
    chunk = tl.arange(0, CHUNKS)
    index, there = position * CHUNKS + chunk, chunk < chunks
    best = tl.load(highest + index, mask=there, other=float("-inf"))
    first = tl.load(firsts + index, mask=there, other=2147483647)
    total = tl.load(totals + index, mask=there, other=0.0)
    maximum = tl.max(best, 0)
    tl.store(tokens + position, tl.min(tl.where(best == maximum, first, 2147483647), 0))
    # Where all are -inf, or one is inf, this is not a number.
    tl.store(probabilities + position, 1.0 / tl.sum(total * tl.exp(best - maximum), 0))
