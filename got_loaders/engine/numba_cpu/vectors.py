"""Sums of products in vectors, for one query or four at a time; bits don't depend on which.

Written in LLVM's own words, since its vectorizer finds neither form. All addresses are of float32;
a ``size`` is a multiple of :data:`SIZE_STEP`. Nothing here checks them.
"""
# ruff: noqa: ARG001  # numba calls them all with the same arguments, and asks for types by name

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = [
    "LANES",
    "QUERIES",
    "SIZE_STEP",
    "add_weighted_four",
    "add_weighted_one",
    "dot_products_four",
    "dot_products_one",
    "greatest",
]


def _lanes() -> int:
    """How many float32 a vector of this processor has."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx2") else 4


LANES = _lanes()
QUERIES = 4
"""That the second form of each function does at a time; without more of them, any may be there."""

_GROUP = LANES // QUERIES
SIZE_STEP = LANES * _GROUP
"""What a head's size is padded to a multiple of."""

_FLOAT, _LONG = ir.FloatType(), ir.IntType(64)
_VECTOR = ir.VectorType(_FLOAT, LANES)

Generate = Callable[..., ir.Value]


def _dot_products(queries: int) -> Generate:
    """A tile of LANES products: each of the queries times ``LANES // queries`` keys."""
    columns = LANES // queries

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> ir.Value:
        query, key, logits, size, stride = values
        sums = [_variable(builder, _zero()) for _ in range(LANES)]
        with cgutils.for_range_slice(
            builder, ir.Constant(_LONG, 0), size, ir.Constant(_LONG, LANES), _LONG
        ) as (at, _):
            keys = [_load(builder, key, at, size, column) for column in range(columns)]
            for number in range(queries):
                vector = _load(builder, query, at, size, number)
                for column in range(columns):
                    _add_product(builder, sums[number * columns + column], vector, keys[column])
        totals = _totals(builder, [builder.load(place) for place in sums])
        for number in range(queries):
            lanes = range(number * columns, (number + 1) * columns)
            _store(builder, _shuffled(builder, totals, totals, lanes), logits, stride, number)
        return context.get_dummy_value()

    return generate


