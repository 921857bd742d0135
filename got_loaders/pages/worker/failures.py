"""Turns the worker's failures into errors and their texts."""

from __future__ import annotations

import os
from collections.abc import Iterable

from got_loaders.errors import (
    PasswordError,
    SourceError,
    SourceRefusedError,
    UnsupportedSourceError,
    printable,
)
from got_loaders.pages.protocol import WorkerFailure
from got_loaders.pages.worker.crash_counter import MAX_CRASHES
from got_loaders.pages.worker.process import WorkerError, WorkerStartError, WorkerTimeoutError

__all__ = ["TRIPPED", "sanitize_reason", "sanitize_warnings", "source_error", "worker_error_text"]

_MAX_LENGTH = 500
"""Characters of what a decoder says; some quote the file at length."""

_MAX_WARNING = 160
_MAX_WARNINGS = 5
"""Of a page, and characters of each: they stand in the metadata of each of its records."""

TRIPPED = (
    f"not tried: {MAX_CRASHES} times in a row this document hung or ended the process that "
    "decodes it"
)


def source_error(name: str, path: str | None, failure: WorkerFailure) -> SourceError:
    """The error of a document that can't be opened."""
    kinds = {
        "password": PasswordError,
        "unsupported": UnsupportedSourceError,
        "refused": SourceRefusedError,
    }
    reason = sanitize_reason(failure, path, name)
    return kinds.get(failure.kind, SourceError)(f"{name}: {reason}", source=name)


def sanitize_reason(failure: WorkerFailure, path: str | None, name: str) -> str:
    """The worker's reason, with the document's name in the place of its full path."""
    return _clipped(_without_path(failure.reason, path, name), _MAX_LENGTH)


def sanitize_warnings(texts: Iterable[object], path: str | None, name: str) -> tuple[str, ...]:
    """What the worker warns of a page, or a document, as metadata may hold it: few and short."""
    clean = dict.fromkeys(
        _clipped(_without_path(str(text), path, name), _MAX_WARNING) for text in texts
    )
    return tuple(text for text in clean if text)[:_MAX_WARNINGS]


def worker_error_text(error: WorkerError, what: str, limit_s: float) -> str:
    """What became of the worker that was doing ``what``, in words."""
    if isinstance(error, WorkerTimeoutError):
        return f"{what} took longer than {limit_s:g} s (max_page_seconds) and was given up"
    if isinstance(error, WorkerStartError):
        return str(error)
    return f"{what} ended the process that does it ({error}); the file may be damaged"


def _without_path(text: str, path: str | None, name: str) -> str:
    """``text`` made printable; decoders quote a path as it is, as a literal, or the folder."""
    if path is not None:
        folder = os.path.dirname(path) + os.sep  # noqa: PTH120  # a text
        for quoted, instead in ((path, name), (repr(path)[1:-1], name), (folder, "")):
            text = text.replace(quoted, instead)
    return printable(text)  # which makes it longer


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
