"""Attention of one query to the keys and values of its row, in a single pass over both."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import carray, njit

from got_loaders.engine.numba_cpu.intrinsics import (
    SOURCES,
    WHOLE,
    ZERO,
    array_at,
    compiled,
    exponential,
    next_item,
    widened,
)

__all__ = [
    *("COLUMNS", "attend", "attention_kernel", "states_of"),
    *("KEY", "KEY_STEP", "LAYER", "MIXED", "NEXT", "NUMBERS", "QUERY", "QUERY_STEP"),
    *("ROWS", "TABLE", "VALUE", "VALUE_STEP"),
]

COLUMNS = 128
"""Columns whose logits are computed before their values are read."""

_LOWEST = np.float32(-3e38)

# What stands where in the block. The counter has a cache line to itself. TABLE is the address of
# the cache's table; QUERY, KEY, VALUE and MIXED are addresses of states, and a STEP is the distance
# of two rows, in elements.
NEXT, ROWS, LAYER, TABLE = 0, 8, 9, 10
QUERY, KEY, VALUE, MIXED, QUERY_STEP, KEY_STEP, VALUE_STEP = range(11, 18)
NUMBERS = 24


@njit(inline="always")
def states_of(
    table: Any, row: Any, layer: Any, head: Any, heads: Any, size: Any, like: Any, width: Any
) -> Any:
    """Keys and values of a row's head in a layer, (columns, size) each; the last column is free.

    ``table`` (3, rows) has lengths, places and rooms. ``width`` is that of ``like``, in bytes.
    """
    columns, room = table[0, row] + 1, table[2, row] * size * width
    place = table[1, row] + (layer * 2 * heads + head) * room
    keys = array_at(place, (columns, size), like)
    return keys, array_at(place + heads * room, (columns, size), like)


@njit(inline="always")
def _products(query: Any, keys: Any, start: Any, count: Any, logits: Any, size: Any) -> None:
    """``logits[c]`` = ``query`` times the key in column ``start + c``; four at a time."""
    fours = count // 4 * 4
    for c in range(0, fours, 4):
        first, second, third, fourth = ZERO, ZERO, ZERO, ZERO
        for d in range(size):
            first += query[d] * widened(keys[start + c, d])
            second += query[d] * widened(keys[start + c + 1, d])
            third += query[d] * widened(keys[start + c + 2, d])
            fourth += query[d] * widened(keys[start + c + 3, d])
        logits[c], logits[c + 1], logits[c + 2], logits[c + 3] = first, second, third, fourth
    for c in range(fours, count):
        first = ZERO
        for d in range(size):
            first += query[d] * widened(keys[start + c, d])
        logits[c] = first


@njit(inline="always")
def _add(weights: Any, values: Any, start: Any, count: Any, mixed: Any, size: Any) -> None:
    """``mixed`` += the sum of ``weights[c]`` times the value in column ``start + c``."""
    fours = count // 4 * 4
    for c in range(0, fours, 4):
        first, second, third, fourth = weights[c], weights[c + 1], weights[c + 2], weights[c + 3]
        for d in range(size):
            mixed[d] += (
                first * widened(values[start + c, d])
                + second * widened(values[start + c + 1, d])
                + third * widened(values[start + c + 2, d])
                + fourth * widened(values[start + c + 3, d])
            )
    for c in range(fours, count):
        for d in range(size):
            mixed[d] += weights[c] * widened(values[start + c, d])


@njit(inline="always")
def attend(
    query: Any, keys: Any, values: Any, length: Any, mixed: Any, weights: Any, size: Any
) -> None:
    """The values, weighted by the softmax of ``query`` times the keys, in ``mixed`` (size,).

    A block of columns after the other, with the greatest logit and the sum of the weights so far
    (Milakov and Gimelshein, 2018). ``weights`` (COLUMNS,) is scratch.
    """
    greatest, total = _LOWEST, ZERO
    for d in range(size):
        mixed[d] = ZERO
    for start in range(0, length, COLUMNS):
        count = min(COLUMNS, length - start)
        _products(query, keys, start, count, weights, size)
        before = greatest
        for c in range(count):
            greatest = max(greatest, weights[c])
        shrink = exponential(before - greatest)
        part = ZERO
        for c in range(count):
            weight = exponential(weights[c] - greatest)
            weights[c] = weight
            part += weight
        total = total * shrink + part
        for d in range(size):
            mixed[d] *= shrink
        _add(weights, values, start, count, mixed, size)
    for d in range(size):
        mixed[d] /= total


@cache
def attention_kernel(*, heads: int, group: int, size: int, scale: float, half: bool) -> Any:
    """The function that OpenMP's threads run for one layer: a row's head at a time.

    ``heads`` are those of keys and values, each for ``group`` queries of float32, of ``size``. The
    states are float32, or bfloat16 if ``half``. It stores the new key and value, and attends.
    """
    like: Any = np.uint16(0) if half else np.float32(0)
    width, factor, sources = like.itemsize, np.float32(scale), SOURCES

    def kernel(block: Any) -> None:
        if sources < 0:
            return  # never; see SOURCES
        numbers = carray(block, (NUMBERS,))
        rows, layer = numbers[ROWS], numbers[LAYER]
        table = array_at(numbers[TABLE], (3, rows), WHOLE)
        mixed = array_at(numbers[MIXED], (rows, heads * group, size), ZERO)
        weights, scaled = np.empty(COLUMNS, np.float32), np.empty(size, np.float32)
        result = np.empty(size, np.float32)
        while True:
            item = next_item(block, NEXT)
            if item >= rows * heads:
                break
            row, head = item // heads, item % heads
            keys, values = states_of(table, row, layer, head, heads, size, like, width)
            columns = len(keys)
            place = numbers[KEY] + (row * numbers[KEY_STEP] + head * size) * width
            key = array_at(place, (size,), like)
            place = numbers[VALUE] + (row * numbers[VALUE_STEP] + head * size) * width
            value = array_at(place, (size,), like)
            for d in range(size):
                keys[columns - 1, d], values[columns - 1, d] = key[d], value[d]
            for one in range(head * group, head * group + group):
                place = numbers[QUERY] + (row * numbers[QUERY_STEP] + one * size) * 4
                query = array_at(place, (size,), ZERO)
                for d in range(size):
                    scaled[d] = query[d] * factor
                attend(scaled, keys, values, columns, result, weights, size)
                for d in range(size):
                    mixed[row, one, d] = result[d]

    return compiled(kernel)
