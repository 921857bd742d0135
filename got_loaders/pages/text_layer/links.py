"""Puts the addresses that a page's links lead to on the words that they lie on.

Only addresses that a reader may follow without harm are told, and only where the text does not
say them: ``http``, ``https`` and ``mailto``, without blanks, passwords or characters that don't
show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from got_loaders.pages.text_layer.styled_text import PLAIN
from got_loaders.pages.text_layer.words import Line, Word
from got_loaders.types import Box

MAX_LINKS = 500
"""Links of a page that are looked at."""

_MAX_ADDRESS = 500
"""Characters."""

_MAX_PART = 0.25
"""The part of a page that a link may cover: a larger one belongs to no words."""

_MANY, _MAX_SHARE = 12, 0.25
"""So many addresses on a page, as long together as this part of its text, would bury it: a wiki's
pages have them on every other word."""

_SIGNS = ".,;:()<>[]\u2026"

_SIGN_WIDTH = 0.28
"""Of a comma or a bracket, in font sizes."""

_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2013\u2212\u00ad", "-"))
"""What typesetters print for the hyphen of an address."""

_ADDRESS = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@)[^\s<>\"{}|\\^`\x00-\x20\x7f-\xa0]*")


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")


class Link(NamedTuple):
    """Where a link is, in points on the upright page, and where it leads."""

    box: Box
    address: str


def page_links(page: Any) -> list[Link]:
    """The links of ``page`` to addresses outside the document."""
    links = []
    for entry in page.get_links()[:MAX_LINKS]:
        address = safe_address(entry.get("uri") or "")
        box = _shown_box(page, entry) if address else None
        if box is not None and box.area < _MAX_PART * page.rect.width * page.rect.height:
            links.append(Link(box, address))
    return links


def _shown_box(page: Any, entry: dict[str, Any]) -> Box | None:
    """Where a link is; PyMuPDF's word for it is old where the page was turned since it was read."""
    xref = entry.get("xref", 0)
    sides = page.parent.xref_get_key(xref, "Rect")[1] if xref > 0 else ""
    numbers = _NUMBER.findall(sides)
    if len(numbers) != 4:
        return None
    x0, y0, x1, y1 = map(float, numbers)
    a, b, c, d, e, f = page.transformation_matrix * page.rotation_matrix
    x = sorted((a * x0 + c * y0 + e, a * x1 + c * y1 + e))
    y = sorted((b * x0 + d * y0 + f, b * x1 + d * y1 + f))
    return Box(x[0], y[0], x[1], y[1])


def safe_address(address: str) -> str:
    """``address`` if it is one that may stand in a text, else ""."""
    if len(address) > _MAX_ADDRESS or not address.isprintable():
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if not _ADDRESS.fullmatch(address) or (parts.scheme != "mailto" and "@" in parts.netloc):
        return ""
    return address


def add_links(lines: Sequence[Line], links: Sequence[Link]) -> list[Line]:
    """The lines, with the addresses of the links that their words lie on."""
    found: dict[str, list[tuple[int, int, Link]]] = {}
    for number, line in enumerate(lines if links else ()):
        for link in links:
            if link.box.intersection_area(line.box) > 0:
                for n, word in enumerate(line.words):
                    if _holds(link.box, word.box):
                        found.setdefault(link.address, []).append((number, n, link))
    told = {
        address: places
        for address, places in found.items()
        if not _says("".join(lines[number].words[n].text for number, n, _ in places), address)
    }
    if len(told) > _MANY and sum(map(len, told)) > _MAX_SHARE * sum(len(ln.text) for ln in lines):
        return list(lines)
    words = [list(line.words) for line in lines]
    for places in told.values():
        for number, n, link in places:
            words[number][n] = _with_address(words[number][n], link, lines[number].size)
    return [replace(line, words=tuple(each)) for line, each in zip(lines, words, strict=True)]


def _with_address(word: Word, link: Link, size: float) -> Word:
    """The word with the address; signs at its ends that the link does not reach are left out."""
    styles = word.styles or (PLAIN,) * len(word.text)
    start = _signs_off(word.text, (link.box.x0 - word.box.x0) / size)
    end = len(word.text) - _signs_off(word.text[::-1], (word.box.x1 - link.box.x1) / size)
    linked = tuple(style._replace(link=link.address) for style in styles[start:end])
    return word._replace(styles=styles[:start] + linked + styles[end:])


def _signs_off(text: str, length: float) -> int:
    """How many signs at the start of a word stand on this length of it, in font sizes."""
    count = 0
    while count < len(text) and not text[count].isalnum() and length > 0.1:
        length -= _SIGN_WIDTH
        count += 1
    return count if count < len(text) else 0


def _holds(outer: Box, box: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1


def _says(text: str, address: str) -> bool:
    """Whether the words are the address, however often, or a piece of it with a path."""
    shown, whole = _core(text), _core(address)
    piece = len(shown) > 3 and "/" in shown and shown in whole
    return piece or not shown.replace(whole, "").strip(_SIGNS + "-")


def _core(address: str) -> str:
    bare = address.lower().translate(_HYPHENS).strip(_SIGNS)
    return re.sub(r"^(?:https?://|mailto:)?(?:www\.)?", "", bare).rstrip("/")
