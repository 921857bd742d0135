"""``/v1/models`` and ``/v1/capabilities``: what reads here, and what it can do."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from got_loaders._version import __version__
from got_loaders.errors import shown
from got_loaders.server.errors import ApiError
from got_loaders.server.state import ServerState, get_state
from got_loaders.types import REQUEST_FIELDS, EngineInfo

__all__ = ["router"]

router = APIRouter()

_STARTED = int(time.time())
_LIMITS = (
    *("max_body_bytes", "max_image_pixels", "max_pages", "max_queued", "max_jobs"),
    "request_seconds",
)


@router.get("/v1/models", tags=["model"], summary="The model, as OpenAI's clients list models")
async def models(request: Request) -> Response:
    """A list of one."""
    info = await _info(get_state(request))
    return JSONResponse({"object": "list", "data": [_model(info)]})


@router.get("/v1/models/{model:path}", tags=["model"], summary="The model, by its name")
async def model(request: Request, model: str) -> Response:
    """The one that there is; 404 for any other."""
    info = await _info(get_state(request))
    if model not in (info.model, info.fingerprint):
        text = f"model={shown(model)}: the model here is {info.model!r}"
        raise ApiError("model_not_found", text, param="model")
    return JSONResponse(_model(info))


@router.get("/v1/capabilities", tags=["model"], summary="What clients of this library ask first")
async def capabilities(request: Request) -> Response:
    """What the engine says of itself, and the server's limits."""
    state = get_state(request)
    info = await _info(state)
    size = info.max_batch_size
    return JSONResponse(
        {
            "object": "capabilities",
            "model": info.model,
            "fingerprint": info.fingerprint,
            "max_batch_size": None if size is None else size * state.settings.replicas,
            "max_context": info.max_context,
            "image_size": info.image_size,
            "resample": info.resample,
            "unsupported": sorted(info.unsupported),
            "version": __version__,
            "limits": {name: getattr(state.settings, name) for name in _LIMITS},
            "fields": [*REQUEST_FIELDS, "draft"],
        }
    )


async def _info(state: ServerState) -> EngineInfo:
    return (await state.engine_source.get()).info


def _model(info: EngineInfo) -> dict[str, Any]:
    return {
        "id": info.model,
        "object": "model",
        "created": _STARTED,
        "owned_by": "got_loaders",
        "root": info.fingerprint,
    }
