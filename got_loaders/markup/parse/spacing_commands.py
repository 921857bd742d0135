r"""Skips the arguments of commands without content: rules, lengths, labels."""

from __future__ import annotations

import re

from got_loaders.markup.parse.cursor import TokenCursor, take_arguments
from got_loaders.markup.parse.latex_commands import ARGUMENTS

__all__ = ["skip_height", "skip_layout_command"]

_RULES = {"toprule", "midrule", "bottomrule", "addlinespace"}
_DASHES = {"hdashline", "firsthdashline", "lasthdashline", "cdashline"}
_COLUMNS = re.compile(r"[\d\s-]*")
_LENGTH = re.compile(
    r"""
      (?: [\d\s.,+*/{}-] | \\[A-Za-z]+
        | (?:pt|em|ex|mm|cm|in|bp|pc|sp|mu|plus|minus|fil+|true)(?![A-Za-z]) )*
    """,
    re.VERBOSE,
)
_NARROW = {
    **dict.fromkeys(["cline", "cdashline", "Cline", "cmidrule"], _COLUMNS),
    **dict.fromkeys(["vspace", "hspace", "vskip", "hskip", "Xhline", "hlinewd"], _LENGTH),
    "hhline": re.compile(r"(?:[-=~|:#tb*\d\s{}]|>\s*\{[^{}]*\})*"),
    "label": re.compile(r"\S*"),
}
"""What the arguments of some can only be; else they are content that lost a brace."""
_TRIM = re.compile(r"\s*\([lr]*\)\s*")
r"""The ``(lr)`` of a ``\cmidrule``."""
_HEIGHT = re.compile(r"\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|\\\w+)\s*")
_DASH = re.compile(r"\s*[\d.]+\s*[a-z]{2}\s*/\s*[\d.]+\s*[a-z]{2}\s*")
r"""The ``[1pt/2pt]`` of an ``\hdashline``."""


def skip_layout_command(cursor: TokenCursor, name: str) -> None:
    """Skip the arguments of a command without content."""
    token = cursor.peek()
    if name == "cmidrule" and token:
        cursor.position += bool(_TRIM.fullmatch(token.text[:50]))
    elif name in _RULES:
        cursor.skip_option(_HEIGHT)
    start = cursor.position
    if name in _NARROW and (group := cursor.content_group()):
        cursor.position = start
        if not _NARROW[name].fullmatch(cursor.prefix(group)):
            cursor.skip_star()
            return
    take_arguments(cursor, ARGUMENTS[name])
    if name in _DASHES:
        cursor.skip_option(_DASH)


def skip_height(cursor: TokenCursor) -> None:
    r"""Skip the star and the ``[2pt]`` that may follow a ``\\``."""
    token = cursor.peek()
    if token and token.text.rstrip() == "*":
        cursor.position += 1
    cursor.skip_option(_HEIGHT)
