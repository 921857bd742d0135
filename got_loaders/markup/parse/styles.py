r"""Bold and italic type, signs above and below the line, accents."""

from __future__ import annotations

import unicodedata

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.block_builder import BlockBuilder
from got_loaders.markup.parse.cursor import Argument, TokenCursor
from got_loaders.markup.parse.latex_commands import ACCENTS, Style
from got_loaders.markup.parse.raised_signs import to_subscript, to_superscript

__all__ = ["apply_style", "footnote_mark", "parse_accent"]


def apply_style(style: Style | None, content: nodes.Inlines) -> nodes.Inlines:
    """A line in a style."""
    if not content or style is None:
        return content
    is_text = all(isinstance(inline, nodes.Text) for inline in content)
    text = nodes.plain_text(content) if is_text else None
    match style:
        case "bold":
            return (nodes.Bold(_without(nodes.Bold, content)),)
        case "italic":
            return (nodes.Italic(_without(nodes.Italic, content)),)
        case "underline":
            return (nodes.Underline(content),)
        case "code":
            return content if text is None else (nodes.Code(text),)
        case "superscript":
            sign = to_superscript(text) if text else None
            return (nodes.Text(sign),) if sign else (nodes.Superscript(content),)
        case "subscript":
            sign = to_subscript(text) if text else None
            return (nodes.Text(sign),) if sign else (nodes.Subscript(content),)


def _without(style: type[nodes.Bold | nodes.Italic], content: nodes.Inlines) -> nodes.Inlines:
    """A line without a style that it has as a whole: bold digits in a bold line."""
    return tuple(
        inner
        for inline in content
        for inner in (inline.content if isinstance(inline, style) else (inline,))
    )


def footnote_mark(cursor: TokenCursor, option: Argument | None) -> nodes.Inlines:
    """The mark of a footnote that is given in square brackets."""
    return apply_style("superscript", cursor.inlines(option)) if option else ()


def parse_accent(cursor: TokenCursor, builder: BlockBuilder, name: str) -> bool:
    r"""``\'{e}``, and ``\'e`` within a word; elsewhere a quote that was escaped is likelier."""
    mark = ACCENTS[name]
    tokens = cursor.paired.tokens
    start = cursor.position
    if group := cursor.group():
        inner = tokens[group.low] if group.high == group.low + 1 else None
        letter = inner.text if inner and inner.kind in ("text", "command") else ""
        if not _takes(letter, mark):
            return False
        builder.add_text(unicodedata.normalize("NFC", letter + mark))
        return True
    before = tokens[start - 2] if start > 1 else None
    within = before is not None and before.kind == "text" and before.text[-1].isalpha()
    if name.isalpha() or not within or not cursor.at("text"):
        return False
    if not _takes(tokens[start].text[0], mark):
        return False
    builder.accent = mark
    return True


def _takes(letter: str, mark: str) -> bool:
    """Whether there is a character for a letter with a mark."""
    return len(letter) == 1 and len(unicodedata.normalize("NFC", letter + mark)) == 1
