"""A property that is worked out once for each object, without keeping others from theirs.

Python 3.11's own takes one lock for all objects of a class: pages of all threads would be rendered
one after another, and a child that was forked meanwhile would wait for ever. Later ones take none.
"""

from __future__ import annotations

import sys

__all__ = ["cached_property"]

if sys.version_info >= (3, 12):
    from functools import cached_property
else:
    from collections.abc import Callable
    from typing import Any, Generic, TypeVar

    T = TypeVar("T")

    class cached_property(Generic[T]):  # noqa: N801  # as in the standard library
        """``functools.cached_property`` as it is from Python 3.12 on."""

        def __init__(self, func: Callable[[Any], T]) -> None:
            self.func = func
            self.__doc__ = func.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self.name = name

        def __get__(self, instance: object, owner: type | None = None) -> T:
            if self.name not in instance.__dict__:
                instance.__dict__[self.name] = self.func(instance)
            value: T = instance.__dict__[self.name]
            return value
