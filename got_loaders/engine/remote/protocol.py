"""What a server and its clients agree on, beside OpenAI's own words: prompts, errors, headers.

The server of this library speaks OpenAI's chat completions. The questions go as the text beside
the pictures, what else is asked under :class:`~got_loaders.types.OcrRequest`'s own names. Its
errors have OpenAI's shape, ``{"error": {"message", "type", "param", "code"}}``, and a ``code`` of
the table below, by which a client raises what the engine raised on the other side.
"""

from __future__ import annotations

from dataclasses import dataclass

from got_loaders.errors import (
    EngineDeadError,
    EngineError,
    GotLoadersError,
    ModelNotFoundError,
    OptionError,
    PageError,
    RequestTooLongError,
    SourceError,
)

__all__ = [
    "ERRORS",
    "FORMATTED_PROMPT",
    "MAX_DRAFT",
    "PLAIN_PROMPT",
    "WireError",
    "code_for",
    "error_for",
]

PLAIN_PROMPT = "OCR"
FORMATTED_PROMPT = "OCR with format"

MAX_DRAFT = 300_000
"""Characters of a draft that are sent, and taken: as many as a page's own words can have."""


@dataclass(frozen=True, slots=True)
class WireError:
    """A kind of error as a server answers it: HTTP status, what OpenAI calls its
    type, and what a client raises.

    ``retry``: the same request may be answered later, or by another server.
    """

    status: int
    kind: str
    raises: type[GotLoadersError]
    retry: bool = False


ERRORS: dict[str, WireError] = {
    "invalid_option": WireError(400, "invalid_request_error", OptionError),
    "unknown_field": WireError(400, "invalid_request_error", OptionError),
    "invalid_request": WireError(400, "invalid_request_error", EngineError),
    "invalid_image": WireError(400, "invalid_request_error", EngineError),
    "request_too_long": WireError(400, "invalid_request_error", RequestTooLongError),
    "unauthorized": WireError(401, "authentication_error", EngineDeadError),
    "forbidden": WireError(403, "permission_error", EngineDeadError),
    "not_found": WireError(404, "invalid_request_error", EngineError),
    "model_not_found": WireError(404, "invalid_request_error", ModelNotFoundError),
    "too_large": WireError(413, "invalid_request_error", EngineError),
    "unsupported_media_type": WireError(415, "invalid_request_error", EngineError),
    "unreadable_document": WireError(422, "invalid_request_error", SourceError),
    "unreadable_page": WireError(422, "invalid_request_error", PageError),
    "overloaded": WireError(429, "rate_limit_error", EngineError, retry=True),
    "engine_error": WireError(500, "server_error", EngineError),
    "internal_error": WireError(500, "server_error", EngineError),
    "engine_dead": WireError(503, "server_error", EngineDeadError, retry=True),
    "loading": WireError(503, "server_error", EngineDeadError, retry=True),
    "closing": WireError(503, "server_error", EngineDeadError, retry=True),
    "timeout": WireError(504, "server_error", EngineError),
}
"""By ``code``. What a server at its end answers with (503) is worth another try: it, or another one
behind the same name, may be ready by then."""


def code_for(error: Exception) -> str:
    """The code under which a server answers what an engine, or the pipeline, has raised."""
    for kind, code in (
        (OptionError, "invalid_option"),
        (RequestTooLongError, "request_too_long"),
        (ModelNotFoundError, "loading"),
        (EngineDeadError, "engine_dead"),
        (EngineError, "engine_error"),
        (PageError, "unreadable_page"),
        (SourceError, "unreadable_document"),
    ):
        if isinstance(error, kind):
            return code
    return "internal_error"


def error_for(code: str, message: str) -> GotLoadersError:
    """What a client raises for an answer with this code; :class:`EngineError` for unknown ones."""
    known = ERRORS.get(code)
    return EngineError(message) if known is None else known.raises(message)
