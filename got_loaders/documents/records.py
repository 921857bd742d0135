"""Page results → records: the text, metadata and id that a framework's Document is made of.

Metadata is flat, of plain types, the same from run to run; what is not known is absent. This
module knows the values and the mark-up, and neither a framework nor where results come from.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from functools import partial

from got_loaders._async import result_of
from got_loaders.documents.metadata import Value, present, reading_of, region_of, shared_place
from got_loaders.documents.provenance import KEY, PlaceKeeper, remember
from got_loaders.documents.text import joined, kind_of
from got_loaders.options import ReadOptions
from got_loaders.types import PageResult

__all__ = ["Record", "RecordBuilder", "Value", "arecords", "records"]

_PAGE_KEYS = {"page", "page_last", "page_label"}
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


class RecordBuilder:
    """Takes results page by page in reading order, gives records: one a page, file or region.

    ``model`` is asked for the engine's fingerprint when a page has been read by one. With
    ``mode="single"`` a file's record comes with the next file's first page, or from ``finish``.
    ``keep`` is told of each reference to places that goes into a record.
    """

    def __init__(
        self,
        options: ReadOptions,
        model: Callable[[], str],
        keep: Callable[[str], None] | None = None,
    ) -> None:
        self._options = options
        self._model = model
        self._keep = keep
        self._file: list[PageResult] = []
        self._numbers: set[int | None] = set()

    def add(self, page: Sequence[PageResult]) -> list[Record]:
        """Take one more page's results; the records that are complete with it."""
        if self._options.mode == "region":
            skip = self._options.on_error == "skip"
            return [self._record([r]) for r in page if not (skip and r.error is not None)]
        if self._options.mode == "page":
            return [self._record(page)]
        done = [] if self._continues(page[0]) else self.finish()
        self._file += page
        self._numbers.add(page[0].info.number)
        return done

    def finish(self) -> list[Record]:
        """The record of the file that is still open, if there is one."""
        results, self._file, self._numbers = self._file, [], set()
        if self._options.on_error == "skip" and all(r.error is not None for r in results):
            return []
        return [self._record(results)] if results else []

    def _continues(self, result: PageResult) -> bool:
        """Whether it is the next page of the file at hand, not of another or of the same again."""
        info = result.info
        same = bool(self._file) and self._file[-1].info.source == info.source
        return same and info.number not in self._numbers

    def _record(self, results: Sequence[PageResult]) -> Record:
        options, first = self._options, results[0]
        metadata = shared_place(results)
        if options.mode == "single":
            metadata = {key: metadata[key] for key in metadata if key not in _PAGE_KEYS}
        if options.mode == "region" or (len(results) == 1 and first.region_index is None):
            metadata |= region_of(first)
        kinds = [kind for kind in (kind_of(result, options) for result in results) if kind]
        kind = next((kind for kind in kinds if kind != "text"), "text")
        metadata |= {"content_format": options.output, "content_kind": kind}
        metadata |= reading_of(results, options, self._model)
        text, places = joined(results, options)
        info = first.info
        place = _place_id(info.source, info.number, info.last_number, first.region_index, options)
        if places and not _tells_place(results, options):
            metadata[KEY] = ref = remember(place, text, places)
            if self._keep is not None:
                self._keep(ref)
        return Record(
            text=text,
            metadata=present(metadata, options.omit_metadata),
            id=place,
            file=present(
                {"file_name": first.info.file_name, "file_type": first.info.file_type},
                options.omit_metadata,
            ),
        )


def records(
    pages: Generator[Sequence[PageResult]], options: ReadOptions, model: Callable[[], str]
) -> Generator[Record]:
    """Turn pages' results into records as they come; closes ``pages`` when it is closed itself."""
    keeper = PlaceKeeper(options)
    builder = RecordBuilder(options, model, keeper.keep)
    with closing(keeper), closing(pages):
        for page in pages:
            yield from builder.add(page)
        yield from builder.finish()


async def arecords(
    pages: AsyncGenerator[Sequence[PageResult]], options: ReadOptions, model: Callable[[], str]
) -> AsyncGenerator[Record]:
    """:func:`records`, asynchronously: converting a long text and writing leave the loop free."""
    keeper = PlaceKeeper(options)
    builder = RecordBuilder(options, model, keeper.keep)
    try:
        async with aclosing(pages):
            async for page in pages:
                for record in await result_of(partial(builder.add, page)):
                    yield record
            for record in await result_of(builder.finish):
                yield record
    finally:
        await result_of(keeper.close)


def _tells_place(results: Sequence[PageResult], options: ReadOptions) -> bool:
    """Whether the metadata alone says where all of the text stood."""
    if options.mode == "region":
        return True
    return options.mode == "page" and len(results) == 1 and results[0].region_index is None


def _place_id(
    source: str, page: int | None, last: int | None, region: int | None, options: ReadOptions
) -> str:
    """The id of a place: a source as metadata names it, its 0-based page, and the region's index.

    ``last`` is the last of several pages that were read as one.
    """
    if options.mode == "single":
        page = last = None
    if options.mode != "region":
        region = None
    place: list[object] = [source, page, region, options.mode, options.box, options.color]
    place += [options.multi_page] if last is None else [options.multi_page, last]
    if isinstance(options.regions, Mapping):
        place.append({str(number): boxes for number, boxes in options.regions.items()})
    elif options.effective_regions is not None:
        place.append(options.effective_regions)
    return str(uuid.uuid5(_IDS, json.dumps(place, sort_keys=True)))
