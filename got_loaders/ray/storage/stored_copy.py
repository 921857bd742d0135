"""A file in storage → a file of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.ray.storage.errors import storage_error
from got_loaders.ray.storage.file_systems import open_file_system
from got_loaders.ray.storage.stored_path import StoredSource
from got_loaders.ray.storage.uri import StorageURI
from got_loaders.sources.download import DownloadPolicy, save_chunks

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

__all__ = ["copy_from_storage"]

CHUNK_BYTES = 8 << 20
"""Bytes that are asked for at a time: Arrow makes one request of each, and storages count them."""


def copy_from_storage(
    source: StoredSource,
    filesystem: FileSystem | None,
    folder: Path,
    policy: DownloadPolicy,
    *,
    stopped: Callable[[], bool],
) -> Path:
    """Copy it into a new file in ``folder``, which the caller owns. Blocks.

    ``filesystem`` is the one that it was listed in, where the user passed one. Every failure is a
    :class:`SourceError` that names the source, and leaves no file. The time limit is looked at
    between chunks; how long a silent server is waited for, the file system's own settings say.
    """
    _check_size(source, source.size or 0, policy)
    chunks = _chunks(source, filesystem, policy, stopped)
    try:
        return save_chunks(chunks, folder, source.name)
    finally:
        chunks.close()


def _chunks(
    source: StoredSource,
    filesystem: FileSystem | None,
    policy: DownloadPolicy,
    stopped: Callable[[], bool],
) -> Generator[bytes]:
    end, total = time.monotonic() + policy.seconds, 0
    uri = None if source.root is None else StorageURI.parse(source.root)
    if uri is not None:
        filesystem, _ = open_file_system(uri)
    assert filesystem is not None, "it was listed in one"
    try:
        with filesystem.open_input_stream(source.key, compression=None) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                total += len(chunk)
                _check_size(source, total, policy)
                _check_time(source, end, policy, stopped)
                yield chunk
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001  # file systems of others raise anything
        secrets = () if uri is None else uri.secrets
        told = storage_error(source.name, error, doing="fetched", secrets=secrets)
        raise told from (None if secrets else error)
    if source.size is not None and total < source.size:
        text = f"the storage gave {total} of its {source.size} bytes; read it again"
        raise SourceError(f"{source.name}: {text}", source=source.name)


def _check_size(source: StoredSource, size: int, policy: DownloadPolicy) -> None:
    if size > policy.max_bytes:
        text = f"{source.name}: more than max_file_bytes={policy.max_bytes}"
        raise SourceRefusedError(text, source=source.name)


def _check_time(
    source: StoredSource, end: float, policy: DownloadPolicy, stopped: Callable[[], bool]
) -> None:
    if stopped():
        raise SourceError(f"{source.name}: the download was stopped", source=source.name)
    if time.monotonic() > end:
        text = f"{source.name}: not downloaded within max_url_seconds={policy.seconds:g}"
        raise SourceError(text, source=source.name)