def _add_weighted(queries: int) -> Generate:
    """Onto ``_GROUP`` vectors of each query's output: values, times their weights, in order."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> ir.Value:
        weight, value, output, count, size, stride = values
        places = [(number, vector) for number in range(queries) for vector in range(_GROUP)]
        zero = ir.Constant(_LONG, 0)
        starts = [ir.Constant(_LONG, LANES * vector) for vector in range(_GROUP)]
        sums = {
            (number, vector): _variable(
                builder, _load(builder, output, starts[vector], size, number)
            )
            for number, vector in places
        }
        with cgutils.for_range(builder, count) as loop:
            row = builder.mul(loop.index, size)
            vectors = [_load(builder, value, builder.add(row, at), zero, 0) for at in starts]
            for number in range(queries):
                scalar = _address(builder, weight, loop.index, stride, number, _FLOAT)
                factor = _broadcast(builder, builder.load(scalar))
                for vector in range(_GROUP):
                    _add_product(builder, sums[number, vector], factor, vectors[vector])
        for (number, vector), place in sums.items():
            address = _address(builder, output, starts[vector], size, number, _VECTOR)
            builder.store(builder.load(place), address, align=4)
        return context.get_dummy_value()

    return generate


def _greatest(context: Any, builder: Any, signature: Any, values: Any) -> ir.Value:
    base, count = values
    zero, step = ir.Constant(_LONG, 0), ir.Constant(_LONG, LANES)
    place = _variable(builder, _load(builder, base, zero, zero, 0))
    with cgutils.for_range_slice(builder, step, count, step, _LONG) as (at, _):
        larger = _larger(builder, builder.load(place), _load(builder, base, at, zero, 0))
        builder.store(larger, place)
    vector, half = builder.load(place), LANES // 2
    while half:
        lanes = [lane ^ half for lane in range(LANES)]
        vector = _larger(builder, vector, _shuffled(builder, vector, vector, lanes))
        half //= 2
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


def _larger(builder: Any, one: ir.Value, other: ir.Value) -> ir.Value:
    return builder.select(builder.fcmp_ordered(">", one, other), one, other)


def _totals(builder: Any, vectors: list[ir.Value]) -> ir.Value:
    """The sum of the lanes of each of LANES vectors, as one: halves are added to halves.

    Every sum is taken in the same order, wherever its vector stands.
    """
    half = LANES // 2
    while half:
        segments = range(0, LANES, 2 * half)
        low = [s + n + other for s in segments for other in (0, LANES) for n in range(half)]
        high = [lane + half for lane in low]
        vectors = [
            builder.fadd(_shuffled(builder, a, b, low), _shuffled(builder, a, b, high))
            for a, b in zip(vectors[:half], vectors[half:], strict=True)
        ]
        half //= 2
    return vectors[0]


def _add_product(builder: Any, place: ir.Value, one: ir.Value, other: ir.Value) -> None:
    product = builder.fmul(one, other, flags=("contract",))
    builder.store(builder.fadd(builder.load(place), product, flags=("contract",)), place)


def _shuffled(builder: Any, one: ir.Value, other: ir.Value, lanes: Any) -> ir.Value:
    chosen = list(lanes)
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(chosen)), chosen)
    return builder.shuffle_vector(one, other, mask)


def _broadcast(builder: Any, scalar: ir.Value) -> ir.Value:
    vector = builder.insert_element(_zero(), scalar, ir.Constant(ir.IntType(32), 0))
    return _shuffled(builder, vector, vector, [0] * LANES)


def _zero() -> ir.Constant:
    return ir.Constant(_VECTOR, [0.0] * LANES)


def _variable(builder: Any, value: ir.Value) -> ir.Value:
    """A place for a vector, which LLVM keeps in a register."""
    return cgutils.alloca_once_value(builder, value)


def _load(builder: Any, base: ir.Value, at: ir.Value, stride: ir.Value, number: int) -> ir.Value:
    return builder.load(_address(builder, base, at, stride, number, _VECTOR), align=4)


def _store(builder: Any, value: ir.Value, base: ir.Value, stride: ir.Value, number: int) -> None:
    address = _address(builder, base, ir.Constant(_LONG, 0), stride, number, value.type)
    builder.store(value, address, align=4)


def _address(
    builder: Any, base: ir.Value, at: ir.Value, stride: ir.Value, number: int, kind: ir.Type
) -> ir.Value:
    """Of ``base[number * stride + at]``, as a pointer to ``kind``."""
    elements = builder.add(builder.mul(stride, ir.Constant(_LONG, number)), at)
    address = builder.add(base, builder.mul(elements, ir.Constant(_LONG, 4)))
    return builder.inttoptr(address, kind.as_pointer())


@intrinsic
def dot_products_one(
    context: Any, query: Any, keys: Any, logits: Any, size: Any, stride: Any
) -> Any:
    """``logits[c]`` = the query times key c, for LANES keys that follow one another."""
    return types.void(*[types.int64] * 5), _dot_products(1)


@intrinsic
def dot_products_four(
    context: Any, query: Any, keys: Any, logits: Any, size: Any, stride: Any
) -> Any:
    """``logits[q * stride + c]`` = query q times key c, for QUERIES and ``LANES // QUERIES``."""
    return types.void(*[types.int64] * 5), _dot_products(QUERIES)


@intrinsic
def add_weighted_one(
    context: Any, weights: Any, values: Any, output: Any, count: Any, size: Any, stride: Any
) -> Any:
    """``output[d]`` += ``weights[c]`` times ``values[c * size + d]``, for the next SIZE_STEP d."""
    return types.void(*[types.int64] * 6), _add_weighted(1)


@intrinsic
def add_weighted_four(
    context: Any, weights: Any, values: Any, output: Any, count: Any, size: Any, stride: Any
) -> Any:
    """The same for QUERIES rows of weights, ``stride`` apart, and of output, ``size`` apart."""
    return types.void(*[types.int64] * 6), _add_weighted(QUERIES)


@intrinsic
def greatest(context: Any, numbers: Any, count: Any) -> Any:
    """The greatest of ``count`` numbers, a multiple of LANES."""
    return types.float32(types.int64, types.int64), _greatest
