"""Checks of single options: each raises :class:`OptionError` with the name and the value."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal

from got_loaders.errors import OptionError
from got_loaders.types import Box, check_positive_int, checked_box

__all__ = [
    "BoxLike",
    "Regions",
    "check_choice",
    "check_dpi",
    "check_progress",
    "check_seconds",
    "check_size",
    "check_subset",
    "check_text",
    "checked_cache",
    "checked_folder",
    "checked_regions",
]

MOST_SIZE = 2**60

BoxLike = Box | tuple[float, float, float, float] | Sequence[float]
Regions = Literal["auto"] | Sequence[BoxLike] | Mapping[int, Sequence[BoxLike]] | None


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Raise unless ``value`` is one of ``choices``; True is not 1."""
    if not any(value is c or (isinstance(c, str) and value == c) for c in choices):
        raise OptionError(f"{name}={value!r}: expected one of {', '.join(map(repr, choices))}")


def check_text(name: str, value: object) -> None:
    """Raise unless ``value`` is a text or None; only a password may be empty."""
    if value is not None and not (isinstance(value, str) and (value or name == "password")):
        shown = type(value).__name__ if name == "password" else repr(value)
        raise OptionError(f"{name}={shown}: expected a text or None")


def check_progress(value: object) -> None:
    """Raise unless ``value`` is True, False or a callable."""
    if not isinstance(value, bool) and not callable(value):
        raise OptionError(f"progress={value!r}: expected True, False or a callable")


def check_dpi(value: object) -> None:
    """Raise unless ``value`` is None or a sensible resolution."""
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool) or not 10 <= value <= 1200:
        raise OptionError(f"dpi={value!r}: expected None or a number from 10 to 1200")


def check_seconds(name: str, value: object) -> None:
    """Raise unless ``value`` is a positive number of at most a day's seconds."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 86_400:
        raise OptionError(f"{name}={value!r}: expected seconds, more than none and at most a day")


def check_size(name: str, value: object) -> None:
    """Raise unless ``value`` is a positive whole number that the system can take."""
    check_positive_int(name, value)
    if value > MOST_SIZE:  # type: ignore[operator]  # a number by now
        raise OptionError(f"{name}={value!r}: expected at most {MOST_SIZE}")


def checked_folder(name: str, value: object) -> str | None:
    """A path as a text, or None."""
    if value is None:
        return None
    folder = os.fsdecode(value) if isinstance(value, str | os.PathLike) else ""
    if not folder or "\0" in folder:
        raise OptionError(f"{name}={value!r}: expected a folder or None")
    return folder


def checked_cache(value: object) -> str | bool | None:
    """True, a folder as a text, or None; False means None."""
    if isinstance(value, bool) or value is None:
        return value or None
    if not isinstance(value, str | os.PathLike):
        raise OptionError(f"cache={value!r}: expected True, a folder or None")
    return checked_folder("cache", value)


def check_subset(name: str, value: object, choices: Sequence[str]) -> tuple[str, ...]:
    """``value`` as a tuple of some ``choices``, in their order; a text stands for itself alone."""
    given = {value} if isinstance(value, str) else value
    if not isinstance(given, Sequence | AbstractSet) or not all(
        isinstance(word, str) and word in choices for word in given
    ):
        raise OptionError(f"{name}={value!r}: expected some of {', '.join(map(repr, choices))}")
    return tuple(word for word in choices if word in given)


def checked_regions(value: object) -> Regions:
    """``value`` with its boxes checked: "auto", None, a tuple of boxes, or such by page."""
    if value is None or (isinstance(value, str) and value == "auto"):
        return "auto" if value else None
    if isinstance(value, Mapping):
        return {_page(number, value): _boxes(boxes, value) for number, boxes in value.items()}
    return _boxes(value, value)


def _boxes(boxes: object, value: object) -> tuple[Box, ...]:
    if isinstance(boxes, Iterable) and not isinstance(boxes, str | bytes):
        checked = tuple(checked_box(box, name="regions") for box in boxes)
        if checked:
            return checked
    raise OptionError(
        f'regions={value!r}: expected "auto", boxes (x0, y0, x1, y1), or boxes by page number'
    )


def _page(number: object, value: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise OptionError(f"regions={value!r}: pages are whole numbers, counting from 0")
    return number
