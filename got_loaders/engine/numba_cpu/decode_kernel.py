"""A whole decode step of a small Qwen2 decoder as one function that all threads run together.

A small model's step is more than a hundred operations of torch, and calling them takes longer than
what they do. Here the threads meet five times a layer, and Python is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import carray, njit

from got_loaders.engine.numba_cpu.attention_kernel import COLUMNS, attend, states_of
from got_loaders.engine.numba_cpu.intrinsics import (
    FAST,
    ONE,
    SOURCES,
    WHOLE,
    ZERO,
    array_at,
    barrier,
    compiled,
    exponential,
    next_item,
)
from got_loaders.engine.numba_cpu.matmul_kernel import ADDED, GATED, NORMED, multiply

__all__ = [
    *("StepShape", "phases", "step_kernel"),
    *("ACTIVE", "BARRIER", "BIASES", "CHOSEN", "CONTEXT", "COSINES", "DOWN", "EMBEDDINGS"),
    *("GATE_UP", "HEAD", "HIDDEN", "LOGITS", "MIXED", "NUMBERS", "OUT", "POSITIONS"),
    *("PROBABILITIES", "PROJECTED", "QKV", "ROWS", "SINES", "TABLE", "TOKENS"),
]

# What stands where in the block, before the counters of the phases: whole numbers and addresses.
ROWS, TABLE, BARRIER, CONTEXT, TOKENS, POSITIONS, CHOSEN, PROBABILITIES = range(8)
HIDDEN, PROJECTED, MIXED, ACTIVE, LOGITS = range(8, 13)
EMBEDDINGS, COSINES, SINES, QKV, BIASES, OUT, GATE_UP, DOWN, HEAD = range(13, 22)
NUMBERS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShape:
    """The sizes of a decoder. ``middle`` is the width of its MLP, ``size`` that of a head.

    The ``words`` of the vocabulary are the first of the ``outputs``, the others are padding.
    """

    layers: int
    width: int
    middle: int
    heads: int
    kv_heads: int
    size: int
    words: int
    outputs: int
    scale: float
    epsilon: float


def phases(layers: int) -> int:
    """How many counters a step of so many layers needs."""
    return 5 * layers + 3


@njit(inline="always")
def _turn(states: Any, cosines: Any, sines: Any, out: Any, size: Any) -> None:
    """A head's states (size,), turned for their position by the tables of ``decoder``."""
    half = size // 2
    for d in range(half):
        one, other = states[d], states[half + d]
        out[d] = one * cosines[d] + other * sines[d]
        out[half + d] = other * cosines[half + d] + one * sines[half + d]


@njit(fastmath=FAST, error_model="numpy")
def _embed(block: Any, phase: Any, tokens: Any, embeddings: Any, hidden: Any) -> None:
    """Each row's newest token, as the first layer wants it."""
    rows, width = hidden.shape
    while True:
        row = next_item(block, phase)
        if row >= rows:
            break
        for k in range(width):
            hidden[row, k] = embeddings[tokens[row], k]


@njit(inline="always")
def _attend(
    block: Any, phase: Any, table: Any, layer: Any, projected: Any, positions: Any,
    cosines: Any, sines: Any, mixed: Any, heads: Any, kv_heads: Any, size: Any, scale: Any,
) -> None:  # fmt: skip
    """Store each row's new keys and values, and attend; a row's key-value head at a time.

    ``projected`` (rows, states) has queries, keys and values side by side; ``cosines`` and
    ``sines`` are the rotary tables (positions, size).
    """
    rows, group = len(projected), heads // kv_heads
    weights, turned = np.empty(COLUMNS, np.float32), np.empty(size, np.float32)
    result = np.empty(size, np.float32)
    while True:
        item = next_item(block, phase)
        if item >= rows * kv_heads:
            break
        row, own = item // kv_heads, item % kv_heads
        keys, values = states_of(table, row, layer, own, kv_heads, size, ZERO, 4)
        columns, first, at = len(keys), (heads + own) * size, positions[row]
        _turn(projected[row, first:], cosines[at], sines[at], keys[columns - 1], size)
        first += kv_heads * size
        for d in range(size):
            values[columns - 1, d] = projected[row, first + d]
        for one in range(own * group, own * group + group):
            first = one * size
            _turn(projected[row, first:], cosines[at], sines[at], turned, size)
            for d in range(size):
                turned[d] *= scale
            attend(turned, keys, values, columns, result, weights, size)
            for d in range(size):
                mixed[row, first + d] = result[d]


