"""Which values hold sources, and what to say of those that are neither a source nor hold any."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import TypeGuard

from got_loaders.errors import UnsupportedSourceError

__all__ = ["is_collection", "not_a_source"]


def is_collection(obj: object) -> TypeGuard[Iterable[object]]:
    """Whether its items are sources: a list, a set, a generator, or any other iterable.

    Records that can be iterated as well are none: mappings, pydantic's models, and Sanic's uploads,
    which are named tuples (type, body, name); nor are tensors and tables, but a table's column.
    """
    if isinstance(obj, Mapping) or hasattr(type(obj), "model_fields") or _is_tensor(obj):
        return False
    return isinstance(obj, Iterable) and "body" not in getattr(obj, "_fields", ())


def not_a_source(obj: object) -> UnsupportedSourceError:
    """The error that says what can be passed instead."""
    return UnsupportedSourceError(f"a {type(obj).__name__} is not a source: {_advice(obj)}")


def _is_tensor(obj: object) -> bool:
    """Whether it is an array of whatever library, with more or fewer dimensions than a list."""
    return hasattr(obj, "__array__") and len(getattr(obj, "shape", ())) != 1


def _advice(obj: object) -> str:
    if hasattr(obj, "columns"):
        return "pass the column that holds the paths"
    if _is_tensor(obj):
        return (
            "pass a numpy array of shape (height, width, 3); of a tensor with its channels first, "
            "tensor.permute(1, 2, 0).cpu().numpy()"
        )
    if isinstance(obj, Mapping):
        return "pass its .values(), or its .items() where they are names with bytes"
    if isinstance(obj, AsyncIterable):
        return "collect it first, [source async for source in …], and pass the list"
    return (
        "pass a path, a URL, bytes, (name, bytes), a binary file object, a Pillow image, a numpy "
        "array, a folder or an iterable of these"
    )
