"""Writes records to standard output, or as JSON lines to a file, each as soon as it is there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from got_loaders.cli.page_layout import PageLayout
    from got_loaders.documents.records import Record

__all__ = ["append_jsonl", "write_jsonl", "write_text"]


def write_text(records: Iterable[Record], layout: PageLayout) -> None:
    """Print texts, each as soon as it is there."""
    try:
        for record in records:
            print(layout.next(record), end="", flush=True)
    except BrokenPipeError:
        raise
    except BaseException:
        print(layout.end(), end="", flush=True)
        raise
    print(layout.end(), end="", flush=True)


def write_jsonl(records: Iterable[Record], file: str, digest: str) -> None:
    """Write a line for each record; ``file`` is replaced when the first is there.

    ``digest`` says under which options it was read.
    """
    iterator = iter(records)
    first = list(islice(iterator, 1))
    if file == "-":
        utf8 = sys.stdout.encoding.lower() == "utf-8"
        for record in chain(first, iterator):
            print(_line(record, digest, ascii_only=not utf8), flush=True)
    elif first:
        with Path(file).open("wb", buffering=0) as out:
            _write_lines(chain(first, iterator), out, digest)


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
