"""Which pages an earlier run has left in Parquet files, so that the next one reads only the others.

A row says by ``source`` and ``page`` which place it is of, and by ``options`` how it was read: so
the rows are all that has to be kept. What is sent to every task is 8 bytes a page.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from got_loaders.errors import GotLoadersError, OptionError, printable
from got_loaders.pages import select_pages
from got_loaders.ray.kept_rows import KeptRows, page_keys, read_kept_rows, source_key
from got_loaders.ray.parquet_files import (
    FILES_AT_ONCE,
    ParquetFile,
    ParquetPaths,
    list_parquet_files,
)
from got_loaders.ray.storage.errors import storage_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from got_loaders.options import Pages, ReadOptions

__all__ = ["DonePages", "check_fingerprint"]

_log = logging.getLogger(__name__)

_NAMED = 3
"""Files that a message names, of many."""


def _no_keys() -> NDArray[np.uint64]:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class DonePages:
    """The pages that need not be read again: digests of 64 bits, sorted.

    That a page which is not among n of them is taken for one of them happens once in 2⁶⁴ / n
    times: with a million pages done and a million to do, with a chance of 5 in 100 million.
    ``models`` are the fingerprints of what read them.
    """

    pages: NDArray[np.uint64] = field(default_factory=_no_keys)
    files: NDArray[np.uint64] = field(default_factory=_no_keys)
    models: frozenset[str] = frozenset()

    @classmethod
    def load(
        cls,
        resume_from: ParquetPaths,
        *,
        filesystem: object = None,
        options: ReadOptions,
        retry_errors: bool = True,
    ) -> DonePages:
        """The pages of the rows in the Parquet files ``resume_from``; where nothing is, none.

        What has to be read again is taken out of the files: rows of pages that failed (unless
        ``retry_errors`` is False), and of pages of which only some regions were written. A file
        whose end is missing, for its writer was killed, is renamed to ``_….truncated``, which
        readers pass over. So each page is there once when the next run has written the others.

        Raises :class:`OptionError`, and leaves all files as they are, where rows are none of ours,
        or were read with other ``options``; :class:`SourceError` where files can't be read or
        changed.
        """
        files = list_parquet_files(resume_from, filesystem)
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            found = list(pool.map(lambda file: read_kept_rows(file, options), files))
            read = {file: each for file, each in zip(files, found, strict=True) if each is not None}
            kept = KeptRows.concatenate([rows for rows, _ in read.values()])
            is_kept = _is_complete(kept, options, retry_errors=retry_errors)
            _set_aside([file for file in files if file not in read], pool)
            lengths = [len(rows.page) for rows, _ in read.values()]
            _remove_rows(list(read), lengths, ~is_kept, pool)
        done = kept.select(is_kept).each_page()
        is_page = done.page >= 0
        pages = done.select(is_page)
        whole = [done.source[~is_page], _whole_files(pages, options.pages)]
        models = frozenset[str]().union(*(models for _, models in read.values()))
        return cls(np.unique(pages.key), np.unique(np.concatenate(whole)), models)

    @property
    def count(self) -> int:
        """How many pages; with ``mode="single"`` how many files."""
        return len(self.pages) or len(self.files)

    def contains(self, source: str, page: int | None) -> bool:
        """Whether page ``page`` (from 0) of what metadata calls ``source`` is done; None: all."""
        return self(source, page)

    def whole_file(self, source: str) -> bool:
        """Whether nothing of the file is left to read, so that it need not even be opened.

        Where pages are rows, that is known where each row says how many there are.
        """
        return _is_among(np.uint64(source_key(source)), self.files)

    def __call__(self, source: str, page: int | None) -> bool:
        """:meth:`contains`, as a read asks for what it passes over."""
        if self.whole_file(source):
            return True
        if page is None or not len(self.pages):
            return False
        key = page_keys(np.array([source_key(source)], np.uint64), np.array([page]))
        return _is_among(key[0], self.pages)


def check_fingerprint(models: Collection[str], fingerprint: str) -> None:
    """Raise :class:`OptionError` unless what reads now is among the ``models`` that read before.

    That is known where the engine is made; a cluster may have had several of them.
    """
    if models and fingerprint not in models:
        raise OptionError(
            f"resume_from: its pages were read by {', '.join(map(printable, sorted(models)))}, and "
            f"now {printable(fingerprint)} would read; name another folder"
        )


def _is_among(key: np.uint64, keys: NDArray[np.uint64]) -> bool:
    place = int(np.searchsorted(keys, key))
    return place < len(keys) and bool(keys[place] == key)


def _is_complete(rows: KeptRows, options: ReadOptions, *, retry_errors: bool) -> NDArray[np.bool_]:
    """Which rows stay: those that did not fail, of pages all of whose rows are there."""
    kept = ~rows.failed if retry_errors else np.ones_like(rows.failed)
    if options.mode != "region":
        return kept
    key = rows.key
    _, places = np.unique(page_keys(key, rows.region_index)[kept], return_index=True)
    keys, counts = np.unique(key[kept][places], return_counts=True)
    found = np.append(counts, 0)[np.searchsorted(keys, key)]
    return kept & (found >= rows.page_records)


def _whole_files(rows: KeptRows, pages: Pages) -> NDArray[np.uint64]:
    """The files of which all pages that are selected are among these, a row a page."""
    _, places = np.unique(rows.key, return_index=True)
    rows = rows.select(places)
    rows = rows.select(np.argsort(rows.total_pages, kind="stable"))
    totals, starts = np.unique(rows.total_pages, return_index=True)
    stops = np.append(starts, len(rows.page))[1:]
    whole = [_no_keys()]
    for total, start, stop in zip(totals.tolist(), starts, stops, strict=True):
        try:
            selected = select_pages(pages, total, source="") if total > 0 else []
        except GotLoadersError:  # of such a file they can't be read: that is told when it is
            continue
        is_wanted = np.isin(rows.page[start:stop], selected)
        files, counts = np.unique(rows.source[start:stop][is_wanted], return_counts=True)
        whole.append(files[counts == len(selected)])
    return np.concatenate(whole)


def _set_aside(files: Sequence[ParquetFile], pool: Executor) -> None:
    """Rename what was cut off, and say so."""
    if files:
        _change(ParquetFile.set_aside, files, pool)
        _log.warning(
            "resume_from: %s of which the end is missing, for what wrote it was killed, renamed "
            "to _….truncated; the pages are read again: %s",
            _count(len(files), "file"),
            _names(files),
        )


def _remove_rows(
    files: Sequence[ParquetFile],
    lengths: Sequence[int],
    is_removed: NDArray[np.bool_],
    pool: Executor,
) -> None:
    """Take these rows out of the files, whose rows stand one file after the other."""
    parts = np.split(is_removed, np.cumsum(lengths)[:-1]) if lengths else []
    changed = {file: part for file, part in zip(files, parts, strict=True) if part.any()}
    if changed:
        _change(lambda file: file.remove_rows(changed[file]), list(changed), pool)
        _log.info(
            "resume_from: %s of pages to be read again taken out of %s: %s",
            _count(int(is_removed.sum()), "row"),
            _count(len(changed), "file"),
            _names(list(changed)),
        )


def _change(
    change: Callable[[ParquetFile], None], files: Sequence[ParquetFile], pool: Executor
) -> None:
    def checked(file: ParquetFile) -> None:
        try:
            change(file)
        except Exception as error:  # file systems of others raise anything
            raise storage_error(file.name, error, doing="changed for a new run") from error

    list(pool.map(checked, files))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _names(files: Sequence[ParquetFile]) -> str:
    names = ", ".join(file.name for file in files[:_NAMED])
    return names if len(files) <= _NAMED else f"{names}, …"
