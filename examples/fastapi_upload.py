"""A service that reads uploads: one process, one model, all requests' pages in its batches.

Start it with ``uvicorn fastapi_upload:app``, then
``curl -F file=@scan.pdf "http://127.0.0.1:8000/read?pages=1-3"``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, HTTPException, Query, Request, UploadFile

from got_loaders import EngineConfig, PageResult, ReadOptions, aread, shared_engine
from got_loaders.errors import (
    EngineError,
    GotLoadersError,
    OptionError,
    SourceRefusedError,
    UnsupportedSourceError,
)
from got_loaders.options import ReadOverrides

MAX_BYTES = 20_000_000
LIMITS = ReadOptions(max_file_bytes=MAX_BYTES, max_pages=50, max_page_seconds=30, urls=False)
"""What any request may ask for at most; its own options are added to these."""

MAX_READING = 8
"""Uploads that are read at the same time; the others wait their turn without a thread."""

STATUS: list[tuple[type[GotLoadersError], int]] = [
    (OptionError, 422),  # pages=x
    (UnsupportedSourceError, 415),  # neither a PDF nor an image
    (SourceRefusedError, 413),  # too large, too many pages
    (EngineError, 503),  # the model is not there
    (GotLoadersError, 422),  # encrypted, broken, no such page
]
"""The first that fits is the answer's."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model before the first request, and free it after the last."""
    config = EngineConfig(model=os.environ.get("GOT_MODEL", "tiny"))
    app.state.engine = await asyncio.to_thread(shared_engine, config)
    app.state.turn = asyncio.Semaphore(MAX_READING)
    yield
    app.state.engine.close()


app = FastAPI(lifespan=lifespan)


@app.post("/read")
async def read_upload(
    request: Request,
    file: UploadFile,
    pages: Annotated[str | None, Query(description="as in 1-3,7; all")] = None,
    on_error: Literal["raise", "keep"] = "raise",
    password: Annotated[str | None, Form()] = None,
) -> dict[str, Any]:
    """The pages of a PDF or an image as Markdown.

    With ``on_error=keep`` a page that fails says so in its place.
    """
    if (file.size or 0) > MAX_BYTES:
        raise HTTPException(413, f"more than {MAX_BYTES:,} bytes")
    try:
        chosen: ReadOverrides = {"pages": pages, "on_error": on_error, "password": password}
        options = ReadOptions.of(LIMITS, chosen)
        found = await while_connected(request, read_pages(file, options, request.app))
    except GotLoadersError as error:
        status = next(code for kind, code in STATUS if isinstance(error, kind))
        raise HTTPException(status, str(error)) from error
    if found and "page" not in found[0]:
        raise HTTPException(422, found[0]["error"])  # not a page failed, but the file
    return {"name": file.filename, "pages": found}


async def read_pages(file: UploadFile, options: ReadOptions, app: FastAPI) -> list[dict[str, Any]]:
    """Each page's text and how far to trust it; cancelled, it leaves the engine at once."""
    async with app.state.turn:
        results = aread(file, engine=app.state.engine, options=options)
        async with aclosing(results):
            return [about(result) async for result in results]


def about(result: PageResult) -> dict[str, Any]:
    """A page as JSON; what is not known is left out."""
    ocr = result.ocr
    values = {
        "page": None if result.info.number is None else result.info.number + 1,
        "text": result.markdown,
        "origin": result.origin,
        "confidence": None if ocr is None else ocr.confidence,
        "cut_off": True if ocr is not None and ocr.finish_reason != "stop" else None,
        "warnings": result.info.warnings or None,
        "error": result.error,
    }
    return {name: value for name, value in values.items() if value is not None}


async def while_connected(
    request: Request, work: Coroutine[Any, Any, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """What ``work`` gives; it is cancelled when the client hangs up, who gets nothing then."""
    reading, gone = asyncio.create_task(work), asyncio.create_task(hung_up(request))
    try:
        await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            raise HTTPException(499, "the client hung up")
        return reading.result()
    finally:
        for task in (reading, gone):
            task.cancel()
        await asyncio.gather(reading, gone, return_exceptions=True)


async def hung_up(request: Request) -> None:
    """Return when the client is gone: after its upload nothing else comes from it."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
