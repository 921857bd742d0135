"""Links and pictures as text: where they lead is what was read, and nothing is ever fetched."""

from __future__ import annotations

from urllib.parse import unquote

from got_loaders._characters import clean_text
from got_loaders.markup.parse.markdown.shield import Shielded
from got_loaders.markup.parse.markdown.tree import Element, text_of

__all__ = ["image_text", "link_address"]

_SCHEMES = ("https://", "http://", "mailto:", "tel:")
_SAYS_NOTHING = frozenset(["image", "img", "picture", "figure", ""])


def link_address(link: Element, shielded: Shielded) -> str:
    """What to write after the text of a link: its address and title, unless the text says so."""
    address = clean_text(shielded.restore(link.attributes.get("href", ""))).strip()
    title = clean_text(shielded.restore(link.attributes.get("title", ""))).strip()
    text = " ".join("".join(text_of(link)).split())
    same = _bare(address) in (_bare(text), "") or address.startswith("#")
    said = [part for part in ("" if same else address, title) if part and part != text]
    return f" ({', '.join(said)})" if said and text else ", ".join(said)


def image_text(said: str, attributes: dict[str, str], shielded: Shielded) -> str:
    """What a picture is called: what is said of it, and its name; not the picture itself."""
    alt = " ".join(clean_text(shielded.restore(said)).split())
    source = clean_text(shielded.restore(attributes.get("src", ""))).strip()
    title = clean_text(shielded.restore(attributes.get("title", ""))).strip()
    if source.startswith("data:"):
        source = ""
    alt = "" if alt.casefold() in _SAYS_NOTHING and source else alt
    said = ", ".join(dict.fromkeys(part for part in (alt, title) if part))
    return f"{said} ({source})" if said and source else said or source


def _bare(address: str) -> str:
    """An address without what is often left out of it."""
    for scheme in _SCHEMES:
        address = address.removeprefix(scheme)
    return unquote(address).removeprefix("www.").rstrip("/").casefold()
