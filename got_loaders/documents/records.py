"""Page results → records: the text, metadata and id that a framework's Document is made of.

Metadata is flat, of plain types, the same from run to run; what is not known is absent. This
module knows the values and the mark-up, and neither a framework nor where results come from.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from got_loaders._async import InnerGenerator, call_in_thread
from got_loaders.documents.metadata import Value, build_metadata, drop_missing, place_metadata
from got_loaders.documents.provenance import REF_KEY, SpanWriter, register_spans
from got_loaders.documents.text import join_texts
from got_loaders.options import ReadOptions
from got_loaders.results import PageResult
from got_loaders.results.identity import document_id
from got_loaders.types import Figure

__all__ = ["Record", "RecordBuilder", "ResultStream", "Value", "abuild", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A Document before a framework has shaped it.

    ``id`` names a place (source, page and what was read of it), not its text: a page that changes
    keeps it. ``file`` holds ``file_name`` and ``file_type`` where the source is a file; ``figures``
    are those on it whose pictures are kept, and ``figure_places`` what metadata says of where each
    of them stood.
    """

    text: str
    metadata: dict[str, Value]
    id: str
    file: dict[str, Value] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    figure_places: tuple[dict[str, Value], ...] = ()


class FileCorrections(Protocol):
    """Corrects the results of a file that becomes one Document, where that was one text."""

    def apply_file(self, results: tuple[PageResult, ...]) -> tuple[PageResult, ...]:
        """They, or the one result that stands for them."""


class ResultStream(Protocol):
    """Where page results come from: :class:`got_loaders.pipeline.ReadJob` is one."""

    options: ReadOptions

    @property
    def file_done(self) -> bool:
        """Whether the page that was given last is its file's last one."""

    def pages(self) -> Generator[Sequence[PageResult]]:
        """The results, page by page in reading order."""

    @property
    def corrections(self) -> FileCorrections:
        """What people corrected of files that become one Document."""

    def apages(self) -> AsyncGenerator[Sequence[PageResult]]:
        """The same, asynchronously."""


class RecordBuilder:
    """Takes results page by page in reading order, gives records: one a page, file or region.

    With ``mode="single"`` a file's record comes with the page that is said to be its last; else
    with the next file's first page, or from ``finish``. ``on_spans`` gets each reference to spans
    that goes into a record. ``corrections`` are those of such files.
    """

    def __init__(
        self,
        options: ReadOptions,
        on_spans: Callable[[str], None] | None = None,
        corrections: FileCorrections | None = None,
    ) -> None:
        self._options = options
        self._on_spans = on_spans
        self._corrections = corrections
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
        results, self._file, self._numbers = tuple(self._file), [], set()
        if results and self._corrections is not None:
            results = self._corrections.apply_file(results)
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
        with_figures = [(r, r.figure) for r in results if r.figure is not None]
        return Record(
            text=text,
            metadata=metadata,
            id=record_id,
            file=drop_missing(file, options.omit_metadata),
            figures=tuple(figure for _, figure in with_figures),
            figure_places=tuple(place_metadata(each, options) for each, _ in with_figures),
        )


def build(job: ResultStream) -> Generator[Record]:
    """The records of a job's results as they come; closes the job when it is closed itself."""
    writer = SpanWriter(job.options)
    builder = RecordBuilder(job.options, writer.write, job.corrections)
    with closing(writer), closing(job.pages()) as pages:
        for page in pages:
            yield from builder.add(page, ends_file=job.file_done)
        yield from builder.finish()


async def abuild(job: ResultStream) -> AsyncGenerator[Record]:
    """:func:`build`, asynchronously: converting a long text and writing leave the loop free."""
    writer = SpanWriter(job.options)
    builder = RecordBuilder(job.options, writer.write, job.corrections)
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
