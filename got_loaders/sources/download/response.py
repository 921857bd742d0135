"""Checks a response and iterates over its body. Loads the HTTP library."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import httpx

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources.download.deadline import Deadline
from got_loaders.sources.download.errors import network_error
from got_loaders.sources.download.urls import url_error

__all__ = ["iter_body"]

_NO_CREDENTIALS = "; no credentials are sent: download it yourself and pass the file"


def iter_body(
    response: httpx.Response, name: str, max_bytes: int, deadline: Deadline
) -> Iterator[bytes]:
    """The body of a 200 response in chunks, counted and timed.

    Raises :class:`SourceRefusedError` for too many of them, announced or sent, and
    :class:`SourceError` for any other status, for a compressed body (a small one may unfold to
    anything), for too few bytes and too much time.
    """
    _check_status(response, name)
    _check_encoding(response, name)
    length = _content_length(response)
    if length is not None and length > max_bytes:
        text = f"{length} bytes, more than max_file_bytes={max_bytes}"
        raise url_error(SourceRefusedError, name, text)
    size = 0
    for chunk in _chunks(response, name, deadline):
        size += len(chunk)
        if size > max_bytes:
            raise url_error(SourceRefusedError, name, f"more than max_file_bytes={max_bytes}")
        yield chunk
    if length is not None and size != length:
        raise url_error(SourceError, name, f"the server sent {size} bytes of {length}")


def _chunks(response: httpx.Response, name: str, deadline: Deadline) -> Iterator[bytes]:
    """The body as it comes; whether to go on is asked before each chunk and at the end."""
    chunks = response.iter_raw()
    while True:
        deadline.check(name)
        try:
            chunk = next(chunks, None)
        except httpx.TransportError as error:
            raise network_error(name, error, deadline) from error
        if chunk is None:
            break
        yield chunk
    deadline.check(name)  # a cut connection ends a body of unknown length as the server would


def _check_status(response: httpx.Response, name: str) -> None:
    status = response.status_code
    if status == HTTPStatus.OK:
        return
    try:
        phrase = f" {HTTPStatus(status).phrase}"  # not the server's: that may say anything
    except ValueError:
        phrase = ""
    hint = _NO_CREDENTIALS if status in (401, 403) else ""
    raise url_error(SourceError, name, f"the server answers {status}{phrase}{hint}")


def _check_encoding(response: httpx.Response, name: str) -> None:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        text = "the server compresses its answer although asked not to; that is not read"
        raise url_error(SourceError, name, text)


def _content_length(response: httpx.Response) -> int | None:
    """The bytes that the server says it will send; the HTTP library refuses malformed numbers."""
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < 20 else None
