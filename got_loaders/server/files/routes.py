"""``/v1/files``, as far as programs need it who upload a document before they have it read."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from got_loaders._async import call_in_thread
from got_loaders.server.errors import ApiError
from got_loaders.server.files.store import MAX_HOURS, UploadedFile
from got_loaders.server.jobs.service import get_jobs
from got_loaders.server.reading.document import FILE_URL, file_name, no_such_file
from got_loaders.server.state import get_state

__all__ = ["router"]

router = APIRouter()

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "purpose": {"type": "string", "example": "ocr"},
                    },
                }
            }
        },
    }
}


@router.post("/v1/files", tags=["documents"], summary="Upload", openapi_extra=_BODY)
async def upload(request: Request) -> Response:
    """Keep a file for a day, to be read by ``/v1/ocr`` or a job."""
    get_state(request).stopping.check()
    name, data = await _form_file(request)
    store = await get_jobs(request).files()
    file = await call_in_thread(lambda: store.add(file_name(name) or "document", data))
    return JSONResponse(_file_json(file))


@router.get("/v1/files/{file_id}", tags=["documents"], summary="An uploaded file")
async def get_file(request: Request, file_id: str) -> Response:
    """What is known of it; its bytes are not given back."""
    store = await get_jobs(request).files()
    file = await call_in_thread(lambda: store.find(file_id))
    if file is None:
        raise no_such_file(file_id)
    return JSONResponse(_file_json(file))


@router.get("/v1/files/{file_id}/url", tags=["documents"], summary="A URL for /v1/ocr")
async def get_url(
    request: Request, file_id: str, expiry: int = Query(default=24, ge=1, le=MAX_HOURS)
) -> Response:
    """A URL that this server's ``/v1/ocr`` and jobs understand, and nobody else. The file is kept
    for ``expiry`` hours from now, if that is longer than it would be."""
    store = await get_jobs(request).files()
    file = await call_in_thread(lambda: store.keep(file_id, expiry))
    if file is None:
        raise no_such_file(file_id)
    return JSONResponse({"url": f"{FILE_URL}{file.id}"})


@router.delete("/v1/files/{file_id}", tags=["documents"], summary="Forget a file")
async def delete_file(request: Request, file_id: str) -> Response:
    """Jobs that were made of it go on: each has its own copy."""
    store = await get_jobs(request).files()
    if not await call_in_thread(lambda: store.remove(file_id)):
        raise no_such_file(file_id)
    return JSONResponse({"id": file_id, "object": "file", "deleted": True})


async def _form_file(request: Request) -> tuple[str, bytes]:
    """The name and bytes of the form's ``file``."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ApiError("unsupported_media_type", "expected a form: multipart/form-data with a file")
    try:
        async with request.form(max_files=1, max_fields=20) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise ApiError("invalid_request", "file: the form has no such file", param="file")
            data = await file.read()
            if not data:
                raise ApiError("invalid_request", "file: it is empty", param="file")
            return file.filename or "", data
    except ClientDisconnect:
        raise
    except (MultiPartException, ValueError, KeyError) as error:
        raise ApiError("invalid_request", "the form is malformed") from error


def _file_json(file: UploadedFile) -> dict[str, Any]:
    """As Mistral says it, and OpenAI."""
    return {
        "id": file.id,
        "object": "file",
        "bytes": file.size,
        "created_at": int(file.created),
        "expires_at": int(file.expires),
        "filename": file.name,
        "purpose": "ocr",
        "sample_type": "ocr_input",
        "source": "upload",
    }
