"""What Ray's CPU tasks do: list files, split them into work, render pages, finish what was read.

Each is a callable that takes a batch of rows and gives batches. What goes between them is one
column of pickled values, which Ray moves without looking at them. All are deterministic: Ray does a
task again whose worker was lost, and takes what is still missing from the second time.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pyarrow as pa

from got_loaders.errors import GotLoadersError, PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pipeline.handover import (
    AnsweredPage,
    DetachedPage,
    count_pages,
    failed_page,
    file_info,
    plan_pages,
)
from got_loaders.ray.resume import DonePages
from got_loaders.ray.settings import ReadPlan
from got_loaders.ray.storage import FileFetcher, list_sources
from got_loaders.sources import Source
from got_loaders.types import PageInfo

__all__ = [
    "COLUMN",
    "ListFiles",
    "PageRange",
    "RenderPages",
    "SplitFiles",
    "WholeFile",
    "from_column",
    "to_column",
]

_log = logging.getLogger(__name__)

COLUMN = "pickled"

FilesListed = Source | SourceError


@dataclass(frozen=True, slots=True)
class PageRange:
    """Some pages of one file, in order; the ``source`` says which content they were counted in."""

    source: Source
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file that is read by one engine, and becomes one record."""

    source: Source

    @property
    def key(self) -> tuple[str, int | None]:
        """What names it, as a page's does."""
        return self.source.name, None

    def failed(self, reason: str) -> AnsweredPage:
        """This file, which can't be read."""
        name = self.source.name
        return failed_page(file_info(self.source), PageError(reason, source=name))


WorkUnit = PageRange | WholeFile | AnsweredPage
"""What a render task is given; an :class:`AnsweredPage` is of what can't be opened."""


def to_column(values: Sequence[object]) -> pa.Table:
    """One row a value."""
    return pa.table({COLUMN: pa.array(map(_pickled, values), pa.large_binary())})


def from_column(table: pa.Table) -> Iterator[Any]:
    """The values, one at a time, unpickled when it is their turn."""
    for scalar in table.column(COLUMN):
        yield _unpickled(scalar.as_buffer())


def _pickled(value: object) -> bytes:
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def _unpickled(data: Any) -> Any:
    return pickle.loads(data)  # noqa: S301  # we wrote it, in the same job


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Paths, patterns and URLs → files, those of folders one by one."""

    plan: ReadPlan

    def __call__(self, batch: dict[str, Any]) -> Iterator[pa.Table]:
        """Rows ``path`` → pickled :class:`Source` or :class:`SourceError`."""
        options = self.plan.enter()
        for path in batch["path"]:
            plan = self.plan
            files = list_sources(str(path), options, plan.filesystem, base=plan.folder)
            while chunk := list(islice(files, 1000)):
                yield to_column(chunk)


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """Files → units of work of at most so many pages: small files together, large ones in parts."""

    plan: ReadPlan
    done: Any = None
    """A reference to the :class:`DonePages` of an earlier run."""

    def __call__(self, batch: pa.Table) -> Iterator[pa.Table]:
        """Rows of files → rows of pickled lists of work units."""
        options = self.plan.enter()
        done = self._done_pages()
        limit = self.plan.pages_per_task
        bundle: list[WorkUnit] = []
        room = limit
        with FileFetcher(options, self.plan.filesystem) as fetcher:
            for file in from_column(batch):
                for unit, pages in self._units(file, options, done, fetcher):
                    if bundle and pages > room:
                        yield to_column([bundle])
                        bundle, room = [], limit
                    bundle.append(unit)
                    room -= pages
        if bundle:
            yield to_column([bundle])

    def _done_pages(self) -> DonePages | None:
        if self.done is None:
            return None
        import ray

        pages: DonePages = ray.get(self.done)
        return pages

    def _units(
        self, file: FilesListed, options: ReadOptions, done: DonePages | None, fetcher: FileFetcher
    ) -> Iterator[tuple[WorkUnit, int]]:
        if isinstance(file, SourceError):
            yield failed_page(PageInfo(source=file.source or "unknown"), file), 1
            return
        if done is not None and done.whole_file(file.name):
            return
        if self.plan.reads_whole_files:
            yield WholeFile(file), self.plan.pages_per_task
            return
        try:
            local = fetcher.fetch(file)
            _, numbers = count_pages(local, options)
        except (SourceError, PageError) as error:
            yield failed_page(file_info(file), error), 1
            return
        if done is not None:
            numbers = [number for number in numbers if not done.contains(file.name, number)]
        size = self.plan.pages_per_task if self.plan.splits_files else max(1, len(numbers))
        pinned = fetcher.pinned(file, local)
        for start in range(0, len(numbers), size):
            part = tuple(numbers[start : start + size])
            yield PageRange(pinned, part), len(part)


@dataclass(frozen=True, slots=True)
class RenderPages:
    """Units of work → pages that are rendered, each with what is to be asked of the engine."""

    plan: ReadPlan

    def __call__(self, row: dict[str, Any]) -> Iterator[dict[str, bytes]]:
        """A row of work → rows of a :class:`DetachedPage`, :class:`AnsweredPage` or a file."""
        options = self.plan.enter()
        max_side = self.plan.engine.max_side(options)
        with FileFetcher(options, self.plan.filesystem) as fetcher:
            for unit in _unpickled(row[COLUMN]):
                for page in self._pages(unit, options, fetcher, max_side):
                    yield {COLUMN: _pickled(page)}

    def _pages(
        self, unit: WorkUnit, options: ReadOptions, fetcher: FileFetcher, max_side: int | None
    ) -> Iterator[DetachedPage | AnsweredPage | WholeFile]:
        if not isinstance(unit, PageRange):
            yield unit
            return
        rendered: set[int] = set()
        try:
            local = fetcher.fetch(unit.source)
            for page in plan_pages(local, unit.numbers, options, max_side=max_side):
                first = page.key[1] or 0
                rendered.update(range(first, first + page.pages))
                yield replace(page, source=unit.source)
        except (SourceError, PageError) as error:
            yield self._lost(unit, rendered, error)
        except GotLoadersError:
            raise  # it concerns all pages
        except Exception as error:  # noqa: BLE001  # one range, not the archive
            _log.error("%s: a mistake of got_loaders", unit.source.name, exc_info=error)
            reason = f"{unit.source.name}: {error}"
            yield self._lost(unit, rendered, PageError(reason, source=unit.source.name))

    def _lost(self, unit: PageRange, rendered: set[int], error: GotLoadersError) -> AnsweredPage:
        """One row for the pages of a range that can't be rendered."""
        left = [number for number in unit.numbers if number not in rendered]
        info = file_info(unit.source)
        first, last = (left[0], left[-1]) if left else (None, None)
        info = replace(info, number=first, last_number=last if last != first else None)
        return failed_page(info, error)
