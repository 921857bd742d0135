r"""Bold and italic type, signs above and below the line, accents."""

from __future__ import annotations

import unicodedata

from got_loaders.markup.nodes import (
    Bold,
    Code,
    Inline,
    Italic,
    Subscript,
    Superscript,
    Text,
    Underline,
    plain,
)
from got_loaders.markup.parse.block_builder import Flow
from got_loaders.markup.parse.cursor import Argument, Reader
from got_loaders.markup.parse.latex_commands import ACCENTS, Style
from got_loaders.markup.parse.trivial_math import lowered, raised

__all__ = ["accent", "marked", "styled"]


def styled(style: Style | None, content: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """A line in a style."""
    if not content or style is None:
        return content
    text = plain(content) if all(isinstance(inline, Text) for inline in content) else None
    match style:
        case "bold":
            return (Bold(content),)
        case "italic":
            return (Italic(content),)
        case "underline":
            return (Underline(content),)
        case "code":
            return content if text is None else (Code(text),)
        case "superscript":
            sign = raised(text) if text else None
            return (Text(sign),) if sign else (Superscript(content),)
        case "subscript":
            sign = lowered(text) if text else None
            return (Text(sign),) if sign else (Subscript(content),)


def marked(reader: Reader, option: Argument | None) -> tuple[Inline, ...]:
    """The mark of a footnote that is given in square brackets."""
    return styled("superscript", reader.line(option)) if option else ()


def accent(reader: Reader, position: int, high: int, flow: Flow, name: str) -> int | None:
    r"""``\'{e}``, and ``\'e`` within a word; elsewhere a quote that was escaped is likelier."""
    mark = ACCENTS[name]
    tokens = reader.source.tokens
    if group := reader.group(position, high):
        inner = tokens[group.low : group.low + 1] if group.high == group.low + 1 else []
        letter = inner[0].text if inner and inner[0].kind in ("text", "command") else ""
        if not _takes(letter, mark):
            return None
        flow.text(unicodedata.normalize("NFC", letter + mark))
        return group.after
    before = tokens[position - 2] if position > 1 else None
    within = before is not None and before.kind == "text" and before.text[-1].isalpha()
    if name.isalpha() or not within or position >= high or tokens[position].kind != "text":
        return None
    if not _takes(tokens[position].text[0], mark):
        return None
    flow.accent = mark
    return position


def _takes(letter: str, mark: str) -> bool:
    """Whether there is a character for a letter with a mark."""
    return len(letter) == 1 and len(unicodedata.normalize("NFC", letter + mark)) == 1
