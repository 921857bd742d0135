"""Reads a whole document for a client that waits: by the library's own pipeline, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from got_loaders._async import InnerGenerator, call_in_thread
from got_loaders.errors import GotLoadersError, OptionError, PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pipeline.reader import ReadJob
from got_loaders.results import PageResult
from got_loaders.server.downloads import without_addresses
from got_loaders.server.errors import ApiError, api_error
from got_loaders.server.reading.document import DocumentRef, resolve
from got_loaders.server.reading.endpoint_engine import EndpointEngine
from got_loaders.server.state import ServerState
from got_loaders.sources import Source

__all__ = ["Pages", "count_page", "document_error", "read_document"]

Pages = list[tuple[PageResult, ...]]
"""The results of a document's pages, in order."""


async def read_document(
    state: ServerState, document: DocumentRef, options: ReadOptions, *, endpoint: str
) -> Pages:
    """All pages; those that failed say so. Waits for a place, and for the engine.

    :class:`ApiError` where the document can't be opened, no page of it could be read, or it took
    too long. When cancelled, what is queued is cancelled; it returns within a page.
    """
    state.stopping.check()
    seconds = state.settings.request_seconds
    try:
        async with asyncio.timeout(seconds) as scope:
            source = await call_in_thread(lambda: resolve(document, state.settings))
            async with state.documents.place():
                engine = EndpointEngine(await state.engine_source.get(), endpoint)
                return await _read(state, source, engine, options, endpoint)
    except TimeoutError:
        if not scope.expired():
            raise
        raise ApiError(
            "timeout",
            f"reading it took more than {seconds:g} seconds; POST /v1/jobs reads it in the "
            "background",
        ) from None
    except GotLoadersError as error:
        raise document_error(error) from error


def document_error(error: GotLoadersError) -> ApiError:
    """What is told of a document that could not be read; what its options ask of it may be wrong,
    too (a page that is not there)."""
    if isinstance(error, OptionError):
        return api_error(error, param="options")
    is_document = isinstance(error, SourceError) or (
        isinstance(error, PageError) and error.page is None
    )
    told = api_error(error, param="document" if is_document else None)
    return ApiError(told.code, without_addresses(str(told)), param=told.param)


def count_page(state: ServerState, results: Sequence[PageResult], endpoint: str) -> None:
    """Count what the engine has not counted: pages without it, and failures."""
    for result in results:
        if result.origin in ("blank", "text_layer"):
            state.metrics.pages.labels(result.origin, endpoint).inc()
        elif result.origin == "failed" and result.info.number is not None:
            state.metrics.failures.labels("unreadable_page").inc()


async def _read(
    state: ServerState, source: Source, engine: EndpointEngine, options: ReadOptions, endpoint: str
) -> Pages:
    pages: Pages = []
    job = ReadJob(source, None, engine, options)
    async with InnerGenerator(job.apages()) as results_of_pages:
        async for results in results_of_pages:
            count_page(state, results, endpoint)
            pages.append(tuple(results))
    if not pages:
        raise SourceError(f"{source.name}: it has no pages", source=source.name)
    errors = [result.error for results in pages for result in results]
    if all(error is not None for error in errors):
        raise SourceError(str(errors[0]), source=source.name)
    return pages
