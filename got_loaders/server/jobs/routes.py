"""``/v1/jobs``."""

from __future__ import annotations

import asyncio
import re
from typing import Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from got_loaders._async import call_in_thread
from got_loaders.server.bodies import json_body
from got_loaders.server.disconnect import until_disconnect
from got_loaders.server.errors import ApiError
from got_loaders.server.jobs.answers import job_json, records_response
from got_loaders.server.jobs.changes import wait_for
from got_loaders.server.jobs.runner import POLL_S
from got_loaders.server.jobs.service import JobService, get_jobs
from got_loaders.server.jobs.submission import from_body, from_json
from got_loaders.server.reading.document import DOCUMENT_SCHEMA
from got_loaders.server.state import ServerState, get_state

__all__ = ["router"]

router = APIRouter()

MAX_WAIT_S = 60.0
"""Of a request for records; who wants to wait longer asks again."""
MAX_RECORDS = 500
"""In one answer."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["document"],
                    "properties": {
                        "document": DOCUMENT_SCHEMA,
                        "options": {"type": "object", "example": {"regions": "auto"}},
                    },
                }
            },
            "application/octet-stream": {},
        },
    }
}


@router.post("/v1/jobs", status_code=202, tags=["jobs"], summary="Submit", openapi_extra=_BODY)
async def submit(request: Request) -> Response:
    """A document, to be read in the background: in JSON, as for ``/v1/ocr``, or as the body, with
    ``X-Filename`` and ``?options=`` in JSON. 202, and 200 where the same ``Idempotency-Key`` was
    sent before."""
    state, jobs = get_state(request), get_jobs(request)
    state.stopping.check()
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise ApiError(
            "invalid_request",
            "Idempotency-Key: expected 1 to 255 letters, digits and signs of ASCII",
            param="Idempotency-Key",
        )
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        new = await from_json(await json_body(request), state, jobs, key=key)
    else:
        new = await from_body(request, state, key=key)
    opened = await jobs.open()
    status, created = await call_in_thread(lambda: opened.store.submit(new))
    if created:
        opened.runner.wake()
    headers = {"location": f"/v1/jobs/{status.id}"}
    return JSONResponse(job_json(status), status_code=202 if created else 200, headers=headers)


@router.get("/v1/jobs", tags=["jobs"], summary="The latest jobs")
async def list_jobs(
    request: Request,
    limit: int = Query(default=100, ge=1, le=1000),
    state: Literal["queued", "running", "completed", "failed", "cancelled"] | None = None,
) -> Response:
    """The latest first."""
    opened = await get_jobs(request).open()
    found = await call_in_thread(lambda: opened.store.list_jobs(limit=limit, state=state))
    return JSONResponse({"object": "list", "data": [job_json(status) for status in found]})


@router.get("/v1/jobs/{job_id}", tags=["jobs"], summary="State and progress")
async def get_job(request: Request, job_id: str) -> Response:
    """How far it has come."""
    opened = await get_jobs(request).open()
    status = await call_in_thread(lambda: opened.store.status(job_id))
    if status is None:
        raise _no_such_job()
    return JSONResponse(job_json(status))


@router.delete("/v1/jobs/{job_id}", tags=["jobs"], summary="Cancel, or forget")
async def delete_job(request: Request, job_id: str, purge: bool = False) -> Response:
    """Cancel it; what was read stays until it expires. With ``purge=true`` forget all of it."""
    jobs = get_jobs(request)
    opened = await jobs.open()
    before = await call_in_thread(lambda: opened.store.status(job_id))
    status = await call_in_thread(lambda: opened.store.cancel(job_id))
    if before is None or status is None:
        raise _no_such_job()
    opened.runner.stop(job_id)
    jobs.changes.notify()
    if not before.is_final and status.state == "cancelled":
        get_state(request).metrics.jobs.labels("cancelled").inc()
    if not purge:
        return JSONResponse(job_json(status))
    await call_in_thread(lambda: opened.store.forget(job_id))
    return JSONResponse({"id": job_id, "object": "job", "deleted": True})


@router.get("/v1/jobs/{job_id}/records", tags=["jobs"], summary="What was read, as JSON lines")
async def get_records(
    request: Request,
    job_id: str,
    after: int = Query(default=0, ge=0, le=2**53),
    wait: float = Query(default=0, ge=0, le=MAX_WAIT_S),
    limit: int = Query(default=MAX_RECORDS, ge=1, le=MAX_RECORDS),
) -> Response:
    """The records after number ``after``. Where there are none yet, the answer waits for one, for
    ``wait`` seconds at most; a wait that ends leaves the job as it is. ``X-Job-State`` says
    whether more will come."""
    state, jobs = get_state(request), get_jobs(request)
    return await until_disconnect(
        request.receive, _records(state, jobs, job_id, after=after, wait=wait, limit=limit)
    )


async def _records(
    state: ServerState, jobs: JobService, job: str, *, after: int, wait: float, limit: int
) -> Response:
    opened, loop = await jobs.open(), asyncio.get_running_loop()
    deadline = loop.time() + wait
    while True:
        changed = jobs.changes.next
        status = await call_in_thread(lambda: opened.store.status(job))
        if status is None:
            raise _no_such_job()
        rows = await call_in_thread(lambda: opened.store.records(job, after=after, limit=limit))
        left = deadline - loop.time()
        if rows or status.is_final or left <= 0 or state.stopping.is_set():
            return records_response(status, rows, after=after)
        await wait_for(changed, min(left, POLL_S))  # another server may read it


def _no_such_job() -> ApiError:
    return ApiError("not_found", "there is no such job, or it was kept long enough")
