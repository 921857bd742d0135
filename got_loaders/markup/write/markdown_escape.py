"""Makes text stand for itself in Markdown (CommonMark with GFM tables and `$` math).

Escapes only what would be mark-up where it stands: ``snake_case``, ``[12]`` and ``a < b`` stay.
"""

from __future__ import annotations

import re

from got_loaders._characters import clean_text

__all__ = ["escape_inline", "escape_line_starts", "escape_markdown"]

_INLINE = re.compile(
    r"""
      [*`~$|]                                   # emphasis, code, strikethrough, math, cells
    | \\(?![A-Za-z0-9 ])                        # a backslash before what it would escape
    | (?<![^\W_])_ | _(?![^\W_])                # emphasis; not inside a word
    | \](?=[(\[:])                              # a link or its definition
    | <(?=[A-Za-z/!?])                          # HTML, an address in angle brackets
    | &(?=\#?[A-Za-z0-9]+;)                     # a character entity
    """,
    re.VERBOSE,
)
_INDENT = re.compile(r"^(?:[ ]{4}|[ ]*\t)[ \t]*", re.MULTILINE)
_LINE_START = re.compile(
    r"""
    ^([ ]{0,3}(?:\d{1,9}(?=[.)](?:\s|$)))?)     # up to the mark; a number belongs to its dot
    (?= (?<=\d)[.)]                             # 1.  1)
      | \# | >                                  # heading, quotation
      | [-+](?=\s|$) | -(?=[-:]) | :(?=-)       # list, rule, underlined heading, table
      | =+[ \t]*$                               # underlined heading
    )""",
    re.VERBOSE | re.MULTILINE,
)


def escape_markdown(text: str) -> str:
    """``text`` so that Markdown shows it as it is, line by line; for plain readings."""
    return escape_line_starts(escape_inline(clean_text(text)))


def escape_inline(text: str) -> str:
    """Escape what is mark-up anywhere in a line; enough inside a heading or a table's cell."""
    return _INLINE.sub(r"\\\g<0>", text)


def escape_line_starts(text: str) -> str:
    """Escape what is mark-up only at the start of a line, and shorten indents that mean code."""
    return _LINE_START.sub(r"\1\\", _INDENT.sub("   ", text))
