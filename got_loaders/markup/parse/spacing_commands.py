r"""Skips the arguments of commands without content: rules, lengths, labels."""

from __future__ import annotations

import re

from got_loaders.markup.parse.cursor import TokenCursor, take_arguments
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


def skip_layout_command(cursor: TokenCursor, name: str) -> None:
    """Skip the arguments of a command without content."""
    token = cursor.peek()
    if name == "cmidrule" and token:
        cursor.position += bool(_TRIM.fullmatch(token.text[:50]))
    elif name in _RULES:
        cursor.skip_option(_HEIGHT)
    start = cursor.position
    if name in _NARROW and (group := cursor.group()):
        cursor.position = start
        if not _NARROW[name].fullmatch(cursor.prefix(group)):
            return
    take_arguments(cursor, ARGUMENTS[name])


def skip_height(cursor: TokenCursor) -> None:
    r"""Skip the star and the ``[2pt]`` that may follow a ``\\``."""
    token = cursor.peek()
    if token and token.text.rstrip() == "*":
        cursor.position += 1
    cursor.skip_option(_HEIGHT)
