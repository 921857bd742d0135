"""The attention of a decode step over keys and values in pages, as Triton compiles it.

Flash-decoding (Dao et al., 2023) with splits that are fixed: the keys of a row are cut into tiles,
and the tiles dealt out to ``SPLITS`` programs, by where in the row they stand and by nothing else.
So neither the batch nor the number of queries changes the order in which a row's sums are made.
Every product has as many rows of queries as the tensor cores take at least; those beyond the
queries that there are compute nothing that is kept.
"""

from __future__ import annotations

import triton
import triton.language as tl

__all__ = ["attend_to_splits", "merge_splits"]


@triton.jit(do_not_specialize=["queries"])
def attend_to_splits(
    query,  # (rows · queries, heads, size), query_stride from one position to the next
    keys,  # (pages, PAGE, KV_HEADS, SIZE)
    values,
    lengths,  # (rows,), with the queries' own tokens
    table,  # (rows, pages)
    sums,  # (rows · queries, SPLITS, heads, WIDTH), float32
    maxima,  # (rows · queries, SPLITS, heads), float32
    totals,
    scale,  # of products of query and key, in powers of two
    queries,
    query_stride,
    table_stride,
    KV_HEADS: tl.constexpr,
    GROUP: tl.constexpr,  # query heads for each key-value head
    SIZE: tl.constexpr,
    WIDTH: tl.constexpr,  # SIZE, up to the next power of two
    PAGE: tl.constexpr,
    TILE: tl.constexpr,
    SPLITS: tl.constexpr,
    BLOCK: tl.constexpr,  # rows of a product: queries · GROUP of them are used
    WIDEN: tl.constexpr,
):
    """One split of one key-value head of one row: what its tiles add up to, not yet divided."""
    head, split, row = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    length = tl.load(lengths + row)
    if split * TILE >= length:
        return
    line = tl.arange(0, BLOCK)
    asked, used = line // GROUP, line < queries * GROUP
    position, query_head = row * queries + asked, head * GROUP + line % GROUP
    place = tl.arange(0, WIDTH)
    asking = tl.load(
        query + (position * query_stride + query_head * SIZE)[:, None] + place[None, :],
        mask=used[:, None] & (place < SIZE)[None, :],
        other=0.0,
    )
    seen = length - queries + asked  # the last token that each query sees: its own
    maximum = tl.full([BLOCK], float("-inf"), tl.float32)
    total = tl.zeros([BLOCK], tl.float32)
    summed = tl.zeros([BLOCK, WIDTH], tl.float32)
    for start in range(split * TILE, length, SPLITS * TILE):
        page = tl.load(table + row * table_stride + start // PAGE).to(tl.int64)
        token = start + tl.arange(0, TILE)
        offset = page * PAGE + start % PAGE + tl.arange(0, TILE)
        at = ((offset * KV_HEADS + head) * SIZE)[:, None] + place[None, :]
        # Behind a row's end lies what others wrote: not even zero times it is zero for sure.
        there = (token < length)[:, None] & (place < SIZE)[None, :]
        key = tl.load(keys + at, mask=there, other=0.0)
        value = tl.load(values + at, mask=there, other=0.0)
        score = _product(asking, tl.trans(key), WIDEN) * scale
        score = tl.where(token[None, :] <= seen[:, None], score, float("-inf"))
        newest = tl.maximum(maximum, tl.max(score, 1))
        base = tl.where(newest == float("-inf"), 0.0, newest)  # a query that saw nothing yet
        weight = tl.exp2(score - base[:, None])
        shrink = tl.exp2(maximum - base)
        total = total * shrink + tl.sum(weight, 1)
        summed = summed * shrink[:, None] + _product(weight.to(value.dtype), value, WIDEN)
        maximum = newest
    index = (position * SPLITS + split) * (KV_HEADS * GROUP) + query_head
    tl.store(maxima + index, maximum, mask=used)
    tl.store(totals + index, total, mask=used)
    tl.store(sums + (index * WIDTH)[:, None] + place[None, :], summed, mask=used[:, None])


@triton.jit(do_not_specialize=["queries"])
def merge_splits(
    sums,
    maxima,
    totals,
    lengths,
    output,  # (rows · queries, heads, SIZE)
    queries,
    HEADS: tl.constexpr,
    SIZE: tl.constexpr,
    WIDTH: tl.constexpr,
    TILE: tl.constexpr,
    SPLITS: tl.constexpr,
    COLUMNS: tl.constexpr,  # of (HEADS, WIDTH), a multiple of WIDTH
):
    """Some heads of one position: its splits together, divided by what they weigh."""
    position = tl.program_id(0)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    head, place = tl.minimum(column // WIDTH, HEADS - 1), column % WIDTH
    split = tl.arange(0, SPLITS)[:, None]
    there = (split * TILE < tl.load(lengths + position // queries)) & (head >= 0)[None, :]
    index = (position * SPLITS + split) * HEADS + head[None, :]
    maximum = tl.load(maxima + index, mask=there, other=float("-inf"))
    total = tl.load(totals + index, mask=there, other=0.0)
    summed = tl.load(sums + index * WIDTH + place[None, :], mask=there, other=0.0)
    weight = tl.exp2(maximum - tl.max(maximum, 0)[None, :])
    mixed = tl.sum(summed * weight, 0) / tl.sum(total * weight, 0)
    tl.store(
        output + (position * HEADS + head) * SIZE + place,
        mixed.to(output.dtype.element_ty),
        mask=(column < HEADS * WIDTH) & (place < SIZE),
    )


@triton.jit
def _product(left, right, WIDEN: tl.constexpr):
    """Sums in float32. Triton's interpreter multiplies bfloat16 only when it is widened."""
    if WIDEN:
        left, right = left.to(tl.float32), right.to(tl.float32)
    return tl.dot(left, right, input_precision="ieee")
