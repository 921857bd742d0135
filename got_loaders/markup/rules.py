r"""Takes the arguments of commands without content: rules, lengths, labels."""

from __future__ import annotations

import re

from got_loaders.markup.calls import arguments
from got_loaders.markup.reader import Reader
from got_loaders.markup.vocabulary import ARGUMENTS

__all__ = ["layout_command", "skip_height"]

_RULES = {"toprule", "midrule", "bottomrule", "addlinespace"}
_TRIM = re.compile(r"\s*\([lr]*\)\s*")
r"""The ``(lr)`` of a ``\cmidrule``."""
_HEIGHT = re.compile(r"\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|\\\w+)\s*")


def layout_command(reader: Reader, position: int, high: int, name: str) -> int:
    """The token after a command without content, whose arguments begin at ``position``."""
    if name == "cmidrule" and position < high:
        position += bool(_TRIM.fullmatch(reader.source.tokens[position].text[:50]))
    elif name in _RULES:
        position = _skip_length(reader, position, high)
    return arguments(reader, position, high, ARGUMENTS[name])[1]


def skip_height(reader: Reader, position: int, high: int) -> int:
    r"""The token after the star and the ``[2pt]`` that may follow a ``\\``."""
    return _skip_length(reader, reader.skip_star(position, high), high)


def _skip_length(reader: Reader, position: int, high: int) -> int:
    option = reader.option(position, high)
    return option.after if option and _HEIGHT.fullmatch(reader.start(option)) else position
