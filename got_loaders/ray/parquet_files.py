"""The Parquet files that an earlier run left: which there are, what is in them, what goes.

Of a folder these are all below it whose names end in ``.parquet``, but for what Parquet readers
pass over as well: files and folders whose names begin with ``_`` or ``.``.
"""

from __future__ import annotations

import glob
import os
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from got_loaders.errors import (
    GotLoadersError,
    MissingDependencyError,
    OptionError,
    printable,
    shown,
)
from got_loaders.ray import MISSING
from got_loaders.ray.storage.errors import storage_error
from got_loaders.ray.storage.listing import resolve_path
from got_loaders.ray.storage.uri import StorageURI

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds
    import pyarrow.fs as pafs
    import pyarrow.parquet as pq
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FILES_AT_ONCE", "ParquetFile", "ParquetPaths", "list_parquet_files"]

ParquetPaths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A folder, a file, or a URI of one; or several of these."""

FILES_AT_ONCE = 16
"""Files that are read at once: on object stores most of the time goes by waiting."""

_SUFFIX = ".parquet"
_MAGIC = (b"PAR1", b"PARE")
"""How a whole file ends, the latter with an encrypted footer (the format's specification)."""
_BATCH_ROWS = 65_536
_URL = re.compile(r"\s*https?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class ParquetFile:
    """One file of rows; below ``base`` its folders may be named ``key=value`` (partitions)."""

    filesystem: pafs.FileSystem
    path: str
    base: str

    @property
    def name(self) -> str:
        """The file as a message shows it."""
        return printable(self.path)

    def is_cut_off(self) -> bool:
        """Whether its end is missing, as where its writer was killed."""
        with self.filesystem.open_input_file(self.path) as file:
            size = file.size()
            return size < 12 or file.read_at(4, size - 4) not in _MAGIC

    def set_aside(self) -> None:
        """Give the file a name that readers pass over."""
        folder, _, name = self.path.rpartition("/")
        self.filesystem.move(self.path, f"{folder}/_{name}.truncated")

    def iter_columns(self, types: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
        """Batches in the file's order, with all of these columns; what it lacks is null."""
        folders = self.path.removeprefix(self.base).split("/")[:-1]
        keys = {name for name, is_key, _ in (each.partition("=") for each in folders) if is_key}
        in_path = pa.schema([(name, types[name]) for name in types if name in keys])
        dataset = ds.dataset(
            [self.path],
            format="parquet",
            filesystem=self.filesystem,
            partitioning=ds.partitioning(in_path, flavor="hive"),
            partition_base_dir=self.base,
        )
        present = [name for name in types if name in dataset.schema.names]
        for batch in dataset.to_batches(columns=present, batch_size=_BATCH_ROWS):
            columns = [_column(batch, name, kind) for name, kind in types.items()]
            yield pa.record_batch(columns, names=list(types))

    def remove_rows(self, is_removed: NDArray[np.bool_]) -> None:
        """Write it anew without these rows; who reads it meanwhile sees the old or the new one.

        A file of which nothing stays is left without rows, so that its folder stays readable.
        """
        folder, _, name = self.path.rpartition("/")
        temporary = f"{folder}/_{name}.{uuid.uuid4().hex}.partial"
        try:
            with self.filesystem.open_input_file(self.path) as source:
                self._write_rows(pq.ParquetFile(source), temporary, ~is_removed)
            self.filesystem.move(temporary, self.path)
        except BaseException:
            self._delete(temporary)
            raise

    def _write_rows(self, rows: pq.ParquetFile, path: str, kept: NDArray[np.bool_]) -> None:
        start = 0
        with (
            self.filesystem.open_output_stream(path) as sink,
            pq.ParquetWriter(sink, rows.schema_arrow, compression=_compression(rows)) as writer,
        ):
            for batch in rows.iter_batches(_BATCH_ROWS):
                stop = start + batch.num_rows
                writer.write_batch(batch.filter(pa.array(kept[start:stop])))
                start = stop

    def _delete(self, path: str) -> None:
        if self.filesystem.get_file_info(path).type != pafs.FileType.NotFound:
            self.filesystem.delete_file(path)


def list_parquet_files(paths: ParquetPaths, filesystem: object = None) -> list[ParquetFile]:
    """The files of ``paths``, each once, in the order of their names; of what is not there, none.

    A path that is there and has no Parquet files, but others, raises :class:`OptionError`.
    """
    each_path = paths if isinstance(paths, Sequence) and not isinstance(paths, str) else [paths]
    found = (file for path in each_path for file in _files_of(path, filesystem))
    files = {file.path: file for file in found}
    return sorted(files.values(), key=lambda file: file.path)


def _files_of(path: object, filesystem: object) -> Iterator[ParquetFile]:
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str) or not text:
        raise OptionError(f"{shown(path)}: expected a folder, a file or a URI of Parquet files")
    uri = StorageURI.parse(text)
    try:
        system, where = _resolve(text, filesystem)
        for root in _matching(system, where):
            yield from _files_at(system, root)
    except GotLoadersError:
        raise
    except Exception as error:  # file systems of others raise anything
        name, secrets = (uri.name, uri.secrets) if uri else (printable(text), ())
        raise storage_error(name, error, doing="listed", secrets=secrets) from error


def _matching(system: pafs.FileSystem, path: str) -> list[str]:
    """What a pattern stands for in the folders of this machine; a path stands for itself."""
    if not glob.has_magic(path) or system.get_file_info(path).type != pafs.FileType.NotFound:
        return [path]
    if isinstance(system, pafs.LocalFileSystem):
        return glob.glob(path, recursive=True)  # noqa: PTH207  # as texts
    raise OptionError(f"{printable(path)}: name the folder; patterns are for local files alone")


def _files_at(system: pafs.FileSystem, root: str) -> Iterator[ParquetFile]:
    info = system.get_file_info(root)
    if info.type == pafs.FileType.NotFound:
        return
    if info.is_file:
        yield ParquetFile(system, info.path, info.path.rpartition("/")[0])
        return
    below = system.get_file_info(pafs.FileSelector(root, recursive=True))
    files = [f for f in below if f.is_file and not _is_hidden(f.path.removeprefix(root))]
    rows = [file for file in files if file.path.endswith(_SUFFIX)]
    if files and not rows:
        raise OptionError(
            f"{printable(root)} holds no Parquet files, but others: what is done can be told from "
            "Parquet alone"
        )
    yield from (ParquetFile(system, file.path, root) for file in rows)


def _resolve(path: str, filesystem: object) -> tuple[pafs.FileSystem, str]:
    """The file system that a path is on, and what the path is called there."""
    stored = resolve_path(path, filesystem)
    if stored is not None:
        return stored.filesystem, (stored.prefix + stored.path).rstrip("/")
    if _URL.match(path):
        raise OptionError(f"{printable(path)}: what is done can't be told from URLs")
    return pafs.LocalFileSystem(), os.path.abspath(path.removeprefix("file://"))  # noqa: PTH100  # links stay


def _compression(rows: pq.ParquetFile) -> str:
    """How the texts of a file are compressed."""
    if not rows.metadata.num_row_groups:
        return "snappy"
    name = rows.metadata.row_group(0).column(0).compression.lower()
    return "none" if name == "uncompressed" else str(name)


def _is_hidden(path: str) -> bool:
    return any(part.startswith(("_", ".")) for part in path.split("/") if part)


def _column(batch: pa.RecordBatch, name: str, kind: pa.DataType) -> pa.Array:
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, kind)
    column = batch.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):  # pandas makes it of numbers, or of nothing
        column = pc.if_else(pc.is_nan(column), None, column)
    return column.cast(kind)
