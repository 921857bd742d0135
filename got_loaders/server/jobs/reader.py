"""Reads a job's document, and writes each page's records as soon as they are there."""

from __future__ import annotations

import json
from collections.abc import Sequence

from got_loaders._async import InnerGenerator, call_in_thread
from got_loaders.documents.records import Record, RecordBuilder
from got_loaders.errors import SourceError
from got_loaders.pipeline.reader import ReadJob
from got_loaders.results import PageResult
from got_loaders.server.jobs.changes import Changes
from got_loaders.server.jobs.store import JobStore
from got_loaders.server.jobs.values import ClaimedJob
from got_loaders.server.reading.document import DocumentRef, resolve
from got_loaders.server.reading.endpoint_engine import EndpointEngine
from got_loaders.server.reading.options import parse_options
from got_loaders.server.reading.read import count_page
from got_loaders.server.reading.records import public_metadata
from got_loaders.server.state import ServerState
from got_loaders.sources import Source

__all__ = ["ENDPOINT", "JobReader"]

ENDPOINT = "/v1/jobs"
"""Under which a job's pages are counted."""


class JobReader:
    """Reads the jobs of one store with a server's engine."""

    def __init__(self, state: ServerState, store: JobStore, changes: Changes) -> None:
        self._state = state
        self._store = store
        self._changes = changes

    async def read(self, claimed: ClaimedJob) -> bool:
        """Read what is not there yet; False where the job is ours no more. Raises what ends the
        job, or breaks it off. When cancelled, it returns within a page."""
        state, store, job = self._state, self._store, claimed.status.id
        options = parse_options(json.loads(claimed.status.options), state.settings, refused={})
        engine = EndpointEngine(await state.engine_source.get(), ENDPOINT)
        source = await call_in_thread(lambda: self._source(claimed))
        done = await call_in_thread(lambda: store.done_pages(job))
        builder = RecordBuilder(options)
        reading = ReadJob(source, None, engine, options, skip=lambda _, number: number in done)
        async with InnerGenerator(reading.apages()) as pages:
            async for results in pages:
                count_page(state, results, ENDPOINT)
                total = len(done) + reading.progress.total
                if not await call_in_thread(lambda: self._write(claimed, builder, results, total)):  # noqa: B023  # it is awaited
                    return False
                self._changes.notify()
        return True

    def _source(self, claimed: ClaimedJob) -> Source:
        status = claimed.status
        data = None if status.locator is not None else self._store.document(status.id) or b""
        ref = DocumentRef(name=status.name, data=data, locator=status.locator)
        return resolve(ref, self._state.settings)

    def _write(
        self,
        claimed: ClaimedJob,
        builder: RecordBuilder,
        results: Sequence[PageResult],
        total: int,
    ) -> bool:
        info = results[0].info
        if info.number is None:
            raise SourceError(results[0].error or "it can't be opened", source=info.source)
        last = info.number if info.last_number is None else info.last_number
        return self._store.write_page(
            claimed,
            range(info.number, last + 1),
            [_to_json(record) for record in builder.add(results)],
            total=total,
            failed=any(result.error is not None for result in results),
        )


def _to_json(record: Record) -> str:
    line = {"id": record.id, "text": record.text, "metadata": public_metadata(record)}
    return json.dumps(line, ensure_ascii=False)
