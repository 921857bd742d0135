"""What MuPDF says while it draws a page, and which of it speaks of something lost. Worker only.

MuPDF draws what it can and says the rest in words. Most of these words are harmless: it repairs a
table of objects, a length, a colour profile, or takes another font. The rule here is a list of
what it says where something was *not* drawn: contents that can't be read or understood, streams
that end early or can't be decoded, glyphs that are no drawings. Whatever else it says, of fonts
and colours above all, is passed over. The words are those of MuPDF 1.24 to 1.28.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["causes", "is_weak", "listen", "lost", "without_kind"]

_LOST = re.compile(
    r"page may not be correct|Ignoring error during interpretation|too many syntax errors"
    r"|content stream (?:is not|part)|cannot (?:decode image|render image|draw text|render glyph)"
    r"|treating as end of file|premature end|padding truncated image|ignoring zlib error"
    r"|unknown filter name|faxd|lzw decode|bad data in|jbig2dec error|jbig2 (?:image|globals)"
    r"|openjpeg error|jpeg error|JPX (?:image|header)|type3 glyph load|nesting too deep"
)
_SUMMARY = re.compile(
    r"page may not be correct|Ignoring error during|treating as end of file|padding truncated"
    r"|leaving it blank|ICC (?:profile|colorspace)"
)
"""Says that something is lost, but not what; or what is harmless, though it is called an error."""

_WEAK = re.compile(r"premature end of data in flate filter|ignoring zlib error")
"""Said of fonts and profiles, too, and where nothing but a checksum is wrong."""

_REPEATED = re.compile(r"\.\.\. repeated \d+ times\.\.\.")
_KIND = re.compile(r"(?:(?:[a-z]+ error|code=\d+): )+")


@contextmanager
def listen(pymupdf: Any) -> Iterator[list[str]]:
    """What MuPDF says inside the block, line by line; complete when the block is left."""
    messages: list[str] = []
    pymupdf.TOOLS.mupdf_warnings()  # also forgets what it would call repeated
    try:
        yield messages
    finally:
        lines = pymupdf.TOOLS.mupdf_warnings().splitlines()
        messages += [line for line in lines if line and not _REPEATED.fullmatch(line)]


def lost(messages: Iterable[str]) -> list[str]:
    """Those that speak of something lost, each once."""
    return list(dict.fromkeys(message for message in messages if _LOST.search(message)))


def causes(messages: Iterable[str]) -> list[str]:
    """Those that say what was wrong, each once, without MuPDF's name for the kind of error."""
    found = (m for m in messages if (_KIND.match(m) or _LOST.search(m)) and not _SUMMARY.search(m))
    return list(dict.fromkeys(map(without_kind, found)))


def without_kind(message: str) -> str:
    """The message without "syntax error:" and its like before it."""
    match = _KIND.match(message)
    return message if match is None else message[match.end() :]


def is_weak(message: str) -> bool:
    """Whether it counts only where it is known of which stream it was said."""
    return _WEAK.search(message) is not None
