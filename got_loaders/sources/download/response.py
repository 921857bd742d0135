"""An answer → its bytes, as long as the rules allow. Loads the HTTP library."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import httpx

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources.download.deadline import Clock
from got_loaders.sources.download.errors import network_error
from got_loaders.sources.download.urls import failed

__all__ = ["checked_body"]

_NO_CREDENTIALS = "; no credentials are sent: download it yourself and pass the file"


def checked_body(
    response: httpx.Response, name: str, max_bytes: int, clock: Clock
) -> Iterator[bytes]:
    """The bytes of a 200 answer in chunks, counted and timed.

    Raises :class:`SourceRefusedError` for too many of them, announced or sent, and
    :class:`SourceError` for any other status, for a compressed body (a small one may unfold to
    anything), for too few bytes and too much time.
    """
    _check_status(response, name)
    _check_encoding(response, name)
    announced = _announced(response)
    if announced is not None and announced > max_bytes:
        text = f"{announced} bytes, more than max_file_bytes={max_bytes}"
        raise failed(SourceRefusedError, name, text)
    size = 0
    for chunk in _chunks(response, name, clock):
        size += len(chunk)
        if size > max_bytes:
            raise failed(SourceRefusedError, name, f"more than max_file_bytes={max_bytes}")
        yield chunk
    if announced is not None and size != announced:
        raise failed(SourceError, name, f"the server sent {size} bytes of {announced}")


def _chunks(response: httpx.Response, name: str, clock: Clock) -> Iterator[bytes]:
    """The body as it comes; whether to go on is asked before each chunk and at the end."""
    chunks = response.iter_raw()
    while True:
        clock.check(name)
        try:
            chunk = next(chunks, None)
        except httpx.TransportError as error:
            raise network_error(name, error, clock) from error
        if chunk is None:
            break
        yield chunk
    clock.check(name)  # a cut connection ends a body of unknown length as the server would


def _check_status(response: httpx.Response, name: str) -> None:
    status = response.status_code
    if status == HTTPStatus.OK:
        return
    try:
        phrase = f" {HTTPStatus(status).phrase}"  # not the server's: that may say anything
    except ValueError:
        phrase = ""
    hint = _NO_CREDENTIALS if status in (401, 403) else ""
    raise failed(SourceError, name, f"the server answers {status}{phrase}{hint}")


def _check_encoding(response: httpx.Response, name: str) -> None:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        text = "the server compresses its answer although asked not to; that is not read"
        raise failed(SourceError, name, text)


def _announced(response: httpx.Response) -> int | None:
    """The bytes that the server says it will send; the HTTP library refuses malformed numbers."""
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < 20 else None
