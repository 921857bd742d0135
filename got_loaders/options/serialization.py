"""Options as JSON values, and back: for readers that are stored or sent.

Left out, for they can't be written down or must not be: the password and a ``progress`` callable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from got_loaders.options import ReadOptions, ReadOverrides

__all__ = ["Json", "options_from_json", "options_to_json"]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def options_to_json(options: ReadOptions) -> dict[str, Json]:
    """The options that differ from the defaults."""
    changed = {f.name for f in fields(options) if getattr(options, f.name) != f.default}
    left_out = {"password", "progress"} if callable(options.progress) else {"password"}
    values = {name: getattr(options, name) for name in sorted(changed - left_out)}
    pages = values.get("pages")
    if isinstance(pages, range | slice):
        values["pages"] = {type(pages).__name__: [pages.start, pages.stop, pages.step]}
    regions = values.get("regions")
    if isinstance(regions, Mapping):
        values["regions"] = {str(number): boxes for number, boxes in regions.items()}
    corrections = values.get("corrections")
    if isinstance(corrections, tuple):
        values["corrections"] = [correction.to_json() for correction in corrections]
    return {name: _to_json(value) for name, value in values.items()}


def options_from_json(values: Mapping[str, object]) -> ReadOptions:
    """The options that were written down; wrong names and values raise :class:`OptionError`."""
    named = dict(values)
    pages = named.get("pages")
    if isinstance(pages, Mapping):
        ((kind, bounds),) = pages.items()
        named["pages"] = range(*bounds) if kind == "range" else slice(*bounds)
    regions = named.get("regions")
    if isinstance(regions, Mapping):
        named["regions"] = {
            int(number) if isinstance(number, str) and number.isdecimal() else number: boxes
            for number, boxes in regions.items()
        }
    return ReadOptions.of(None, cast(ReadOverrides, named))


def _to_json(value: Any) -> Json:
    """Tuples and other sequences as lists."""
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {name: _to_json(item) for name, item in value.items()}
    return [_to_json(item) for item in value]
