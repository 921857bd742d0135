"""Who may ask: those with a key, or, where there is none, this machine's programs but no web page.

A browser on this machine would send what any web page tells it to. So without keys a request must
name this machine as its host (a page may have its own name lead here), and come from no page of
another origin.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from got_loaders.server.errors import ApiError, error_response
from got_loaders.server.settings import ServerSettings, is_loopback

__all__ = ["DOCS_FILES", "OPEN_PATHS", "AccessControl"]

OPEN_PATHS = frozenset({"/", "/health", "/ready", "/docs", "/openapi.json"})
"""What anybody may ask for: they say nothing of what is read."""
DOCS_FILES = "/docs-files"
"""Where the scripts of ``/docs`` are; open, too."""


class AccessControl:
    """Middleware: lets through who may ask, before a byte of a body is read."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._keys = tuple(key.encode("ascii") for key in settings.api_keys)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            if self._keys:
                if not _is_open(_path(scope)):
                    self._check_key(headers)
            else:
                _check_browser(headers)
        except ApiError as error:
            await error_response(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check_key(self, headers: Headers) -> None:
        given = _given_key(headers)
        if given is None:
            raise _unauthorized(
                "a key is needed: send Authorization: Bearer KEY, or X-Api-Key: KEY"
            )
        matches = [hmac.compare_digest(given, key) for key in self._keys]  # all, whichever it is
        if not any(matches):
            raise _unauthorized("this key is not one of the server's")


def _given_key(headers: Headers) -> bytes | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip().encode("latin-1")
    other = headers.get("x-api-key", "").strip()
    return other.encode("latin-1") if other else None


def _unauthorized(message: str) -> ApiError:
    return ApiError("unauthorized", message, headers={"www-authenticate": "Bearer"})


def _path(scope: Scope) -> str:
    """Below the place where another app, or Ray Serve, has us."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(f"{DOCS_FILES}/")


def _check_browser(headers: Headers) -> None:
    """Raise unless the request names this machine, and comes from no foreign web page."""
    host = headers.get("host", "")
    if not is_loopback(_host_name(host)):
        raise ApiError(
            "forbidden",
            "a server without a key answers to localhost and 127.0.0.1 alone; start it with "
            "--api-key-file to be reached by another name",
        )
    origin = headers.get("origin")
    if origin is not None and not _is_of(origin, host):
        raise ApiError("forbidden", "web pages of other origins are not answered without a key")


def _is_of(origin: str, host: str) -> bool:
    """Whether a page of this origin came from the host."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # http://[
        return False


def _host_name(host: str) -> str:
    """``[::1]:8000`` → ``::1``."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
