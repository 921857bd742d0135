"""What holds rows → the rows, one mapping each: a Dataset, tables and batches, files, rows.

Nothing is held but the batch at hand. Of what is stored in columns only those that are wanted are
read, so a column of embeddings beside them costs nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from got_loaders.errors import MissingDependencyError, OptionError, shown
from got_loaders.ray import MISSING
from got_loaders.ray.parquet_rows import BATCH_ROWS, Row, open_parquet

try:
    import pyarrow as pa
    import pyarrow.dataset as ds
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

__all__ = ["iter_rows"]


def iter_rows(rows: object, wanted: Collection[str], filesystem: object = None) -> Iterator[Row]:
    """The rows that ``rows`` holds, in its order, with those of the ``wanted`` columns it has.

    That is a Ray Dataset, a row or a batch of columns, a pyarrow Table, batch or dataset, a pandas
    DataFrame, whatever else hands over Arrow data (polars, DuckDB), a path, pattern or URI of
    Parquet (on ``filesystem``, where one is given), or an iterable of any of these. Raises
    :class:`OptionError` for anything else, :class:`SourceError` for files that can't be read.
    """
    if isinstance(rows, str | os.PathLike):
        found = open_parquet(os.fspath(rows), wanted, filesystem)
        return chain.from_iterable(each.iter_rows() for each in found)
    if isinstance(rows, Mapping):
        return _mapped_rows(rows)
    if isinstance(rows, pa.Table):
        return _batch_rows(rows.to_batches(max_chunksize=BATCH_ROWS), wanted)
    if isinstance(rows, pa.RecordBatch):
        return iter_rows(pa.Table.from_batches([rows]), wanted)
    if isinstance(rows, ds.Dataset):
        columns = [name for name in rows.schema.names if name in wanted]
        return _batch_rows(rows.to_batches(columns=columns, batch_size=BATCH_ROWS), wanted)
    if _is_data_frame(rows):
        return _frame_rows(rows, wanted)
    if _is_ray_data(rows):
        return iter(rows.iter_rows())  # type: ignore[attr-defined]  # it has it
    if hasattr(rows, "__arrow_c_stream__"):
        return _batch_rows(pa.RecordBatchReader.from_stream(rows), wanted)
    if isinstance(rows, Iterable) and not isinstance(rows, bytes | bytearray):
        return (row for each in rows for row in iter_rows(each, wanted, filesystem))
    raise OptionError(
        f"rows={shown(rows)}: expected a Ray Dataset, rows, a pyarrow or pandas table, or a path "
        "of Parquet files"
    )


def _is_data_frame(rows: object) -> bool:
    """Whether it is one of pandas', which is not loaded for it."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(rows, pandas.DataFrame)


def _is_ray_data(rows: object) -> bool:
    """Whether it is a Dataset of Ray's, or an iterator that it was split into."""
    data = sys.modules.get("ray.data")
    return data is not None and isinstance(rows, data.Dataset | data.DataIterator)


def _mapped_rows(rows: Row) -> Iterator[Row]:
    """A row by its columns; columns that hold many values, as ``map_batches`` gives, are many."""
    if not isinstance(rows.get("id"), np.ndarray | list):
        return iter((rows,))
    return (dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True))


def _batch_rows(batches: Iterable[Any], wanted: Collection[str]) -> Iterator[Row]:
    for batch in batches:
        yield from batch.select([n for n in batch.schema.names if n in wanted]).to_pylist()


def _frame_rows(frame: Any, wanted: Collection[str]) -> Iterator[Row]:
    columns = [name for name in frame.columns if name in wanted]
    for start in range(0, len(frame), BATCH_ROWS):
        yield from frame[columns].iloc[start : start + BATCH_ROWS].to_dict("records")
