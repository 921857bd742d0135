"""What the compiled functions are made of: pointers, a shared counter, an exponential.

A compiled function gets the address of its arguments, some of which are addresses themselves.
Nothing here checks them.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, from_dtype, njit, types
from numba.extending import intrinsic

__all__ = [
    "INT64",
    "SOURCES",
    "ZERO",
    "array_at",
    "atomic_next",
    "compile_kernel",
    "exponential",
    "to_f32",
]

_log = logging.getLogger(__name__)

_FAST = {"reassoc", "contract", "nsz", "arcp"}
"""Sums may be taken in any order, which vectors need. Infinities are not promised away."""

ZERO, INT64 = np.float32(0), np.int64(0)

SOURCES = zlib.crc32(b"".join(p.read_bytes() for p in sorted(Path(__file__).parent.glob("*.py"))))
"""A checksum of this folder. numba compiles a function anew when its own file has changed or what
it closes over: functions that close over this know of the other files too."""

_WORD, _LONG = ir.IntType(32), ir.IntType(64)


def compile_kernel(function: Callable[[Any], None], args: np.dtype[Any]) -> Any:
    """``function`` of a pointer to ``args``, as OpenMP's threads run it; kept on the disk if that
    can be."""
    signature = types.void(types.CPointer(from_dtype(args)))
    options: dict[str, Any] = {"fastmath": _FAST, "error_model": "numpy"}
    try:
        return cfunc(signature, cache=True, **options)(function)
    except RuntimeError as error:  # no folder that numba may write to
        _log.info("the compiled functions can't be kept: %s", error)
        return cfunc(signature, **options)(function)


@intrinsic
def _elements_at(context: Any, address: Any, like: Any) -> Any:
    """A pointer to numbers of the type of ``like``."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], context.get_value_type(signature.return_type))

    return types.CPointer(like)(types.int64, like), generate


@njit(inline="always")
def array_at(address: Any, shape: Any, like: Any) -> Any:
    """The array of this shape that begins at an address, of numbers like ``like``."""
    return carray(_elements_at(address, like), shape)


@intrinsic
def to_f32(context: Any, value: Any) -> Any:
    """A float32 as it is; a uint16 that holds a bfloat16 as the float32 of the same value."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        if signature.args[0] == types.float32:
            return values[0]
        bits = builder.shl(builder.zext(values[0], _WORD), ir.Constant(_WORD, 16))
        return builder.bitcast(bits, ir.FloatType())

    return types.float32(value), generate


@intrinsic
def atomic_next(context: Any, counter: Any) -> Any:
    """The int64 at a pointer, which then grows by one: each thread gets another."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = builder.bitcast(values[0], _LONG.as_pointer())
        return builder.atomic_rmw("add", place, ir.Constant(_LONG, 1), "seq_cst")

    return types.int64(counter), generate


@intrinsic
def _times_two_to(context: Any, value: Any, power: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        shifted = builder.shl(values[1], ir.Constant(_WORD, 23))
        bits = builder.add(builder.bitcast(values[0], _WORD), shifted)
        return builder.bitcast(bits, ir.FloatType())

    return types.float32(types.float32, types.int32), generate


_LOG2_E, _LN_2 = np.float32(1.4426950408889634), np.float32(0.6931471805599453)
_LOWEST, _HALF, _ONE = np.float32(-87.0), np.float32(0.5), np.float32(1.0)
_C2, _C3, _C4, _C5, _C6, _C7 = (np.float32(1 / n) for n in (2, 6, 24, 120, 720, 5040))


@njit(inline="always")
def exponential(value: Any) -> Any:
    """``exp(value)`` in float32 of what is not positive, without a branch: loops become vectors.

    Two to a whole power times a Taylor series, whose rest is below 1e-8 up to half of ln 2. Below
    -87, where the result would leave the normal numbers, it is exp(-87), 1.6e-38: for a softmax
    that is nothing.
    """
    value = max(value, _LOWEST)
    power = np.floor(value * _LOG2_E + _HALF)
    rest = value - power * _LN_2
    series = _C6 + rest * _C7
    series = _C5 + rest * series
    series = _C4 + rest * series
    series = _C3 + rest * series
    series = _C2 + rest * series
    return _times_two_to(_ONE + rest * (_ONE + rest * series), np.int32(power))
