"""Writes records to standard output, or as JSON lines to a file, each as soon as it is there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from got_loaders.errors import printable

if TYPE_CHECKING:
    from got_loaders.documents.records import Record

__all__ = ["append_jsonl", "write_jsonl", "write_text"]


def write_text(records: Iterable[Record]) -> None:
    """Print texts with an empty line between, and a header each where there is more than one."""
    for record, only in _with_only(records):
        if not only:
            print(f"==> {_describe(record)} <==")
        if "error" in record.metadata:
            error = printable(str(record.metadata["error"]))
            print(f"got-loaders: {_describe(record)}: {error}", file=sys.stderr)
        print(record.text, end="\n" if only else "\n\n", flush=True)


def write_jsonl(records: Iterable[Record], file: str, digest: str) -> None:
    """Write a line for each record; ``file`` is replaced when the first is there, or none is.

    ``digest`` says under which options it was read.
    """
    iterator = iter(records)
    first = list(islice(iterator, 1))
    if file != "-":
        with Path(file).open("wb", buffering=0) as out:
            _write_lines(chain(first, iterator), out, digest)
        return
    utf8 = sys.stdout.encoding.lower() == "utf-8"
    for record in chain(first, iterator):
        print(_line(record, digest, ascii_only=not utf8), flush=True)


def append_jsonl(records: Iterable[Record], file: str, digest: str) -> None:
    """Append a line for each record."""
    with Path(file).open("ab", buffering=0) as out:
        _write_lines(records, out, digest)


def _write_lines(records: Iterable[Record], out: IO[bytes], digest: str) -> None:
    """Each line in one call, so that a process that is killed leaves none half written.

    Should the disk be full in the middle of one, its beginning is taken back.
    """
    for record in records:
        line = memoryview(f"{_line(record, digest)}\n".encode())
        start = out.seek(0, os.SEEK_END) if out.seekable() else None
        try:
            while line:
                line = line[out.write(line) :]
        except OSError:
            if start is not None:
                with suppress(OSError):  # a device can't; the first error says what is wrong
                    out.truncate(start)
            raise


def _line(record: Record, digest: str, *, ascii_only: bool = False) -> str:
    value = {
        "id": record.id,
        "text": record.text,
        "metadata": record.metadata,
        "options": digest,
    }
    return json.dumps(value, ensure_ascii=ascii_only)


def _with_only(records: Iterable[Record]) -> Iterator[tuple[Record, bool]]:
    """Yield each record, and whether it is the only one: the first waits until that is known."""
    iterator = iter(records)
    first = next(iterator, None)
    if first is None:
        return
    second = next(iterator, None)
    yield first, second is None
    if second is not None:
        yield second, False
    for record in iterator:
        yield record, False


def _describe(record: Record) -> str:
    """Source and page as people say it: ``scan.pdf, page 2 of 3``."""
    metadata = record.metadata
    if not isinstance(number := metadata.get("page"), int):
        return printable(str(metadata["source"]))
    last = metadata.get("page_last")
    pages = f"pages {number + 1}-{last + 1}" if isinstance(last, int) else f"page {number + 1}"
    total, region = metadata.get("total_pages"), metadata.get("region_index")
    pages += f" of {total}" if total else ""
    if isinstance(region, int):
        pages += f", region {region + 1} ({metadata['region_type']})"
    return printable(f"{metadata['source']}, {pages}")
