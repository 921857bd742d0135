"""Records on standard output or as JSON lines in a file, each as soon as it is there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from got_loaders.documents import Record

__all__ = ["write_jsonl", "write_text"]


def write_text(records: Iterable[Record]) -> None:
    """Texts with an empty line between; with a header each, where there is more than one."""
    for record, alone in _and_whether_alone(records):
        if not alone:
            print(f"==> {_place(record)} <==")
        if "error" in record.metadata:
            print(f"got-loaders: {_place(record)}: {record.metadata['error']}", file=sys.stderr)
        print(record.text, end="\n" if alone else "\n\n", flush=True)


def write_jsonl(records: Iterable[Record], file: str) -> None:
    """A line for each record. What was in ``file`` is kept until the first is there, or none is."""
    found = iter(records)
    first = list(islice(found, 1))
    with _opened(file) as out:
        utf8 = out.encoding.lower() == "utf-8"
        for record in chain(first, found):
            value = {"id": record.id, "text": record.text, "metadata": record.metadata}
            print(json.dumps(value, ensure_ascii=not utf8), file=out, flush=True)


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
        return str(about["source"])
    last = about.get("page_last")
    pages = f"pages {number + 1}-{last + 1}" if isinstance(last, int) else f"page {number + 1}"
    total, region = about.get("total_pages"), about.get("region_index")
    pages += f" of {total}" if total else ""
    if isinstance(region, int):
        pages += f", region {region + 1} ({about['region_type']})"
    return f"{about['source']}, {pages}"


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == "-":
        yield sys.stdout
        return
    with Path(file).open("w", encoding="utf-8") as out:
        yield out
