"""Finds the tags in HTML and reads them, strictly; everything else is text.

What is no tag as HTML writes them, or has an attribute without a value that HTML knows no such of
(``<b and c>``), is text: a page may say ``a <b and c> d``. Nothing of a tag is ever passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["TAG", "HtmlTag", "read_tag", "split_html"]

_ATTRIBUTE = r"""\s++[A-Za-z_:][\w:.-]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?+"""
TAG = re.compile(
    rf"<(?:/[A-Za-z][\w:-]{{0,40}}\s*+|[A-Za-z][\w:-]{{0,40}}(?:{_ATTRIBUTE})*+\s*+/?)>"
)
"""A tag that begins or ends something, and no comment or declaration."""

_WITHOUT_VALUE = frozenset(
    ["checked", "disabled", "selected", "hidden", "open", "nowrap", "noshade", "reversed", "border"]
)
_MAX_ATTRIBUTES = 100


@dataclass(frozen=True, slots=True)
class HtmlTag:
    """A tag: its name in small letters, and what it was written as."""

    name: str
    source: str
    closes: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


class _TagReader(HTMLParser):
    """Reads one tag at a time."""

    found: HtmlTag | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in reversed(attrs[:_MAX_ATTRIBUTES])}
        if all(value is not None or name in _WITHOUT_VALUE for name, value in attrs):
            self.found = HtmlTag(tag, "", attributes=values)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def split_html(html: str) -> Iterator[HtmlTag | str]:
    """The tags, and the texts between them as they were written."""
    done = 0
    for match in TAG.finditer(html):
        tag = read_tag(match[0])
        if tag is None:
            continue
        if match.start() > done:
            yield html[done : match.start()]
        yield tag
        done = match.end()
    if done < len(html):
        yield html[done:]


def read_tag(source: str) -> HtmlTag | None:
    """The tag that was written so; None if it is none."""
    name = source.strip("</> \t\n").casefold()
    if source.startswith("</"):
        return HtmlTag(name, source, closes=True)
    if name.replace("_", "").replace("-", "").isalnum():
        return HtmlTag(name, source)
    reader = _TagReader()
    reader.feed(source)
    found = reader.found
    return None if found is None else HtmlTag(found.name, source, attributes=found.attributes)
