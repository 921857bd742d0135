"""Makes names, texts and errors fit to be stored and shown. Pure."""

from __future__ import annotations

import sys

__all__ = ["display_path", "error_text", "sanitize_text"]


def sanitize_text(text: str) -> str:
    """``text`` made fit for metadata: no NULs, lone surrogates replaced by U+FFFD.

    Lone surrogates come from file names that are no UTF-8 and from damaged documents; they can't
    be encoded, so one of them would fail a whole index.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "")


def display_path(path: str) -> str:
    """A path as a text that another path does not have: bytes that are no UTF-8 as ``\\xff``.

    It is the same whatever encoding Python takes paths to have here.
    """
    try:
        raw = path.encode(sys.getfilesystemencoding(), "surrogateescape")
        text = raw.decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a lone surrogate that no system's path has
        text = path
    return sanitize_text(text)


def error_text(error: Exception, name: str) -> str:
    """What went wrong with ``name``; the error's kind where its text says no more than the name."""
    text = getattr(error, "strerror", None) or str(error)
    return type(error).__name__ if text in name else text
