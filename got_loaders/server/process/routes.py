"""``PUT /process``: the document is the body; a list of texts with metadata is the answer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from got_loaders._async import call_in_thread
from got_loaders.documents.records import RecordBuilder
from got_loaders.options import ReadOptions
from got_loaders.server.bodies import take_body
from got_loaders.server.disconnect import until_disconnect
from got_loaders.server.errors import ApiError
from got_loaders.server.reading.document import bytes_ref, decode_header_name
from got_loaders.server.reading.options import server_options
from got_loaders.server.reading.read import Pages, read_document
from got_loaders.server.reading.records import public_metadata
from got_loaders.server.state import ServerState, get_state

__all__ = ["router"]

router = APIRouter()

_NO_TEXT = "No extractable text"
"""What Open WebUI looks for in a 422, to read the document by its own means then."""

_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


@router.put("/process", tags=["documents"], summary="A document's texts", openapi_extra=_BODY)
@router.put("/process/", include_in_schema=False)
async def process(request: Request) -> Response:
    """In the shape of Open WebUI's external document loader: the body is the document,
    ``X-Filename`` its name; the answer has ``page_content`` and ``metadata`` of each page. 422
    where nothing was read."""
    data = await take_body(request)
    name = decode_header_name(request.headers.get("x-filename", ""))
    texts = await until_disconnect(request.receive, _answer(get_state(request), data, name))
    return JSONResponse(texts)


async def _answer(state: ServerState, data: bytes, name: str | None) -> list[dict[str, object]]:
    options = server_options(state.settings)
    document = bytes_ref(data, name)
    try:
        pages = await read_document(state, document, options, endpoint="/process")
    except ApiError as error:
        if error.code != "unreadable_document":
            raise
        raise _no_text(str(error)) from error
    texts = await call_in_thread(lambda: _texts(pages, options))
    if not any(str(text["page_content"]).strip() for text in texts):
        raise _no_text(f"{document.name}: its pages are blank")
    return texts


def _no_text(reason: str) -> ApiError:
    """What is told of a document that gives no text: Open WebUI sends files of all kinds."""
    return ApiError("unreadable_document", f"{_NO_TEXT}: {reason}", param="document")


def _texts(pages: Pages, options: ReadOptions) -> list[dict[str, object]]:
    """A text and its metadata for each page, blank and failed ones among them."""
    builder = RecordBuilder(options)
    records = [record for results in pages for record in builder.add(results)]
    return [
        {"page_content": record.text, "metadata": public_metadata(record)} for record in records
    ]
