"""``POST /v1/ocr``."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from got_loaders._async import call_in_thread
from got_loaders.server.bodies import json_body
from got_loaders.server.disconnect import until_disconnect
from got_loaders.server.jobs.service import JobService, get_jobs
from got_loaders.server.ocr.figures import add_pictures
from got_loaders.server.ocr.pages import page_json
from got_loaders.server.ocr.request import OcrCall, parse_call
from got_loaders.server.reading.document import DOCUMENT_SCHEMA, DocumentRef, resolve
from got_loaders.server.reading.json_body import parse_json
from got_loaders.server.reading.model_name import check_model
from got_loaders.server.reading.read import Pages, read_document
from got_loaders.server.state import ServerState, get_state

__all__ = ["router"]

router = APIRouter()

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["document"],
                    "properties": {
                        "model": {"type": "string", "nullable": True},
                        "document": DOCUMENT_SCHEMA,
                        "pages": {"description": 'From 0: 3, [0, 2], "0-2,5".'},
                        "table_format": {"enum": ["markdown", "html", None]},
                        "confidence_scores_granularity": {"enum": ["page", None]},
                        "options": {
                            "type": "object",
                            "description": "Options of a read, by their own names.",
                        },
                    },
                }
            }
        },
    }
}


@router.post("/v1/ocr", tags=["documents"], summary="A document's pages", openapi_extra=_BODY)
async def ocr(request: Request) -> Response:
    """In the shape of Mistral's OCR. A page that could not be read is empty and says why in
    ``error``; 422 where none could be read."""
    body = await json_body(request)
    answer = await until_disconnect(
        request.receive, _answer(get_state(request), get_jobs(request), body)
    )
    return JSONResponse(answer)


async def _answer(state: ServerState, jobs: JobService, body: bytes) -> dict[str, Any]:
    call = await call_in_thread(lambda: parse_call(parse_json(body, "the body"), state.settings))
    info = (await state.engine_source.get()).info
    check_model(call.model, info)
    document = await jobs.resolve(call.document)
    pages = await read_document(state, document, call.options, endpoint="/v1/ocr")
    return {
        "pages": await call_in_thread(lambda: _pages(pages, call, document, state)),
        "model": info.model,
        "document_annotation": None,
        "usage_info": {"pages_processed": len(pages), "doc_size_bytes": _size(document)},
    }


def _pages(
    pages: Pages, call: OcrCall, document: DocumentRef, state: ServerState
) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = []
    count = 0
    for results in pages:
        page = page_json(
            results,
            table_format=call.table_format,
            confidence=call.confidence,
            figures=call.figures,
            earlier=count,
        )
        count += len(page["images"])
        written.append(page)
    if call.include_pictures and count:
        add_pictures(written, resolve(document, state.settings), call.options)
    return written


def _size(document: DocumentRef) -> int | None:
    """Bytes; None of a document that the server fetched or found."""
    return None if document.data is None else len(document.data)
