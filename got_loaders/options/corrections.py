"""The check of the option that names corrections: a file of them, or they themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from os import PathLike

from got_loaders.errors import OptionError, shown
from got_loaders.types import Correction

__all__ = ["CorrectionsLike", "check_corrections"]

CorrectionsLike = str | PathLike[str] | Sequence[Correction] | None


def check_corrections(name: str, value: object) -> str | tuple[Correction, ...] | None:
    """A path as a text, a tuple of corrections, which may be given as their JSON, or None."""
    if value is None:
        return None
    if isinstance(value, str | os.PathLike):
        path = os.fsdecode(value)
        if path and "\0" not in path:
            return path
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return tuple(_correction(f"{name}[{index}]", item) for index, item in enumerate(value))
    raise OptionError(f"{name}={shown(value)}: expected a file, corrections or None")


def _correction(place: str, value: object) -> Correction:
    if isinstance(value, Correction):
        return value
    if not isinstance(value, Mapping):
        raise OptionError(f"{place}={shown(value)}: expected a Correction")
    try:
        return Correction.from_json(value)
    except OptionError as error:
        raise OptionError(f"{place}: {error}") from error
