"""Options in a few words: for the ``repr`` of what holds them, and for pickles."""

from __future__ import annotations

import pickle
from dataclasses import fields
from typing import TYPE_CHECKING

from got_loaders.errors import shown

if TYPE_CHECKING:
    from got_loaders.options.read import ReadOptions

__all__ = ["as_it_is", "describe_options", "picklable_state"]

_MAX_VALUE = 80


def describe_options(options: ReadOptions, defaults: ReadOptions) -> list[str]:
    """``name=value`` of each option that is not as in ``defaults``; of a password, that it is."""
    return [
        f"{field.name}={_value(field.name, getattr(options, field.name))}"
        for field in fields(options)
        if getattr(options, field.name) != getattr(defaults, field.name)
    ]


def as_it_is(options: ReadOptions, _memo: object = None) -> ReadOptions:
    """A copy of what never changes."""
    return options


def picklable_state(options: ReadOptions) -> list[object]:
    """The values of all fields, for a pickle; a ``progress`` that no pickle can hold is left out.

    Raises ``TypeError`` where there is a password.
    """
    if options.password is not None:
        raise TypeError(
            "options with a password are not pickled, for it would stand there in clear: "
            "read in this process, or make the options where they are used"
        )
    left_out = set() if _is_picklable(options.progress) else {"progress"}
    return [
        field.default if field.name in left_out else getattr(options, field.name)
        for field in fields(options)
    ]


def _value(name: str, value: object) -> str:
    if name == "password":
        return "***"
    if name == "corrections" and isinstance(value, tuple):  # whole texts of any length
        return f"<{len(value)} in all>"
    if callable(value):
        return str(getattr(value, "__name__", f"<{type(value).__name__}>"))
    text = shown(value)
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"


def _is_picklable(value: object) -> bool:
    """Whether it can be found again in another process: a lambda can't."""
    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001  # whatever a class of the caller's raises
        return False
    return True
