"""Every error that the library raises on purpose, in one tree.

::

    GotLoadersError
    ├── OptionError                 an option is misspelt or out of range (also a ValueError)
    ├── SourceError                 a source can't be opened
    │   ├── PasswordError           it is encrypted, and the password is missing or wrong
    │   ├── UnsupportedSourceError  it is not something that we read
    │   └── SourceRefusedError      it is not allowed: address, size, root folder
    ├── PageError                   one page can't be rendered or read
    ├── EngineError                 the model can't answer
    │   ├── ModelNotFoundError      the weights are not to be had
    │   ├── RequestTooLongError     prompt and answer don't fit the context
    │   └── EngineDeadError         the engine stopped; its pending requests carry this
    ├── LocateError                 a chunk's place in its document is not known
    └── MissingDependencyError      an extra is not installed (also an ImportError)

A message says what happened, to which source and page, and what to do. Pages in messages count
from 1, as people do; the attributes count from 0, as metadata does. Causes are chained.

This module knows nothing of the others.
"""

from __future__ import annotations

import unicodedata

__all__ = [
    "EngineDeadError",
    "EngineError",
    "GotLoadersError",
    "LocateError",
    "MissingDependencyError",
    "ModelNotFoundError",
    "OptionError",
    "PageError",
    "PasswordError",
    "RequestTooLongError",
    "SourceError",
    "SourceRefusedError",
    "UnsupportedSourceError",
    "printable",
]

_MAX_SHOWN = 200
"""Characters of a value in a message."""

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that show nothing (Default_Ignorable_Code_Point in Unicode's own files)."""


def printable(text: str) -> str:
    """``text`` with all that is not seen, or steers what is, written out: ``\\n``, ``\\u202e``.

    That is what breaks a line, steers a terminal, turns text round or hides in it: controls,
    format characters (joiners, marks and tags among them), lone surrogates, private use, and what
    no standard knows. Blanks of any width stay.
    """
    if text.isprintable() and _INVISIBLE.isdisjoint(text):
        return text
    return "".join(char if _is_seen(char) else ascii(char)[1:-1] for char in text)


def shown(value: object) -> str:
    """A value as a message shows it: not at length, whatever it is."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # a number of too many digits, too deep a list, anybody's class
        return f"<{type(value).__name__}>"
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _is_seen(char: str) -> bool:
    if char.isprintable():
        return char not in _INVISIBLE and not "\U000e0100" <= char <= "\U000e01ef"
    return unicodedata.category(char) == "Zs"


class GotLoadersError(Exception):
    """The root of the tree: catch it to catch all that the library raises on purpose.

    Control characters in a message, which file names may bring, are escaped: messages go to
    terminals and logs.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


class OptionError(GotLoadersError, ValueError):
    """An option is misspelt, out of range or in conflict with another one."""


class SourceError(GotLoadersError):
    """A source can't be opened. ``source`` is its name as metadata gives it."""

    def __init__(self, message: str, *, source: str | None = None) -> None:
        super().__init__(message)
        self.source = source


class PasswordError(SourceError):
    """The document is encrypted, and the password is missing or wrong."""


class UnsupportedSourceError(SourceError):
    """The source is not something that the library reads."""


class SourceRefusedError(SourceError):
    """The source is not allowed here: its address, its size or its place."""


class PageError(GotLoadersError):
    """One page can't be selected, rendered or read.

    ``source`` is the document's name as metadata gives it, ``page`` the 0-based page number, or
    None where the error concerns no single page.
    """

    def __init__(self, message: str, *, source: str | None = None, page: int | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.page = page


class EngineError(GotLoadersError):
    """The engine can't answer this request."""


class ModelNotFoundError(EngineError):
    """The model's weights are neither on this machine nor to be downloaded."""


class RequestTooLongError(EngineError):
    """Prompt plus ``max_new_tokens`` is more than the engine's context holds."""


class EngineDeadError(EngineError):
    """The engine was closed or broke down; it answers no further request."""


class LocateError(GotLoadersError):
    """Nothing is known of where a chunk's text stood, or the chunk does not say where it begins."""


class MissingDependencyError(GotLoadersError, ImportError):
    """A package that belongs to an extra is not installed."""
