"""Which values hold sources, and what to say of those that are neither a source nor hold any."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from typing import TypeGuard

from got_loaders.errors import UnsupportedSourceError

__all__ = ["SourceIterator", "is_collection", "not_a_source", "once"]


def is_collection(obj: object) -> TypeGuard[Iterable[object]]:
    """Whether its items are sources: a list, a set, a generator, or any other iterable.

    Records that can be iterated as well are none: mappings, pydantic's models, and Sanic's uploads,
    which are named tuples (type, body, name); nor are tensors and tables, but a table's column.
    """
    if isinstance(obj, Mapping) or hasattr(type(obj), "model_fields") or _is_tensor(obj):
        return False
    return isinstance(obj, Iterable) and "body" not in getattr(obj, "_fields", ())


class SourceIterator:
    """An iterator of sources. It gives them once: to go through it again raises, and is not empty.

    :class:`UnsupportedSourceError` is not one source's, so it is never given as a value.
    """

    def __init__(self, sources: Iterator[object]) -> None:
        self._sources = sources
        self._is_used = False

    def __iter__(self) -> Iterator[object]:
        if self._is_used:
            raise UnsupportedSourceError(
                f"the sources came from a {self}, which gives them once, and were read already: "
                "to read them again, pass a list"
            )
        self._is_used = True
        return self._sources

    def __repr__(self) -> str:
        return type(self._sources).__name__


def once(obj: object) -> object:
    """``obj`` with every iterator in it as a :class:`SourceIterator`, for those who keep it."""
    if isinstance(obj, list | tuple) and any(isinstance(item, Iterator) for item in obj):
        return [once(item) for item in obj]
    is_file = hasattr(obj, "read")
    return SourceIterator(obj) if isinstance(obj, Iterator) and not is_file else obj


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
