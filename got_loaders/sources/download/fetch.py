"""A URL → a new file in a folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.errors import SourceError
from got_loaders.sources.download.deadline import Clock
from got_loaders.sources.download.resolve import Resolve, system_resolve
from got_loaders.sources.download.rules import DownloadPolicy
from got_loaders.sources.download.urls import check_url, failed

if TYPE_CHECKING:
    import httpx

__all__ = ["fetch"]


def fetch(
    url: str,
    folder: Path,
    rules: DownloadPolicy,
    *,
    stopped: Callable[[], bool] = lambda: False,
    resolve: Resolve = system_resolve,
    transport: httpx.BaseTransport | None = None,
) -> Path:
    """Download ``url`` into a new file in ``folder``; the caller owns the file.

    Blocks for at most ``rules.seconds``, but for what the system's resolver takes. ``stopped`` is
    asked between chunks. Every failure is a :class:`SourceError` about ``url``, and leaves no file;
    :class:`SourceRefusedError` where the rules forbid what would be possible. A ``transport`` that
    is passed in stays open; it sees addresses where a URL has a host, and nothing before they were
    judged.
    """
    from got_loaders.sources.download.client import Client, default_transport
    from got_loaders.sources.download.response import checked_body

    name = check_url(url)
    with ExitStack() as opened:
        clock = opened.enter_context(Clock(rules.seconds, stopped))
        inner = transport or opened.enter_context(default_transport())
        client = Client.of(rules, resolve, inner, clock)
        response = opened.enter_context(client.get(name))
        return _saved(checked_body(response, name, rules.max_bytes, clock), folder, name)


def _saved(chunks: Iterator[bytes], folder: Path, name: str) -> Path:
    """Write ``chunks`` to a new file, which only stays if all of them come."""
    try:
        handle, text = tempfile.mkstemp(prefix="download-", dir=folder)
    except OSError as error:
        raise _not_saved(name, error) from error
    path = Path(text)
    is_whole = False
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
        is_whole = True
    except OSError as error:
        raise _not_saved(name, error) from error
    finally:
        if not is_whole:
            path.unlink(missing_ok=True)
    return path


def _not_saved(name: str, error: OSError) -> SourceError:
    text = error.strerror or type(error).__name__
    return failed(
        SourceError, name, f"can't be stored: {text}; the folder needs room and permission"
    )
