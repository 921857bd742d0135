"""Whether the Parquet files of a run, or of several, hold every page once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from got_loaders.errors import GotLoadersError, SourceError, shown
from got_loaders.options import check_pages
from got_loaders.pages import select_pages
from got_loaders.ray.kept_rows import KeptRows, page_keys, read_kept_rows, read_sources, source_key
from got_loaders.ray.parquet_files import (
    FILES_AT_ONCE,
    ParquetFile,
    ParquetPaths,
    list_parquet_files,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from got_loaders.options import Pages

__all__ = ["OutputCheck", "check_output"]

PagesOf = Mapping[str, tuple[int | None, ...]]
"""By source its pages, from 0; None stands for the file as a whole."""

Places = tuple["NDArray[np.uint64]", "NDArray[np.int64]"]
"""Sources by their digests, and a page of each; -1 stands for the file as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputCheck:
    """What is in the files.

    ``missing`` are pages, or regions of them, of files of which other pages are there, ``doubled``
    those that are there more than once, ``failed`` those that could not be read. ``cut_off`` are
    the files whose end is missing, for what wrote them was killed.
    """

    rows: int
    missing: PagesOf
    doubled: PagesOf
    failed: PagesOf
    cut_off: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether each page is there once, read or failed."""
        return not (self.missing or self.doubled or self.cut_off)


def check_output(
    path: ParquetPaths, *, pages: Pages = None, filesystem: object = None
) -> OutputCheck:
    """Look through the Parquet files that runs of ``read_dataset`` left; changes nothing.

    ``pages`` are those that were to be read. Pages without a row (``drop_blank=True``,
    ``on_error="skip"``) count as missing; a file without any row is not known. Raises
    :class:`SourceError` where there are no files, or one can't be read.
    """
    check_pages("pages", pages)
    files = list_parquet_files(path, filesystem)
    if not files:
        raise SourceError(f"{shown(path)}: no Parquet file is there")
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        found = list(pool.map(read_kept_rows, files))
    whole = [file for file, each in zip(files, found, strict=True) if each is not None]
    rows = KeptRows.concatenate([each[0] for each in found if each is not None])
    places = rows.each_page()
    _, first, counts = np.unique(
        page_keys(places.key, places.region_index), return_index=True, return_counts=True
    )
    doubled, failed = places.select(first[counts > 1]), places.select(places.failed)
    missing = _missing(places.select(first), pages)
    named = _by_source(
        [missing, (doubled.source, doubled.page), (failed.source, failed.page)], whole
    )
    return OutputCheck(
        rows=len(rows.page),
        missing=named[0],
        doubled=named[1],
        failed=named[2],
        cut_off=tuple(f.name for f, each in zip(files, found, strict=True) if each is None),
    )


def _missing(places: KeptRows, pages: Pages) -> Places:
    """The pages that are not there, or not with all their regions; ``places`` are each once."""
    _, first, counts = np.unique(places.key, return_index=True, return_counts=True)
    found = places.select(first)
    is_part = counts < found.page_records
    sources, numbers = [found.source[is_part]], [found.page[is_part]]
    for total in np.unique(found.total_pages[found.page >= 0]).tolist():
        of_files = found.select((found.total_pages == total) & (found.page < total))
        files, row = np.unique(of_files.source, return_inverse=True)
        is_there = np.zeros((len(files), max(total, 0)), np.bool_)
        is_there[row, of_files.page] = True
        selected = np.array(_selected(pages, total), np.int64)
        file, column = np.nonzero(~is_there[:, selected])
        sources.append(files[file])
        numbers.append(selected[column])
    return np.concatenate(sources), np.concatenate(numbers)


def _selected(pages: Pages, total: int) -> list[int]:
    """The pages that are wanted of so many; none where that many can't be read so."""
    try:
        return select_pages(pages, total, source="") if total > 0 else []
    except GotLoadersError:
        return []


def _by_source(places: Sequence[Places], files: Sequence[ParquetFile]) -> list[PagesOf]:
    """The places by the names of their sources, for which the files are asked once more."""
    wanted = {int(key) for sources, _ in places for key in np.unique(sources)}
    names = dict[int, str]()
    for file in files if wanted else ():
        names |= {key: name for name in read_sources(file) if (key := source_key(name)) in wanted}
    return [_pages_of(sources, numbers, names) for sources, numbers in places]


def _pages_of(
    sources: NDArray[np.uint64], numbers: NDArray[np.int64], names: Mapping[int, str]
) -> PagesOf:
    pages = dict[str, list[int | None]]()
    for source, number in sorted(set(zip(sources.tolist(), numbers.tolist(), strict=True))):
        pages.setdefault(names[source], []).append(None if number < 0 else number)
    return {name: tuple(pages[name]) for name in sorted(pages)}