@njit(fastmath=FAST, error_model="numpy")
def _choose(
    block: Any, phase: Any, logits: Any, words: Any, chosen: Any, probabilities: Any
) -> None:
    """The first of the ``words`` with a row's greatest logit, and its share of the softmax."""
    rows = len(logits)
    while True:
        row = next_item(block, phase)
        if row >= rows:
            break
        best = 0
        for word in range(1, words):
            if logits[row, word] > logits[row, best]:
                best = word
        total = ZERO
        for word in range(words):
            total += exponential(logits[row, word] - logits[row, best])
        chosen[row], probabilities[row] = best, ONE / total


@cache
def step_kernel(shape: StepShape) -> Any:
    """The function that OpenMP's threads run for one token of every row."""
    layers, width, middle, size = shape.layers, shape.width, shape.middle, shape.size
    heads, kv_heads, words, outputs = shape.heads, shape.kv_heads, shape.words, shape.outputs
    inner, wide = heads * size, (heads + 2 * kv_heads) * size
    scale, epsilon, sources = np.float32(shape.scale), np.float32(shape.epsilon), SOURCES

    def kernel(block: Any) -> None:
        if sources < 0:
            return  # never; see SOURCES
        numbers = carray(block, (NUMBERS,))
        rows, wait = numbers[ROWS], numbers[BARRIER]
        table = array_at(numbers[TABLE], (3, rows), WHOLE)
        tokens = array_at(numbers[TOKENS], (rows,), WHOLE)
        hidden = array_at(numbers[HIDDEN], (rows, width), ZERO)
        projected = array_at(numbers[PROJECTED], (rows, wide), ZERO)
        mixed = array_at(numbers[MIXED], (rows, inner), ZERO)
        active = array_at(numbers[ACTIVE], (rows, middle), ZERO)
        logits = array_at(numbers[LOGITS], (rows, outputs), ZERO)
        chosen = array_at(numbers[CHOSEN], (rows,), WHOLE)
        probabilities = array_at(numbers[PROBABILITIES], (rows,), ZERO)
        positions = array_at(numbers[POSITIONS], (rows,), WHOLE)
        cosines = array_at(numbers[COSINES], (numbers[CONTEXT], size), ZERO)
        sines = array_at(numbers[SINES], (numbers[CONTEXT], size), ZERO)
        embeddings = array_at(numbers[EMBEDDINGS], (words, width), ZERO)
        qkv = array_at(numbers[QKV], (layers, wide, width), ZERO)
        biases = array_at(numbers[BIASES], (layers, wide), ZERO)
        out = array_at(numbers[OUT], (layers, width, inner), ZERO)
        gate_up = array_at(numbers[GATE_UP], (layers, 2 * middle, width), ZERO)
        down = array_at(numbers[DOWN], (layers, width, middle), ZERO)
        head = array_at(numbers[HEAD], (outputs, width), ZERO)
        none = np.zeros(outputs, np.float32)
        phase = NUMBERS
        _embed(block, phase, tokens, embeddings, hidden)
        for layer in range(layers):
            barrier(wait)
            bias = biases[layer]
            multiply(block, phase + 1, NORMED, hidden, qkv[layer], bias, projected, epsilon)
            barrier(wait)
            _attend(
                block, phase + 2, table, layer, projected, positions,
                cosines, sines, mixed, heads, kv_heads, size, scale,
            )  # fmt: skip
            barrier(wait)
            multiply(block, phase + 3, ADDED, mixed, out[layer], none, hidden, epsilon)
            barrier(wait)
            multiply(block, phase + 4, GATED, hidden, gate_up[layer], none, active, epsilon)
            barrier(wait)
            multiply(block, phase + 5, ADDED, active, down[layer], none, hidden, epsilon)
            phase += 5
        barrier(wait)
        multiply(block, phase + 1, NORMED, hidden, head, none, logits, epsilon)
        barrier(wait)
        _choose(block, phase + 2, logits, words, chosen, probabilities)

    return compiled(kernel)
