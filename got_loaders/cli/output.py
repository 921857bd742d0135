"""Records on standard output or as JSON lines in a file, each as soon as it is there."""

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
    """Texts with an empty line between; with a header each, where there is more than one."""
    for record, alone in _and_whether_alone(records):
        if not alone:
            print(f"==> {_place(record)} <==")
        if "error" in record.metadata:
            error = printable(str(record.metadata["error"]))
            print(f"got-loaders: {_place(record)}: {error}", file=sys.stderr)
        print(record.text, end="\n" if alone else "\n\n", flush=True)


def write_jsonl(records: Iterable[Record], file: str, digest: str) -> None:
    """A line for each record. What was in ``file`` is kept until the first is there, or none is.

    ``digest`` says under which options it was read.
    """
    found = iter(records)
    first = list(islice(found, 1))
    if file != "-":
        with Path(file).open("wb", buffering=0) as out:
            _write_lines(chain(first, found), out, digest)
        return
    utf8 = sys.stdout.encoding.lower() == "utf-8"
    for record in chain(first, found):
        print(_line(record, digest, ascii_only=not utf8), flush=True)


def append_jsonl(records: Iterable[Record], file: str, digest: str) -> None:
    """A line for each record, after those that are there."""
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


def _and_whether_alone(records: Iterable[Record]) -> Iterator[tuple[Record, bool]]:
    """Each record, and whether it is the only one: holds back the first until that is known."""
    found = iter(records)
    first = next(found, None)
    if first is None:
        return
    second = next(found, None)
    yield first, second is None
    if second is not None:
        yield second, False
    for record in found:
        yield record, False


def _place(record: Record) -> str:
    """Source and page as people say it: ``scan.pdf, page 2 of 3``."""
    about = record.metadata
    if not isinstance(number := about.get("page"), int):
        return printable(str(about["source"]))
    last = about.get("page_last")
    pages = f"pages {number + 1}-{last + 1}" if isinstance(last, int) else f"page {number + 1}"
    total, region = about.get("total_pages"), about.get("region_index")
    pages += f" of {total}" if total else ""
    if isinstance(region, int):
        pages += f", region {region + 1} ({about['region_type']})"
    return printable(f"{about['source']}, {pages}")
