"""Page results → records: the text, metadata and id that a framework's Document is made of.

Metadata is flat, of plain types, the same from run to run; what is not known is absent. This
module knows the values and the mark-up, and neither a framework nor where results come from.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from got_loaders._async import InnerGenerator, call_in_thread
from got_loaders.documents.metadata import Value, build_metadata, drop_missing
from got_loaders.documents.provenance import REF_KEY, SpanWriter, register_spans
from got_loaders.documents.text import join_texts
from got_loaders.options import ReadOptions
from got_loaders.results import PageResult
from got_loaders.sources import looks_like_url

__all__ = ["Record", "RecordBuilder", "ResultStream", "Value", "abuild", "build"]

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "got_loaders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A Document before a framework has shaped it.

    ``id`` names a place (source, page and what was read of it), not its text: a page that changes
    keeps it. ``file`` holds ``file_name`` and ``file_type`` where the source is a file.
    """

    text: str
    metadata: dict[str, Value]
    id: str
    file: dict[str, Value] = field(default_factory=dict)


class ResultStream(Protocol):
    """Where page results come from: :class:`got_loaders.pipeline.ReadJob` is one."""

    options: ReadOptions

    @property
    def file_done(self) -> bool:
        """Whether the page that was given last is its file's last one."""

    def pages(self) -> Generator[Sequence[PageResult]]:
        """The results, page by page in reading order."""

    def apages(self) -> AsyncGenerator[Sequence[PageResult]]:
        """The same, asynchronously."""


class RecordBuilder:
    """Takes results page by page in reading order, gives records: one a page, file or region.

    With ``mode="single"`` a file's record comes with the page that is said to be its last; else
    with the next file's first page, or from ``finish``. ``on_spans`` gets each reference to spans
    that goes into a record.
    """

    def __init__(self, options: ReadOptions, on_spans: Callable[[str], None] | None = None) -> None:
        self._options = options
        self._on_spans = on_spans
        self._file: list[PageResult] = []
        self._numbers: set[int | None] = set()

    def add(self, page: Sequence[PageResult], *, ends_file: bool = False) -> list[Record]:
        """Take one more page's results; the records that are complete with it."""
        if self._options.mode == "region":
            skip = self._options.on_error == "skip"
            kept = [result for result in page if not (skip and result.error is not None)]
            return [record for result in kept for record in self._records([result])]
        if self._options.mode == "page":
            return self._records(page)
        done = [] if self._continues(page[0]) else self.finish()
        self._file += page
        self._numbers.add(page[0].info.number)
        return done + self.finish() if ends_file else done

    def finish(self) -> list[Record]:
        """The record of the file that is still open, if there is one."""
        results, self._file, self._numbers = self._file, [], set()
        if self._options.on_error == "skip" and all(r.error is not None for r in results):
            return []
        return self._records(results) if results else []

    def _continues(self, result: PageResult) -> bool:
        """Whether it is the next page of the file at hand, not of another or of the same again."""
        info = result.info
        same = bool(self._file) and self._file[-1].info.source == info.source
        return same and info.number not in self._numbers

    def _records(self, results: Sequence[PageResult]) -> list[Record]:
        """Their record, if it is wanted: one without text may not be, but for one of an error."""
        record = self._record(results)
        is_empty = not record.text.strip() and "error" not in record.metadata
        return [] if is_empty and self._options.drop_blank else [record]

    def _record(self, results: Sequence[PageResult]) -> Record:
        options, first = self._options, results[0]
        text, locations = join_texts(results, options)
        metadata = build_metadata(results, options)
        record_id = document_id(first, options)
        if locations and not _metadata_locates(results, options):
            metadata[REF_KEY] = ref = register_spans(record_id, text, locations)
            if self._on_spans is not None:
                self._on_spans(ref)
        file = {"file_name": first.info.file_name, "file_type": first.info.file_type}
        return Record(
            text=text,
            metadata=metadata,
            id=record_id,
            file=drop_missing(file, options.omit_metadata),
        )


def build(job: ResultStream) -> Generator[Record]:
    """The records of a job's results as they come; closes the job when it is closed itself."""
    writer = SpanWriter(job.options)
    builder = RecordBuilder(job.options, writer.write)
    with closing(writer), closing(job.pages()) as pages:
        for page in pages:
            yield from builder.add(page, ends_file=job.file_done)
        yield from builder.finish()


async def abuild(job: ResultStream) -> AsyncGenerator[Record]:
    """:func:`build`, asynchronously: converting a long text and writing leave the loop free."""
    writer = SpanWriter(job.options)
    builder = RecordBuilder(job.options, writer.write)
    try:
        async with InnerGenerator(job.apages()) as pages:
            async for page in pages:
                add = partial(builder.add, page, ends_file=job.file_done)
                for record in await call_in_thread(add):
                    yield record
            for record in await call_in_thread(builder.finish):
                yield record
    finally:
        await call_in_thread(writer.close)


def _metadata_locates(results: Sequence[PageResult], options: ReadOptions) -> bool:
    """Whether the metadata alone says where all of the text stood."""
    if options.mode == "region":
        return True
    return options.mode == "page" and len(results) == 1 and results[0].region_index is None


def document_id(result: PageResult, options: ReadOptions) -> str:
    """The id of the record that begins with ``result``: it names a place, not what was read there.

    The place is the source as metadata names it (a URL without its fragment, which names a part of
    the same file), the 0-based page (of several that were read as
    one, the last as well), the region's index, and the options that say what part of it is read.
    """
    info = result.info
    page, last = (None, None) if options.mode == "single" else (info.number, info.last_number)
    region = result.region_index if options.mode == "region" else None
    source = info.source.partition("#")[0] if looks_like_url(info.source) else info.source
    place: list[object] = [source, page, region, options.mode, options.box, options.color]
    place += [options.multi_page] if last is None else [options.multi_page, last]
    if isinstance(options.regions, Mapping):
        place.append({str(number): boxes for number, boxes in options.regions.items()})
    elif options.effective_regions is not None:
        place.append(options.effective_regions)
    return str(uuid.uuid5(_IDS, json.dumps(place, sort_keys=True)))
