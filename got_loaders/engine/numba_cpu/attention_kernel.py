"""Attention of a row's new tokens to all that the row has, which is read once for eight queries."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import carray, njit

from got_loaders.engine.numba_cpu.intrinsics import (
    INT64,
    SOURCES,
    ZERO,
    array_at,
    atomic_next,
    compile_kernel,
    exponential,
    to_f32,
)
from got_loaders.engine.numba_cpu.vectors import (
    LANES,
    QUERIES,
    SIZE_STEP,
    add_weighted_four,
    add_weighted_one,
    dot_products_four,
    dot_products_one,
    greatest,
)

__all__ = ["ARGS", "attention_kernel"]

_BLOCK = 128
"""Columns whose keys, then values, are read at a time; as float32 they are in the nearest cache."""

_CHUNK = 8
"""Queries that a pass over the keys and values serves; a multiple of QUERIES."""

_COLUMNS = LANES // QUERIES
_LOWEST = np.float32(-3e38)

_NUMBERS = ("next_item", "rows", "layer", "table", "output")
_STATES = ("query", "query_stride", "key", "key_stride", "value", "value_stride")
ARGS = np.dtype(
    {
        "names": [*_NUMBERS, *_STATES],
        "formats": [np.int64] * (len(_NUMBERS) + len(_STATES)),
        "offsets": [0, *range(64, 64 + 8 * (len(_NUMBERS) + len(_STATES) - 1), 8)],
    }
)
"""What the kernel is called with. ``next_item``, the counter that the threads share, comes first
and has a cache line to itself. ``table`` is the address of a RowTable's numbers; query, key, value
and output are addresses of states, and a stride is the distance of two positions, in elements."""


@njit(inline="always")
def _store(new: Any, stride: Any, count: Any, stored: Any, size: Any, like: Any) -> None:
    """Write ``count`` vectors, ``stride`` bytes apart, to where a row goes on; both addresses."""
    vectors = array_at(stored, (count, size), like)
    for i in range(count):
        vector = array_at(new + i * stride, (size,), like)
        for d in range(size):
            vectors[i, d] = vector[d]


@njit(inline="always")
def _as_f32(source: Any, count: Any, size: Any, scratch: Any, like: Any, is_f32: Any) -> Any:
    """The address of ``count`` vectors in float32, as long as those of ``scratch`` (_BLOCK, size).

    There they are put unless they can be read where they are.
    """
    padded = scratch.shape[1]
    if padded == size:
        if is_f32 and count == _BLOCK:
            return source
        flat, widened = array_at(source, (count * size,), like), scratch.reshape(-1)
        for n in range(count * size):
            widened[n] = to_f32(flat[n])
    else:
        vectors = array_at(source, (count, size), like)
        for c in range(count):
            for d in range(size):
                scratch[c, d] = to_f32(vectors[c, d])
    return scratch.ctypes.data


@njit(inline="always")
def _dot_products(queries: Any, number: Any, keys: Any, count: Any, logits: Any) -> None:
    """``logits[q, c]`` = query q times key c; in columns that fill up a tile it may be anything."""
    size, stride, at = queries.shape[1], logits.shape[1], logits.ctypes.data
    query = queries.ctypes.data
    if number == 1:
        for c in range(0, count, LANES):
            dot_products_one(query, keys + c * size * 4, at + c * 4, size, stride)
        return
    for q in range(0, number, QUERIES):
        for c in range(0, count, _COLUMNS):
            place = at + (q * stride + c) * 4
            dot_products_four(query + q * size * 4, keys + c * size * 4, place, size, stride)


@njit(inline="always")
def _to_weights(logits: Any, visible: Any, state: Any, output: Any) -> None:
    """A block's logits of one query → weights, and what was summed before scaled to fit them.

    ``state`` has the greatest logit and the sum of the weights so far (Milakov and Gimelshein,
    2018). Columns from ``visible`` on, which may be 0 or less, get no weight. All sums are taken
    over a whole block, so that they do not depend on how far it is visible.
    """
    for c in range(max(visible, 0), _BLOCK):
        logits[c] = _LOWEST
    previous_max = state[0]
    max_logit = max(previous_max, greatest(logits.ctypes.data, _BLOCK))
    rescale, block_sum = exponential(previous_max - max_logit), ZERO
    for c in range(_BLOCK):
        weight = exponential(logits[c] - max_logit) if c < visible else ZERO
        logits[c] = weight
        block_sum += weight
    state[0], state[1] = max_logit, state[1] * rescale + block_sum
    for d in range(len(output)):
        output[d] *= rescale


@njit(inline="always")
def _add_weighted(weights: Any, number: Any, values: Any, count: Any, outputs: Any) -> None:
    """``outputs[q]`` += the sum of ``weights[q, c]`` times value c."""
    size, stride, weight = outputs.shape[1], weights.shape[1], weights.ctypes.data
    for d in range(0, size, SIZE_STEP):
        value, output = values + d * 4, outputs.ctypes.data + d * 4
        if number == 1:
            add_weighted_one(weight, value, output, count, size, stride)
        else:
            for q in range(0, number, QUERIES):
                own, place = weight + q * stride * 4, output + q * size * 4
                add_weighted_four(own, value, place, count, size, stride)


@njit(inline="always")
def _attend(
    queries: Any, visible: Any, keys: Any, values: Any, size: Any, like: Any, is_f32: Any, outs: Any
) -> None:
    """The mean of the values as each query weighs them, in ``outs`` (queries, padded size).

    Query q sees ``visible[q]`` columns; the last one sees the most. Keys and values are addresses,
    ``outs`` is (scratch for a block's states, for its logits, states of the softmax, the result).
    """
    scratch, logits, states, outputs = outs
    number, columns, vector = len(visible), visible[-1], size * (4 if is_f32 else 2)
    for q in range(number):
        states[q, 0], states[q, 1] = _LOWEST, ZERO
    outputs[:] = ZERO
    for block in range(0, columns, _BLOCK):
        count, skipped = min(_BLOCK, columns - block), block * vector
        at = _as_f32(keys + skipped, count, size, scratch, like, is_f32)
        _dot_products(queries, number, at, count, logits)
        for q in range(number):
            _to_weights(logits[q], visible[q] - block, states[q], outputs[q])
        at = _as_f32(values + skipped, count, size, scratch, like, is_f32)
        _add_weighted(logits, number, at, count, outputs)
    for q in range(number):
        outputs[q] /= states[q, 1]


@cache
def attention_kernel(
    *, kv_heads: int, group_size: int, head_size: int, scale: float, bfloat16: bool
) -> Any:
    """The function of ARGS that OpenMP's threads run for one layer: a row's head at a time.

    Each of the key-value heads serves ``group_size`` queries of float32 a position. The states are
    float32, or ``bfloat16``. It stores the row's new keys and values, which no other thread reads,
    and attends. The bits that a position gets depend on its row alone, and not on how many
    positions the row has in the step.
    """
    like: Any = np.uint16(0) if bfloat16 else np.float32(0)
    itemsize, factor, sources, is_f32 = like.itemsize, np.float32(scale), SOURCES, not bfloat16
    padded, vector = -(-head_size // SIZE_STEP) * SIZE_STEP, head_size * like.itemsize
    heads = kv_heads * group_size

    def kernel(pointer: Any) -> None:
        if sources < 0:
            return  # never; see SOURCES
        args = carray(pointer, 1)[0]
        rows, layer = args.rows, args.layer
        table = array_at(args.table, (5, rows), INT64)
        key_stride, value_stride = args.key_stride * itemsize, args.value_stride * itemsize
        queries = np.zeros((_CHUNK, padded), np.float32)
        outputs, visible = np.zeros((_CHUNK, padded), np.float32), np.zeros(_CHUNK, np.int64)
        scratch = np.zeros((_BLOCK, padded), np.float32)
        logits, states = np.zeros((_CHUNK, _BLOCK), np.float32), np.zeros((_CHUNK, 2), np.float32)
        outs = scratch, logits, states, outputs
        while True:
            item = atomic_next(pointer)
            if item >= rows * kv_heads:
                break
            row, head = item // kv_heads, item % kv_heads
            length, capacity = table[0, row], table[2, row]
            count, start = table[3, row], table[4, row]
            keys = table[1, row] + (layer * 2 * kv_heads + head) * capacity * vector
            values = keys + kv_heads * capacity * vector
            new, end = start * key_stride + head * vector, length * vector
            _store(args.key + new, key_stride, count, keys + end, head_size, like)
            new = start * value_stride + head * vector
            _store(args.value + new, value_stride, count, values + end, head_size, like)
            for first in range(0, count * group_size, _CHUNK):
                number = min(_CHUNK, count * group_size - first)
                for q in range(number):
                    position, member = (first + q) // group_size, (first + q) % group_size
                    at = (start + position) * args.query_stride
                    at += (head * group_size + member) * head_size
                    query = array_at(args.query + at * 4, (head_size,), ZERO)
                    for d in range(head_size):
                        queries[q, d] = query[d] * factor
                    visible[q] = length + position + 1
                _attend(queries, visible[:number], keys, values, head_size, like, is_f32, outs)
                for q in range(number):
                    position, member = (first + q) // group_size, (first + q) % group_size
                    at = ((start + position) * heads + head * group_size + member) * head_size
                    output = array_at(args.output + at * 4, (head_size,), ZERO)
                    for d in range(head_size):
                        output[d] = outputs[q, d]

    return compile_kernel(kernel, ARGS)
