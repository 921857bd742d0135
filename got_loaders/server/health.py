"""Is it alive, is it ready, what is it: for load balancers, supervisors and clients."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from got_loaders.server.errors import ApiError
from got_loaders.server.metrics import CONTENT_TYPE_LATEST
from got_loaders.server.state import get_state

__all__ = ["router"]

router = APIRouter()


@router.head("/health", include_in_schema=False)
@router.get("/health", tags=["state"], summary="Alive")
async def health(request: Request) -> Response:
    """200 while it can answer, also while it loads; 503 when only a restart helps."""
    source = get_state(request).engine_source
    if source.status == "failed":
        raise ApiError("engine_dead", f"the model is not to be had: {source.describe_error()}")
    return JSONResponse({"status": "ok"})


@router.head("/ready", include_in_schema=False)
@router.get("/ready", tags=["state"], summary="Ready to read")
async def ready(request: Request) -> Response:
    """200 when the model is loaded and new requests are taken; else 503 says why not."""
    state = get_state(request)
    state.stopping.check()
    await state.engine_source.get()
    return JSONResponse({"status": "ready"})


@router.get("/metrics", tags=["state"], summary="Counters, for Prometheus")
async def metrics(request: Request) -> Response:
    """In Prometheus' text format."""
    text = get_state(request).metrics.to_text()
    return Response(text, media_type=CONTENT_TYPE_LATEST)
