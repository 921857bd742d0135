"""Attention of one query to the keys and values of its row, in a single pass over both."""

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

__all__ = ["ARGS", "attention_kernel"]

_BLOCK = 128
"""Columns whose logits are computed before their values are read."""

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
and output are addresses of states, and a stride is the distance of two rows, in elements."""


@njit(inline="always")
def _keys_and_values(
    table: Any, row: Any, layer: Any, head: Any, kv_heads: Any, size: Any, like: Any, itemsize: Any
) -> Any:
    """Those of a row's head in a layer, (columns, size) each; the last column is free.

    ``table`` (3, rows) has lengths, addresses and capacities. ``itemsize`` is that of ``like``.
    """
    columns, head_bytes = table[0, row] + 1, table[2, row] * size * itemsize
    address = table[1, row] + (layer * 2 * kv_heads + head) * head_bytes
    keys = array_at(address, (columns, size), like)
    return keys, array_at(address + kv_heads * head_bytes, (columns, size), like)


@njit(inline="always")
def _dot_products(query: Any, keys: Any, start: Any, count: Any, logits: Any, size: Any) -> None:
    """``logits[c]`` = ``query`` times the key in column ``start + c``; four at a time."""
    fours = count // 4 * 4
    for c in range(0, fours, 4):
        first, second, third, fourth = ZERO, ZERO, ZERO, ZERO
        for d in range(size):
            first += query[d] * to_f32(keys[start + c, d])
            second += query[d] * to_f32(keys[start + c + 1, d])
            third += query[d] * to_f32(keys[start + c + 2, d])
            fourth += query[d] * to_f32(keys[start + c + 3, d])
        logits[c], logits[c + 1], logits[c + 2], logits[c + 3] = first, second, third, fourth
    for c in range(fours, count):
        first = ZERO
        for d in range(size):
            first += query[d] * to_f32(keys[start + c, d])
        logits[c] = first


@njit(inline="always")
def _add_weighted(
    weights: Any, values: Any, start: Any, count: Any, output: Any, size: Any
) -> None:
    """``output`` += the sum of ``weights[c]`` times the value in column ``start + c``."""
    fours = count // 4 * 4
    for c in range(0, fours, 4):
        first, second, third, fourth = weights[c], weights[c + 1], weights[c + 2], weights[c + 3]
        for d in range(size):
            output[d] += (
                first * to_f32(values[start + c, d])
                + second * to_f32(values[start + c + 1, d])
                + third * to_f32(values[start + c + 2, d])
                + fourth * to_f32(values[start + c + 3, d])
            )
    for c in range(fours, count):
        for d in range(size):
            output[d] += weights[c] * to_f32(values[start + c, d])


@njit(inline="always")
def _attend(
    query: Any, keys: Any, values: Any, length: Any, output: Any, weights: Any, size: Any
) -> None:
    """The values, weighted by the softmax of ``query`` times the keys, in ``output`` (size,).

    A block of columns after the other, with the greatest logit and the sum of the weights so far
    (Milakov and Gimelshein, 2018). ``weights`` (_BLOCK,) is scratch.
    """
    max_logit, weight_sum = _LOWEST, ZERO
    for d in range(size):
        output[d] = ZERO
    for start in range(0, length, _BLOCK):
        count = min(_BLOCK, length - start)
        _dot_products(query, keys, start, count, weights, size)
        previous_max = max_logit
        for c in range(count):
            max_logit = max(max_logit, weights[c])
        rescale = exponential(previous_max - max_logit)
        block_sum = ZERO
        for c in range(count):
            weight = exponential(weights[c] - max_logit)
            weights[c] = weight
            block_sum += weight
        weight_sum = weight_sum * rescale + block_sum
        for d in range(size):
            output[d] *= rescale
        _add_weighted(weights, values, start, count, output, size)
    for d in range(size):
        output[d] /= weight_sum


@cache
def attention_kernel(
    *, kv_heads: int, group_size: int, head_size: int, scale: float, bfloat16: bool
) -> Any:
    """The function of ARGS that OpenMP's threads run for one layer: a row's head at a time.

    Each of the key-value heads serves ``group_size`` queries of float32. The states are float32, or
    ``bfloat16``. It stores the new key and value, and attends.
    """
    like: Any = np.uint16(0) if bfloat16 else np.float32(0)
    itemsize, factor, sources = like.itemsize, np.float32(scale), SOURCES

    def kernel(pointer: Any) -> None:
        if sources < 0:
            return  # never; see SOURCES
        args = carray(pointer, 1)[0]
        rows, layer = args.rows, args.layer
        table = array_at(args.table, (3, rows), INT64)
        output = array_at(args.output, (rows, kv_heads * group_size, head_size), ZERO)
        weights, scaled = np.empty(_BLOCK, np.float32), np.empty(head_size, np.float32)
        result = np.empty(head_size, np.float32)
        while True:
            item = atomic_next(pointer)
            if item >= rows * kv_heads:
                break
            row, head = item // kv_heads, item % kv_heads
            keys, values = _keys_and_values(
                table, row, layer, head, kv_heads, head_size, like, itemsize
            )
            columns = len(keys)
            address = args.key + (row * args.key_stride + head * head_size) * itemsize
            key = array_at(address, (head_size,), like)
            address = args.value + (row * args.value_stride + head * head_size) * itemsize
            value = array_at(address, (head_size,), like)
            for d in range(head_size):
                keys[columns - 1, d], values[columns - 1, d] = key[d], value[d]
            for query_head in range(head * group_size, head * group_size + group_size):
                address = args.query + (row * args.query_stride + query_head * head_size) * 4
                query = array_at(address, (head_size,), ZERO)
                for d in range(head_size):
                    scaled[d] = query[d] * factor
                _attend(scaled, keys, values, columns, result, weights, head_size)
                for d in range(head_size):
                    output[row, query_head, d] = result[d]

    return compile_kernel(kernel, ARGS)
