"""A whole decode step of a small Qwen2 decoder as one function that all threads run together.

A small model's step is hundreds of operations of a few microseconds each, and calling them takes
longer than what they do. Here the threads meet five times a layer, and Python is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import carray, njit

from got_loaders.engine.compiled.attention import COLUMNS, attend
from got_loaders.engine.compiled.primitives import (
    ONE,
    SOURCES,
    WHOLE,
    ZERO,
    barrier,
    compiled,
    elements_at,
    exponential,
    next_item,
)
from got_loaders.engine.compiled.products import ADDED, GATED, NORMED, multiply

__all__ = [
    *("StepShape", "phases", "step_kernel"),
    *(
        "ACTIVE",
        "BARRIER",
        "BIASES",
        "CHOSEN",
        "COSINES",
        "DOWN",
        "EMBEDDINGS",
        "GATE_UP",
        "HEAD",
        "HIDDEN",
    ),
    *("LENGTHS", "LOGITS", "MIXED", "OUT", "PLACES", "POSITIONS", "PROJECTED", "QKV", "ROOMS"),
    *("NUMBERS", "PROBABILITIES", "ROWS", "SINES", "TOKENS"),
]

# What stands where in the block, before the counters of the phases: whole numbers and addresses.
ROWS, LENGTHS, PLACES, ROOMS, TOKENS, POSITIONS, BARRIER = range(7)
HIDDEN, PROJECTED, MIXED, ACTIVE, LOGITS, CHOSEN, PROBABILITIES = range(7, 14)
EMBEDDINGS, COSINES, SINES, QKV, BIASES, OUT, GATE_UP, DOWN, HEAD = range(14, 23)
NUMBERS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShape:
    """The sizes of a decoder. ``middle`` is the width of its MLP, ``size`` that of a head.

    ``vocabulary`` counts the outputs; the ``words`` are the first of them, the others padding.
    """

    layers: int
    width: int
    middle: int
    heads: int
    kv_heads: int
    size: int
    vocabulary: int
    words: int
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


@njit(inline="always")
def _choice(logits: Any, words: Any) -> Any:
    """The first of the ``words`` with the greatest logit, and its share of the softmax."""
    best = 0
    for word in range(1, words):
        if logits[word] > logits[best]:
            best = word
    total = ZERO
    for word in range(words):
        total += exponential(logits[word] - logits[best])
    return best, ONE / total


@cache
def step_kernel(shape: StepShape) -> Any:
    """The function that OpenMP's threads run for one token of every row."""
    layers, width, middle, size = shape.layers, shape.width, shape.middle, shape.size
    heads, kv_heads = shape.heads, shape.kv_heads
    words, vocabulary = shape.words, shape.vocabulary
    group, inner, wide = heads // kv_heads, heads * size, (heads + 2 * kv_heads) * size
    scale, epsilon, sources = np.float32(shape.scale), np.float32(shape.epsilon), SOURCES

    def kernel(block: Any) -> None:
        if sources < 0:
            return  # never; see SOURCES
        numbers = carray(block, (NUMBERS,))
        rows, wait = numbers[ROWS], numbers[BARRIER]
        lengths = carray(elements_at(numbers[LENGTHS], WHOLE), (rows,))
        places = carray(elements_at(numbers[PLACES], WHOLE), (rows,))
        rooms = carray(elements_at(numbers[ROOMS], WHOLE), (rows,))
        tokens = carray(elements_at(numbers[TOKENS], WHOLE), (rows,))
        positions = carray(elements_at(numbers[POSITIONS], WHOLE), (rows,))
        hidden = carray(elements_at(numbers[HIDDEN], ZERO), (rows, width))
        projected = carray(elements_at(numbers[PROJECTED], ZERO), (rows, wide))
        mixed = carray(elements_at(numbers[MIXED], ZERO), (rows, inner))
        active = carray(elements_at(numbers[ACTIVE], ZERO), (rows, middle))
        logits = carray(elements_at(numbers[LOGITS], ZERO), (rows, vocabulary))
        chosen = carray(elements_at(numbers[CHOSEN], WHOLE), (rows,))
        probabilities = carray(elements_at(numbers[PROBABILITIES], ZERO), (rows,))
        embeddings = carray(elements_at(numbers[EMBEDDINGS], ZERO), (vocabulary, width))
        cosines = carray(elements_at(numbers[COSINES], ZERO), (1, size))
        sines = carray(elements_at(numbers[SINES], ZERO), (1, size))
        qkv = carray(elements_at(numbers[QKV], ZERO), (layers, wide, width))
        biases = carray(elements_at(numbers[BIASES], ZERO), (layers, wide))
        out = carray(elements_at(numbers[OUT], ZERO), (layers, width, inner))
        gate_up = carray(elements_at(numbers[GATE_UP], ZERO), (layers, 2 * middle, width))
        down = carray(elements_at(numbers[DOWN], ZERO), (layers, width, middle))
        head = carray(elements_at(numbers[HEAD], ZERO), (vocabulary, width))
        none = np.zeros(vocabulary, np.float32)
        weights, turned = np.empty(COLUMNS, np.float32), np.empty(size, np.float32)
        result = np.empty(size, np.float32)
        phase = NUMBERS
        while True:
            row = next_item(block, phase)
            if row >= rows:
                break
            for k in range(width):
                hidden[row, k] = embeddings[tokens[row], k]
        for layer in range(layers):
            barrier(wait)
            bias = biases[layer]
            multiply(block, phase + 1, NORMED, hidden, qkv[layer], bias, projected, epsilon)
            barrier(wait)
            while True:
                item = next_item(block, phase + 2)
                if item >= rows * kv_heads:
                    break
                row, own = item // kv_heads, item % kv_heads
                length, room, at = lengths[row], rooms[row] * size * 4, positions[row]
                place = places[row] + (layer * 2 * kv_heads + own) * room
                keys = carray(elements_at(place, ZERO), (length + 1, size))
                values = carray(elements_at(place + kv_heads * room, ZERO), (length + 1, size))
                first = (heads + own) * size
                _turn(projected[row, first:], cosines[at], sines[at], keys[length], size)
                first += kv_heads * size
                for d in range(size):
                    values[length, d] = projected[row, first + d]
                for one in range(own * group, own * group + group):
                    first = one * size
                    _turn(projected[row, first:], cosines[at], sines[at], turned, size)
                    for d in range(size):
                        turned[d] *= scale
                    attend(turned, keys, values, length + 1, result, weights, size)
                    for d in range(size):
                        mixed[row, first + d] = result[d]
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
        while True:
            row = next_item(block, phase + 2)
            if row >= rows:
                break
            chosen[row], probabilities[row] = _choice(logits[row], words)

    return compiled(kernel)
