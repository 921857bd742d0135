"""Downloads a URL into a new file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.errors import SourceError
from got_loaders.sources.download.deadline import Deadline
from got_loaders.sources.download.policy import DownloadPolicy
from got_loaders.sources.download.resolve import Resolve, system_resolve
from got_loaders.sources.download.urls import check_url, url_error

if TYPE_CHECKING:
    import httpx

__all__ = ["fetch", "save_chunks"]


def fetch(
    url: str,
    folder: Path,
    policy: DownloadPolicy,
    *,
    stopped: Callable[[], bool] = lambda: False,
    resolve: Resolve = system_resolve,
    transport: httpx.BaseTransport | None = None,
) -> Path:
    """Download ``url`` into a new file in ``folder``; the caller owns the file.

    Blocks for at most ``policy.seconds``, but for what the system's resolver takes. ``stopped`` is
    asked between chunks. Every failure is a :class:`SourceError` about ``url``, and leaves no file;
    :class:`SourceRefusedError` where the policy forbids what would be possible. A ``transport``
    that is passed in stays open; it sees addresses where a URL has a host, and nothing before they
    were checked.
    """
    from got_loaders.sources.download.client import Client, default_transport
    from got_loaders.sources.download.response import iter_body

    name = check_url(url)
    with ExitStack() as opened:
        deadline = opened.enter_context(Deadline(policy.seconds, stopped))
        inner = transport or opened.enter_context(default_transport())
        client = Client(policy, resolve, inner, deadline)
        response = opened.enter_context(closing(client.get(name)))
        return save_chunks(iter_body(response, name, policy.max_bytes, deadline), folder, name)


def save_chunks(chunks: Iterator[bytes], folder: Path, name: str) -> Path:
    """Write ``chunks`` to a new file in ``folder``, which only stays if all of them come.

    ``chunks`` raises no ``OSError``; one of the disk's is a :class:`SourceError` of ``name``.
    """
    try:
        handle, text = tempfile.mkstemp(prefix="download-", dir=folder)
    except OSError as error:
        raise _save_error(name, error) from error
    path = Path(text)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _save_error(name, error) from error
        raise
    return path


def _save_error(name: str, error: OSError) -> SourceError:
    text = error.strerror or type(error).__name__
    return url_error(
        SourceError, name, f"can't be stored: {text}; the folder needs room and permission"
    )
