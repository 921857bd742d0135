"""The HTTP library's errors → ours. Loads the HTTP library.

Only what the operating system or the certificate check says is repeated, never the library's own
text: that may quote what the server sent.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx

from got_loaders.errors import SourceError
from got_loaders.sources.download.deadline import Deadline
from got_loaders.sources.download.urls import url_error

__all__ = ["network_error"]


def network_error(url: str, error: httpx.TransportError, deadline: Deadline) -> SourceError:
    """What went wrong on the way to ``url``, or that it took too long."""
    if deadline.is_expired:
        return deadline.timeout_error(url)
    return url_error(SourceError, url, f"can't be downloaded: {_reason(error)}")


def _reason(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "the server does not answer"
    if isinstance(error, httpx.TimeoutException):
        return "the server fell silent"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the server broke off, or does not speak HTTP"
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "no encrypted connection: the server does not speak TLS as expected"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return "the connection failed"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it; the library's pool turns causes into mere contexts."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
