"""The schema of the endpoints: FastAPI's, with what our own layers add to it: keys and errors."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from got_loaders.engine.remote.protocol import ERRORS
from got_loaders.server.auth import OPEN_PATHS

__all__ = ["add_schema"]

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": "string", "examples": list(ERRORS)},
            },
        }
    },
}
_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
_RESPONSES = {
    "400": "The request is wrong; `param` names where.",
    "401": "A key is needed, or this is none.",
    "413": "Too large: the body, or a picture.",
    "429": "Too much waits already; `Retry-After` says when to ask again.",
    "500": "The engine could not answer this.",
    "503": "Loading, closing, or the engine died; ask again.",
    "504": "It took too long, and was given up.",
}
_SCHEMES = {
    "Bearer": {"type": "http", "scheme": "bearer"},
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}


def add_schema(app: FastAPI) -> None:
    """Have the app tell this schema; made when somebody first asks."""

    def schema() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    description=app.description,
                    routes=app.routes,
                )
            )
        return app.openapi_schema

    app.openapi = schema  # type: ignore[method-assign]  # as FastAPI documents it


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = _ERROR
    components["securitySchemes"] = _SCHEMES
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            if path not in OPEN_PATHS:
                operation["security"] = [{name: []} for name in _SCHEMES]
                _add_errors(operation)
    return schema


def _add_errors(operation: dict[str, Any]) -> None:
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)  # FastAPI's own shape, which is never sent
    for status, text in _RESPONSES.items():
        answers.setdefault(status, {"description": text, "content": _CONTENT})
