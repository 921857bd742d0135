"""The rows of one Parquet file as arrays of numbers: of which pages they are, and which count.

Places are known by digests of 64 bits: of a source the first of BLAKE2b, of a page those of its
source and its number, mixed so that two pages of one source never share one.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from got_loaders.errors import GotLoadersError, MissingDependencyError, OptionError
from got_loaders.options.digest import options_digest
from got_loaders.ray import MISSING
from got_loaders.ray.parquet_files import ParquetFile
from got_loaders.ray.storage.errors import storage_error
from got_loaders.sources import sanitize_text

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from got_loaders.options import ReadOptions

__all__ = [
    "OPTIONS_COLUMN",
    "RECORDS_COLUMN",
    "KeptRows",
    "add_resume_columns",
    "page_keys",
    "read_kept_rows",
    "read_sources",
    "source_key",
]

OPTIONS_COLUMN = "options"
"""The column of the digest of the options that a row was read with, as in lines of JSON."""
RECORDS_COLUMN = "page_records"
"""The column of how many rows a row's page has: with ``mode="region"`` it may be several."""

_TEXTS = ("source", OPTIONS_COLUMN, "error", "ocr_model")
_NUMBERS = ("page", "page_last", "total_pages", "region_index", RECORDS_COLUMN)
_COLUMNS = dict.fromkeys(_TEXTS, pa.large_string()) | dict.fromkeys(_NUMBERS, pa.int64())
_NO_NUMBER = -1

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""Of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRows:
    """Arrays of one entry a row, in the file's order; -1 is a number that is not there."""

    source: NDArray[np.uint64]
    page: NDArray[np.int64]
    page_last: NDArray[np.int64]
    total_pages: NDArray[np.int64]
    region_index: NDArray[np.int64]
    page_records: NDArray[np.int64]
    failed: NDArray[np.bool_]

    @property
    def key(self) -> NDArray[np.uint64]:
        """What each row is of: its first page, or the whole file."""
        return np.where(self.page < 0, self.source, page_keys(self.source, self.page))

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> KeptRows:
        """Some of the rows."""
        return KeptRows(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def each_page(self) -> KeptRows:
        """A row for each page: those of several pages are as many."""
        counts = np.maximum(self.page_last - self.page + 1, 1)
        if (counts == 1).all():
            return self
        rows = self.select(np.repeat(np.arange(len(counts)), counts))
        first = np.repeat(np.cumsum(counts) - counts, counts)
        page = rows.page + np.arange(len(rows.page)) - first
        others = {f.name: getattr(rows, f.name) for f in fields(rows) if f.name != "page"}
        return KeptRows(page=page, **others)

    @classmethod
    def concatenate(cls, parts: list[KeptRows]) -> KeptRows:
        """The rows of all ``parts``, one after the other."""
        every = [cls.none(), *parts]
        return cls(
            **{
                f.name: np.concatenate([getattr(part, f.name) for part in every])
                for f in fields(cls)
            }
        )

    @classmethod
    def none(cls) -> KeptRows:
        """No rows."""
        numbers = {name: np.empty(0, np.int64) for name in _NUMBERS}
        return cls(source=np.empty(0, np.uint64), failed=np.empty(0, np.bool_), **numbers)


def add_resume_columns(rows: pa.Table, options: ReadOptions) -> pa.Table:
    """The rows with how they were read, and with ``mode="region"`` how many their pages have.

    All rows of a page have to be among them.
    """
    digest = pa.repeat(pa.scalar(options_digest(options)), rows.num_rows)
    rows = rows.append_column(OPTIONS_COLUMN, digest)
    if options.mode != "region":
        return rows
    page = rows["page"].fill_null(_NO_NUMBER).to_numpy()
    key = page_keys(_source_keys(rows["source"].combine_chunks()), page)
    _, places, counts = np.unique(key, return_inverse=True, return_counts=True)
    return rows.append_column(RECORDS_COLUMN, pa.array(counts[places], pa.int64()))


def source_key(source: str) -> int:
    """The digest of a source by its name in metadata."""
    digest = hashlib.blake2b(sanitize_text(source).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def page_keys(source: NDArray[np.uint64], page: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The digests of these pages of these sources."""
    key: NDArray[np.uint64] = source + (page.astype(np.uint64) + np.uint64(1)) * _GOLDEN
    key = (key ^ (key >> np.uint64(30))) * _MIX_1
    key = (key ^ (key >> np.uint64(27))) * _MIX_2
    return key ^ (key >> np.uint64(31))


def read_kept_rows(
    file: ParquetFile, options: ReadOptions | None = None
) -> tuple[KeptRows, frozenset[str]] | None:
    """A file's rows, and the models that read them; None where the file's end is missing.

    :class:`OptionError` where those that did not fail were read with other ``options`` (None:
    whichever), or where rows are none of ours; :class:`SourceError` where the file can't be read.
    """
    try:
        return _read(file, options)
    except GotLoadersError:
        raise
    except Exception as error:  # file systems of others raise anything
        with suppress(OSError):
            if file.is_cut_off():
                return None
        raise storage_error(file.name, error, doing="read") from error


def read_sources(file: ParquetFile) -> set[str]:
    """What its rows are of."""
    column = {"source": _COLUMNS["source"]}
    batches = file.iter_columns(column)
    return {source for batch in batches for source in batch["source"].unique().to_pylist()}


def _read(file: ParquetFile, options: ReadOptions | None) -> tuple[KeptRows, frozenset[str]]:
    parts, models = list[KeptRows](), set[str]()
    for batch in file.iter_columns(_COLUMNS):
        columns = dict(zip(_COLUMNS, batch.columns, strict=True))
        _check_columns(file, columns, ["source"])
        failed = columns["error"].is_valid()
        if options is not None:
            _check_options(file, columns, pc.invert(failed), options)
        read_by = columns["ocr_model"].filter(pc.invert(failed)).drop_null()
        models.update(read_by.unique().to_pylist())
        parts.append(_kept_rows(columns, failed))
    return KeptRows.concatenate(parts), frozenset(models)


def _kept_rows(columns: dict[str, pa.Array], failed: pa.Array) -> KeptRows:
    numbers = {
        name: columns[name].fill_null(_NO_NUMBER).to_numpy(zero_copy_only=False)
        for name in _NUMBERS
    }
    return KeptRows(
        source=_source_keys(columns["source"]),
        failed=failed.to_numpy(zero_copy_only=False),
        **numbers,
    )


def _source_keys(sources: pa.Array) -> NDArray[np.uint64]:
    """Each source's digest; a source that many rows have is digested once."""
    encoded = sources.dictionary_encode()
    keys = np.array([source_key(each) for each in encoded.dictionary.to_pylist()], np.uint64)
    return keys[np.asarray(encoded.indices.to_numpy(), np.int64)]


def _check_columns(file: ParquetFile, columns: dict[str, pa.Array], needed: list[str]) -> None:
    for name in needed:
        if columns[name].null_count:
            raise OptionError(
                f"resume_from: {file.name} has rows without the column {name}: it can't be told "
                "which pages are done; name another folder"
            )


def _check_options(
    file: ParquetFile, columns: dict[str, pa.Array], is_read: pa.Array, options: ReadOptions
) -> None:
    """Whether what did not fail would say the same now."""
    is_region = options.mode == "region"
    _check_columns(file, columns, [OPTIONS_COLUMN, *([RECORDS_COLUMN] if is_region else [])])
    given = columns[OPTIONS_COLUMN].filter(is_read)
    if pc.any(pc.not_equal(given, options_digest(options))).as_py():
        raise OptionError(
            f"resume_from: {file.name} was written with other options; use the same, or name "
            "another folder"
        )
