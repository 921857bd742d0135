"""Parquet files, wherever they lie → their rows, one mapping each, a batch at a time."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from got_loaders.errors import (
    MissingDependencyError,
    SourceError,
    UnsupportedSourceError,
    printable,
)
from got_loaders.ray import MISSING
from got_loaders.ray.rows import record_schema
from got_loaders.ray.storage.errors import storage_error
from got_loaders.ray.storage.file_systems import as_file_system, open_file_system
from got_loaders.ray.storage.uri import StorageURI
from got_loaders.sources import describe_source

try:
    import pyarrow as pa
    import pyarrow.dataset as ds
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

__all__ = ["BATCH_ROWS", "ParquetFolder", "Row", "open_parquet"]

BATCH_ROWS = 1_000
"""Some megabytes of texts."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ParquetFolder:
    """A file, or those below a folder in the order of their names, which may lie in folders that
    are called ``column=value``. ``prefix`` is what the file system says for ``place`` in names;
    ``secrets`` are what no message repeats."""

    dataset: Any
    wanted: Collection[str]
    prefix: str = ""
    place: str = ""
    secrets: tuple[str, ...] = ()

    def iter_rows(self) -> Iterator[Row]:
        """The rows of one file after the other, with those of the wanted columns that it has.

        Each file is read with the schema that it has itself: where a step of a pipeline saw rows
        one by one, a column without a value in a file has another type there.
        """
        for file in self.dataset.get_fragments():
            in_folders = ds.get_partition_keys(file.partition_expression)
            try:
                columns = [name for name in file.physical_schema.names if name in self.wanted]
                for batch in file.to_batches(columns=columns, batch_size=BATCH_ROWS):
                    yield from ({**in_folders, **row} for row in batch.to_pylist())
            except Exception as error:  # file systems of others raise anything
                name = printable(self.place + file.path.removeprefix(self.prefix))
                raise _unreadable(name, error, self.secrets) from error


def open_parquet(
    path: str, wanted: Collection[str], filesystem: object = None
) -> list[ParquetFolder]:
    """What a path, a pattern of this machine or a URI names; no file is looked into yet.

    Raises :class:`SourceError` where nothing is there. Names in errors are without credentials.
    """
    uri = None if filesystem is not None else StorageURI.parse(path)
    if uri is not None:
        system, prefix = open_file_system(uri)
        where = prefix + uri.path
        dataset = _open(where, wanted, system, uri.name, uri.secrets)
        return [ParquetFolder(dataset, wanted, prefix, uri.place, uri.secrets)]
    if filesystem is None and path.lower().startswith(("http://", "https://")):
        text = "is no storage: download it, or pass a file system of fsspec as filesystem="
        raise UnsupportedSourceError(f"{describe_source(path)}: {text}")
    system = as_file_system(filesystem)
    paths = [path] if system is not None else _matching(path)
    return [ParquetFolder(_open(each, wanted, system, each), wanted) for each in paths]


def _open(
    path: str, wanted: Collection[str], system: object, name: str, secrets: tuple[str, ...] = ()
) -> Any:
    schema = record_schema()
    ours = [field.with_nullable(True) for field in schema if field.name in wanted]
    others = [pa.field(column, pa.string()) for column in wanted if column not in schema.names]
    columns = pa.schema(ours + others)
    try:
        dataset = ds.dataset(
            path,
            schema=columns,
            format="parquet",
            filesystem=system,
            partitioning=ds.partitioning(columns, flavor="hive"),
        )
    except Exception as error:  # file systems of others raise anything
        raise _unreadable(printable(name), error, secrets) from error
    if not dataset.files:
        name = printable(name)
        raise SourceError(f"{name}: no Parquet file is there", source=name)
    return dataset


def _matching(path: str) -> list[str]:
    """The paths that a pattern stands for; a path that is there stands for itself."""
    if os.path.lexists(path) or not glob.has_magic(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  # as texts
    if not found:
        name = printable(path)
        raise SourceError(f"{name}: no file or folder matches", source=name)
    return found


def _unreadable(name: str, error: Exception, secrets: tuple[str, ...]) -> SourceError:
    return storage_error(name, error, doing="read as Parquet", secrets=secrets)
