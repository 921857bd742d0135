"""Errors as clients get them: OpenAI's shape, a code of the protocol's table, no path, no trace."""

from __future__ import annotations

import json
import logging
import math
import re

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from got_loaders.engine.remote.protocol import ERRORS, code_for
from got_loaders.errors import GotLoadersError, printable
from got_loaders.types import REQUEST_FIELDS

__all__ = [
    "ApiError",
    "ErrorResponse",
    "add_error_handlers",
    "api_error",
    "error_response",
    "without_paths",
]

_log = logging.getLogger(__name__)

_BY_STATUS = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
_PATH = re.compile(
    r"""(?<=['"])(?:[A-Za-z]:)?[/\\][^'"\n]+(?=['"])"""
    r"""|(?<![\w.:/\\…-])(?:[A-Za-z]:)?[/\\](?=[^\s/\\'"])[^\s'":,;()]+"""
)
"""A full path of a file system, in quotes or bare."""
_MAX_TEXT, _MAX_PARAM = 4000, 200
"""Letters: what is told of a request is not as long as the request."""
_OPTION = re.compile(r"(\w+)(?:[=:]|\b can't)")


class ApiError(Exception):
    """What a request is answered with. ``code`` is one of the protocol's table.

    ``param`` names the part of the request that is wrong, ``retry_after`` is in seconds.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        param: str | None = None,
        retry_after: float | None = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(printable(message[:_MAX_TEXT]))
        self.code = code
        self.param = None if param is None else printable(param[:_MAX_PARAM])
        known = ERRORS.get(code)
        self.status = status or (500 if known is None else known.status)
        self.kind = "invalid_request_error" if known is None else known.kind
        self.headers = dict(headers or {})
        if retry_after is None and known is not None and known.retry:
            retry_after = 1.0
        self.retry_after = retry_after
        if retry_after is not None:
            self.headers["retry-after"] = str(max(1, math.ceil(retry_after)))

    def to_json(self) -> dict[str, dict[str, str | None]]:
        """OpenAI's shape."""
        return {
            "error": {
                "message": str(self),
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def api_error(error: Exception, *, param: str | None = None) -> ApiError:
    """What a client is told of anything that was raised; what is no error of ours goes to the log.

    ``param`` names the part of the request that it is about, where the message does not say it.
    """
    if isinstance(error, ApiError):
        return error
    if isinstance(error, HTTPException):
        return _from_http(error)
    code = code_for(error)
    if not isinstance(error, GotLoadersError):
        text = printable(without_paths(str(error)))
        _log.error("internal error: %s: %s", type(error).__name__, text)
        _log.debug("its trace", exc_info=error)
        return ApiError("internal_error", "something went wrong in the server; its log says what")
    if code == "invalid_option" and param is None:
        match = _OPTION.match(str(error))
        names = (*REQUEST_FIELDS, "images", "thumbnail", "draft")
        param = match[1] if match is not None and match[1] in names else None
    return ApiError(code, without_paths(str(error)), param=param)


def without_paths(text: str) -> str:
    """``text`` with a … for each path of this machine."""
    return _PATH.sub("…", text)


class ErrorResponse(Response):
    """An error as an answer; those further out find its code in the request's scope."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(
            json.dumps(error.to_json()),
            status_code=error.status,
            headers=error.headers,
            media_type="application/json",
        )
        self._code = error.code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        scope["error_code"] = self._code
        await super().__call__(scope, receive, send)


def error_response(error: Exception) -> ErrorResponse:
    """The answer that says it."""
    return ErrorResponse(api_error(error))


def add_error_handlers(app: FastAPI) -> None:
    """Answer whatever an endpoint raises on purpose."""

    async def answer(_request: Request, error: Exception) -> Response:
        return error_response(error)

    async def answer_invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return error_response(_from_validation(error))

    for kind in (ApiError, GotLoadersError, HTTPException):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(RequestValidationError, answer_invalid)


def _from_http(error: HTTPException) -> ApiError:
    """Of the framework: no such path, another method."""
    status = error.status_code
    code = _BY_STATUS.get(status, "invalid_request" if status < 500 else "internal_error")
    message = str(error.detail)
    if status == 404:
        message = "there is no such address here; /docs lists them"
    elif status == 405:
        message = "this address does not answer this method"
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return ApiError(code, message, status=status, headers=headers)


def _from_validation(error: RequestValidationError) -> ApiError:
    """Of a schema: the first thing that is wrong."""
    first = error.errors()[0]
    place = [part for part in first["loc"] if part not in ("body", "query", "path")]
    param = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    param = param.removeprefix(".")
    code = "unknown_field" if first["type"] == "extra_forbidden" else "invalid_option"
    return ApiError(code, f"{param or 'the request'}: {first['msg']}", param=param or None)
