"""Makes names, texts and errors fit to be stored and shown. Pure."""

from __future__ import annotations

import re

__all__ = ["display_path", "error_text", "sanitize_text", "strip_controls"]

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    "\U000e01f0-\U000e0fff]"
)
"""Controls, and of Unicode's format characters those that no language needs to be read: marks and
embeddings of direction, empty blanks, tags. The joiners and the soft hyphen stay, and so do the
signs that stand before Arabic numbers, which are seen."""


def sanitize_text(text: str) -> str:
    """``text`` made fit for metadata: no NULs, lone surrogates replaced by U+FFFD.

    Lone surrogates come from file names that are no UTF-8 and from damaged documents; they can't
    be encoded, so one of them would fail a whole index.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "")


def display_path(path: str) -> str:
    """A path as a text that another path does not have: bytes that are no UTF-8 as ``\\xff``."""
    try:
        text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a lone surrogate that no system's path has
        text = path
    return sanitize_text(text)


def strip_controls(text: str) -> str:
    """``text`` without control characters, but for tabs and line ends, and without hidden ones.

    They say nothing to an index, XML forbids them, and a terminal obeys them; a text in tags is
    read by models and seen by nobody.
    """
    return _CONTROLS.sub("", text)


def error_text(error: Exception, name: str) -> str:
    """What went wrong with ``name``; the error's kind where its text says no more than the name."""
    text = getattr(error, "strerror", None) or str(error)
    return type(error).__name__ if text in name else text
