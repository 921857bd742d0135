"""The options of a read where an agent asks for it."""

from __future__ import annotations

from typing import cast

from got_loaders.errors import OptionError
from got_loaders.options import ReadOptions, ReadOverrides

__all__ = ["AGENT_DEFAULTS", "agent_options"]

AGENT_DEFAULTS: ReadOverrides = {"urls": False, "max_pages": 10, "on_error": "keep"}
"""Where agents' defaults differ: more pages would hardly fit their context."""


def agent_options(options: ReadOptions | None, overrides: ReadOverrides) -> ReadOptions:
    """Agents' defaults hold whatever ``options`` say, but for how these treat errors.

    Raises :class:`OptionError` where pictures would be written out in what a model is told.
    """
    kept = () if options is None else ("on_error",)
    defaults = {name: value for name, value in AGENT_DEFAULTS.items() if name not in kept}
    chosen = ReadOptions.of(options, cast(ReadOverrides, defaults | dict(overrides)))
    if chosen.figures == "inline":
        raise OptionError("figures='inline': agents are told text; figures='keep' names files")
    return chosen
