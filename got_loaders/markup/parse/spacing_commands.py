r"""Takes the arguments of commands without content: rules, lengths, labels."""

from __future__ import annotations

import re

from got_loaders.markup.parse.command_call import take_arguments
from got_loaders.markup.parse.cursor import TokenCursor
from got_loaders.markup.parse.latex_commands import ARGUMENTS

__all__ = ["skip_height", "skip_layout_command"]

_RULES = {"toprule", "midrule", "bottomrule", "addlinespace"}
_NARROW = {
    "cline": re.compile(r"[\d\s-]*"),
    "cmidrule": re.compile(r"[\d\s-]*"),
    "label": re.compile(r"\S*"),
}
"""What the arguments of some can only be; else they are content that lost a brace."""
_TRIM = re.compile(r"\s*\([lr]*\)\s*")
r"""The ``(lr)`` of a ``\cmidrule``."""
_HEIGHT = re.compile(r"\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|\\\w+)\s*")


def skip_layout_command(cursor: TokenCursor, position: int, high: int, name: str) -> int:
    """The token after a command without content, whose arguments begin at ``position``."""
    if name == "cmidrule" and position < high:
        position += bool(_TRIM.fullmatch(cursor.source.tokens[position].text[:50]))
    elif name in _RULES:
        position = _skip_length(cursor, position, high)
    group = cursor.group(position, high)
    if group and name in _NARROW and not _NARROW[name].fullmatch(cursor.start(group)):
        return position
    return take_arguments(cursor, position, high, ARGUMENTS[name])[1]


def skip_height(cursor: TokenCursor, position: int, high: int) -> int:
    r"""The token after the star and the ``[2pt]`` that may follow a ``\\``."""
    if position < high and cursor.source.tokens[position].text.rstrip() == "*":
        position += 1
    return _skip_length(cursor, position, high)


def _skip_length(cursor: TokenCursor, position: int, high: int) -> int:
    return cursor.skip_option(position, high, _HEIGHT)
