"""How an option is stated: once, as a field with its check and its flag on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

__all__ = ["Flag", "Group", "option"]

T = TypeVar("T")

Check = Callable[[str, Any], Any]
"""Gets an option's name and value; returns the value to keep, or raises OptionError."""

Group = Literal["what to read", "how to read", "output", "limits"]
"""Under these headings the options stand in ``--help`` and in the docs."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag of ``got-loaders read`` that sets an option.

    ``metavar`` says what kind of value it takes; one without it sets the option to ``const``.
    ``name`` is "--" and the option's own where it is not given. What has another ``dest`` is put
    into the option by the command line itself.
    """

    help: str
    metavar: str | None = None
    name: str | None = None
    const: bool | None = None
    dest: str | None = None


def option(
    default: T,
    check: Check,
    group: Group,
    *flags: Flag,
    affects_text: bool = True,
    repr: bool = True,
) -> T:
    """A field of ReadOptions; what its metadata holds here is read by checks, flags and docs.

    Flags of one option exclude each other. An option without ``affects_text`` decides which pages
    are read, not what the record of one says: ``--resume`` lets it change. Limits are all of those.
    """
    metadata = {
        "check": check,
        "group": group,
        "flags": flags,
        "affects_text": affects_text and group != "limits",
    }
    return field(default=default, repr=repr, metadata=metadata)
