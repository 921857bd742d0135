"""Markdown to events, by markdown-it-py; the HTML in it by our own strict reader.

CommonMark and GFM's tables, without what would drop or change what was read: definitions of links,
indented code. Nesting is bounded, beyond which a mark is a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from got_loaders.markup.parse.markdown.events import Begin, Characters, End, Event
from got_loaders.markup.parse.markdown.html_tags import TAG, HtmlTag, read_tag, split_html
from got_loaders.markup.parse.markdown.table_rule import parse_table

__all__ = ["html_events", "markdown_events"]

_MAX_NESTING = 60
_MAX_SETEXT = 120
"""Characters of a heading that is underlined; a longer one is a paragraph above a line."""
_BOLD = re.compile(r"\*\*(?=[^\s*])([^*\n]{1,500})(?<=[^\s*])\*\*")
_RAW = frozenset(["pre", "script", "style", "textarea"])
_BLANK_RULE = re.compile(r"_{4,}")
_NAMES = {"s": "del"}


class _Markdown(MarkdownIt):
    """Addresses stay as they were written: they become text, and none is ever followed."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        return url

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002
        return True


def markdown_events(text: str) -> Iterator[Event]:
    """What Markdown says, in its order."""
    tokens = _parser().parse(text)
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_underlined = opening.type == "heading_open" and opening.markup in ("-", "=")
        if is_underlined and ("\n" in inline.content or len(inline.content) > _MAX_SETEXT):
            opening.tag = closing.tag = "p"
    return _events(tokens)


def html_events(html: str) -> Iterator[Event]:
    """What HTML says, in its order."""
    raw = 0
    for piece in split_html(html):
        if isinstance(piece, HtmlTag):
            raw = max(0, raw + (-1 if piece.closes else 1)) if piece.name in _RAW else raw
            yield _tag_event(piece)
        elif raw:
            yield Characters(_decoded(piece), verbatim=True)
        else:
            yield from _text_events(piece)


@cache
def _parser() -> MarkdownIt:
    parser = _Markdown("commonmark", {"maxNesting": _MAX_NESTING})
    parser.enable("strikethrough").disable(["code", "reference"])
    parser.block.ruler.before("paragraph", "models_table", parse_table, {"alt": ["paragraph"]})
    parser.inline.ruler.at("html_inline", _take_tag)
    return parser


@cache
def _entity_parser() -> MarkdownIt:
    """Knows character entities and nothing else."""
    parser = MarkdownIt("zero")
    parser.enable("entity")
    return parser


def _take_tag(state: StateInline, silent: bool) -> bool:
    """A rule of markdown-it: a tag as we read it, such as ``<page_number>``."""
    if state.src[state.pos] != "<" or (match := TAG.match(state.src, state.pos)) is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _text_events(text: str) -> Iterator[Event]:
    """The text between two tags: of Markdown's marks models write only those of bold type there."""
    if "\n" in text:
        first, *inner, last = text.split("\n")
        text = "\n".join([first.rstrip(), *map(str.strip, inner), last.lstrip()])
    for number, part in enumerate(_BOLD.split(text)):
        if number % 2:
            yield from (Begin("strong"), Characters(_decoded(part)), End("strong"))
        elif part:
            yield Characters(_decoded(part))


def _decoded(text: str) -> str:
    """``text`` with the characters that its entities stand for."""
    if "&" not in text:
        return text
    tokens = _entity_parser().parseInline(text)
    return "".join(child.content for token in tokens for child in token.children or ())


def _events(tokens: Iterable[Token]) -> Iterator[Event]:
    for token in tokens:
        match token.type:
            case "inline":
                yield from _children(token)
            case "fence" | "code_block":
                attributes = {"language": token.info.strip()}
                yield Begin("pre", attributes)
                yield Characters(token.content.removesuffix("\n"), verbatim=True)
                yield End("pre")
            case "html_block":
                yield from html_events(token.content)
            case "hr" if _BLANK_RULE.fullmatch(token.markup):
                yield from (Begin("p"), Characters(token.markup[1:]), End("p"))
            case "hr":
                yield Begin("hr")
            case _:
                yield from _block_event(token)


def _block_event(token: Token) -> Iterator[Event]:
    attributes = {name: str(value) for name, value in token.attrs.items()}
    if token.type == "list_item_open" and token.info:
        attributes["value"] = token.info
    if token.nesting > 0:
        yield Begin(token.tag, {**attributes, "markup": token.markup})
    elif token.nesting < 0:
        yield End(token.tag)


def _children(token: Token) -> Iterator[Event]:
    for child in token.children or ():
        match child.type:
            case "text":
                yield Characters(child.content)
            case "softbreak":
                yield Characters("\n")
            case "hardbreak":
                yield Begin("br")
            case "code_inline":
                yield from (Begin("code"), Characters(child.content, verbatim=True), End("code"))
            case "html_inline":
                tag = read_tag(child.content)
                yield _tag_event(tag) if tag else Characters(child.content)
            case "image":
                attributes = {name: str(value) for name, value in child.attrs.items()}
                yield Begin("img", {**attributes, "alt": child.content})
            case _ if child.nesting > 0:
                attributes = {name: str(value) for name, value in child.attrs.items()}
                yield Begin(_NAMES.get(child.tag, child.tag), attributes)
            case _ if child.nesting < 0:
                yield End(_NAMES.get(child.tag, child.tag))
            case _:
                yield Characters(child.content)


def _tag_event(tag: HtmlTag) -> Event:
    return End(tag.name, tag.source) if tag.closes else Begin(tag.name, tag.attributes, tag.source)
