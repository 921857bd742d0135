"""What went wrong, by the answer or by what the connection raised: whether to try again, and what
the caller is told. Knows the table of codes, and nothing of time.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Callable
from typing import Any, TypeVar

from got_loaders.engine.remote.address import API_KEY_VARIABLE, shown_url
from got_loaders.engine.remote.dialect import Answer, Failure
from got_loaders.engine.remote.protocol import ERRORS, error_for
from got_loaders.errors import EngineDeadError, EngineError, OptionError

__all__ = [
    "explain_answer",
    "no_address",
    "not_set_up",
    "not_understood",
    "timed_out",
    "unreachable",
]

E = TypeVar("E", bound=BaseException)

_RETRIED = frozenset({429, 502, 503, 504})
"""Statuses that a server, or a proxy before it, answers with for a while."""

_MAX_ATTEMPTS = 3
"""Of a request at which an engine died or an answer made no sense: it may be at fault itself."""

_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
"""OpenSSL's reasons where the other side speaks something else."""

_TRUST = "SSL_CERT_FILE names a file with the certificates to trust"
_MAX_CAUSES = 20

_MAX_SHOWN = 300
"""Characters of a server's message that ours repeat."""


def explain_answer(answer: Answer, server: str, *, by_code: bool = True) -> Failure:
    """What an answer that is not OK means; codes are our own server's, if ``by_code``."""
    code, message = _error_fields(answer)
    if by_code and code in ERRORS:
        return _by_code(code, message, answer, server)
    if by_code and answer.status == 500:
        return _by_proxy(message, server)
    return _by_status(message, answer, server)


def unreachable(server: str, cause: Exception) -> Failure:
    """The connection could not be made, or broke. What TLS says against it stays as it is."""
    if (tls := _found(cause, ssl.SSLError)) is not None:
        if isinstance(tls, ssl.SSLCertVerificationError):
            text = f"{server}: its certificate is not trusted: {_cut(tls.verify_message)}; {_TRUST}"
            return _for_good(text, tls)
        if tls.reason in _NO_TLS:
            return _for_good(f"{server} does not speak TLS, it seems: is it http://…?", tls)
    error = EngineDeadError(f"{server} does not answer: {_reason(cause)}")
    error.__cause__ = cause
    return Failure(error=error, retry=True)


def not_set_up(server: str, cause: Exception) -> Failure:
    """There can be no connections: certificates or proxies that the environment names are wrong."""
    names = "SSL_CERT_FILE, SSL_CERT_DIR, HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY"
    text = f"no connection to {server} can be made as the environment says: {_cut(str(cause))}"
    return _for_good(f"{text} (see {names})", cause)


def no_address(server: str, cause: Exception) -> Failure:
    """The HTTP library makes nothing of the URL."""
    error = OptionError(f"{server} is no address: {_cut(str(cause))}")
    error.__cause__ = cause
    return Failure(error=error)


def timed_out(server: str, seconds: float, cause: TimeoutError) -> Failure:
    """No whole answer came in time."""
    error = EngineError(f"{server} did not answer within {seconds:g} seconds (timeout=)")
    error.__cause__ = cause
    return Failure(error=error, retry=True)


def not_understood(server: str, cause: Exception) -> Failure:
    """It answered with what is not an answer; half of one, maybe."""
    reason = f"{cause} is missing" if isinstance(cause, KeyError) else str(cause)
    text = f"what {server} answered makes no sense: {_cut(reason or type(cause).__name__)}"
    return Failure(error=EngineError(text), retry=True, max_attempts=_MAX_ATTEMPTS)


def _by_code(code: str, message: str, answer: Answer, server: str) -> Failure:
    known = ERRORS[code]
    if code in ("unauthorized", "forbidden"):
        return Failure(error=EngineDeadError(_about_the_key(answer.status, server)))
    if known.retry:
        message = f"{server}: {message}"
    if code == "too_large":  # its limits are not those of this process
        message = f"{server} takes no page of this size: {message}"
    return Failure(
        error=error_for(code, message),
        retry=known.retry,
        retry_after=answer.retry_after,
        max_attempts=_MAX_ATTEMPTS if code == "engine_dead" else None,
        loading=code == "loading",
        busy=answer.status == 429,
    )


def _by_status(message: str, answer: Answer, server: str) -> Failure:
    status = answer.status
    if status in (401, 403):
        return Failure(error=EngineDeadError(_about_the_key(status, server)))
    if 300 <= status < 400:
        place = f" to {shown_url(answer.location)}" if answer.location else ""
        text = f"{server} redirects{place}, which is not followed: give the address it leads to"
        return Failure(error=EngineDeadError(text))
    said = f": {message}" if message else ""
    text = f"{server} answered with the HTTP status {status}{said}"
    if status not in _RETRIED:
        return Failure(error=EngineError(text))
    return Failure(
        error=EngineDeadError(text),
        retry=True,
        retry_after=answer.retry_after,
        busy=status == 429,
    )


def _by_proxy(message: str, server: str) -> Failure:
    """Our server has a code for each error: this is a proxy's word for a server that went away
    with the request, as Ray Serve says it of a replica that was killed."""
    said = f": {message}" if message else ""
    error = EngineError(f"{server} answered with the HTTP status 500{said}")
    return Failure(error=error, retry=True, max_attempts=_MAX_ATTEMPTS)


def _about_the_key(status: int, server: str) -> str:
    return (
        f"{server} does not accept this key, or asks for one (HTTP status {status}): set "
        f"{API_KEY_VARIABLE}, or pass api_key="
    )


def _error_fields(answer: Answer) -> tuple[str, str]:
    """The code and the message of an error in OpenAI's shape; "" where there are none."""
    try:
        value: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "", ""
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return "", ""
    code, message = error.get("code"), error.get("message")
    return code if isinstance(code, str) else "", _cut(message if isinstance(message, str) else "")


def _for_good(text: str, cause: Exception) -> Failure:
    error = EngineDeadError(text)
    error.__cause__ = cause
    return Failure(error=error)


def _reason(cause: Exception) -> str:
    """What the system said, if it said anything; else what the HTTP library did."""
    system = _found(cause, OSError, lambda error: bool(error.errno))
    if system is not None:
        has_own = isinstance(system, ssl.SSLError | socket.gaierror)  # numbers of their own
        return _cut(str(system.strerror) if has_own else os.strerror(system.errno or 0))
    if "ConnectTimeout" in type(cause).__name__:
        return "no connection was made in time"
    return _cut(" ".join(str(cause).split())) or type(cause).__name__


def _found(cause: BaseException, kind: type[E], wanted: Callable[[E], bool] = bool) -> E | None:
    """The innermost error of a kind among those that led to ``cause``."""
    seen: list[BaseException] = []
    todo = [cause]
    while todo and len(seen) < _MAX_CAUSES:
        error = todo.pop(0)
        seen.append(error)
        todo += [each for each in (error.__cause__, error.__context__) if each is not None]
        todo += error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    found = [error for error in seen if isinstance(error, kind)]
    return next((error for error in reversed(found) if wanted(error)), None)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
