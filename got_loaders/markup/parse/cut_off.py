r"""Closes a heading at which a reading was cut off: ``\section*{2 Metho``.

Only what stands on the last line and is short: a brace that was lost anywhere else must not make
a heading of the paragraphs after it.
"""

from __future__ import annotations

import re

from got_loaders.markup.parse.latex_commands import HEADINGS
from got_loaders.markup.parse.lexer import Token

__all__ = ["close_cut_off"]

_MAX_CHARS = {**dict.fromkeys(HEADINGS, 300), "author": 1000, "caption": 1000, "footnotetext": 1000}
"""Characters of what may be cut off in each; what is longer had lost its brace."""
_MAX_TOKENS = 200
_LINE_END = re.compile(r"(?<!\\\\)[ \t]*\n")


def close_cut_off(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens of a reading, and closing braces without characters if a heading lacks its own."""
    for position in range(len(tokens) - 1, max(-1, len(tokens) - _MAX_TOKENS), -1):
        token = tokens[position]
        if token.kind in ("begin", "end"):
            break
        if token.kind == "command" and token.text in _MAX_CHARS:
            depth = _open_braces(text, tokens, position)
            return [*tokens, *[Token("close", "", len(text), len(text))] * depth]
    return tokens


def _open_braces(text: str, tokens: list[Token], command: int) -> int:
    """How many braces are open at the end, the command's own among them; 0 if it is no heading."""
    opening = command + 1
    while opening < len(tokens) and tokens[opening].kind in ("text", "bracket", "unbracket"):
        opening += 1
    if opening == len(tokens) or tokens[opening].kind != "open" or opening - command > 6:
        return 0
    before = text[tokens[command].end : tokens[opening].start].strip()
    if before.strip("*") and not before.startswith("["):
        return 0
    content = text[tokens[opening].end :].strip()
    if len(content) > _MAX_CHARS[tokens[command].text] or _LINE_END.search(content):
        return 0
    depth = 0
    for token in tokens[opening:]:
        depth += (token.kind == "open") - (token.kind == "close")
        if not depth:
            return 0
    return depth
