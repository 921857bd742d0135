"""The lines of a kept JSONL file, page by page in the order of their documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from got_loaders.errors import OptionError, printable

__all__ = ["KeptRecord", "RecordFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A record as its line tells it."""

    id: str
    text: str
    metadata: Mapping[str, Any]

    @property
    def source(self) -> str:
        """What it was read from."""
        return str(self.metadata["source"])

    @property
    def page(self) -> int | None:
        """From 0; None of a whole file."""
        return whole_number(self.metadata.get("page"))


@dataclass(frozen=True, slots=True)
class _RecordLine:
    """Where a record stands, in bytes, and what it is sorted by."""

    place: tuple[int, int, int]
    start: int


class RecordFile:
    """The file at ``path``, looked through once: of a record nothing is kept but where it stands.

    Raises :class:`OptionError` where it can't be read, or a line is no record. Half a line at its
    end, which a killed run leaves, is passed over; of two records with the same id the later one
    counts. ``pages`` is how many there are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            if path.exists() and not path.is_file():  # what is read here is read once more later
                raise OptionError(f"{path}: it is no file: a pipe is read once; name a file")
            with path.open("rb") as lines:
                self._lines = self._index(lines)
            self.changed_at = path.stat().st_mtime
        except OSError as error:
            raise OptionError(f"{path}: can't be read: {error.strerror}") from error
        self.pages = len({line.place[:2] for line in self._lines})

    def __iter__(self) -> Iterator[Sequence[KeptRecord]]:
        """The records of each page: documents as they came, pages by their numbers."""
        with self._path.open("rb") as file:
            for _, lines in groupby(self._lines, key=lambda line: line.place[:2]):
                yield [self._read(file, line.start) for line in lines]

    def _index(self, file: BinaryIO) -> list[_RecordLine]:
        sources: dict[str, int] = {}
        found: dict[str, _RecordLine] = {}
        start = 0
        for number, line in enumerate(file, 1):
            record = parse_record(line)
            if record is None and line.endswith(b"\n") and line.strip(b" \t\r\n"):
                raise OptionError(
                    f"line {number} of {self._path} is no record of got-loaders read --jsonl"
                )
            if record is not None:
                document = sources.setdefault(record.source, len(sources))
                page, region = record.page, whole_number(record.metadata.get("region_index"))
                place = (document, -1 if page is None else page, region or 0)
                found[record.id] = _RecordLine(place, start)
            start += len(line)
        return sorted(found.values(), key=lambda line: (line.place, line.start))

    def _read(self, file: BinaryIO, start: int) -> KeptRecord:
        file.seek(start)
        record = parse_record(file.readline())
        if record is None:
            raise OptionError(f"{printable(str(self._path))} was changed while it was read")
        return record


def parse_record(line: bytes) -> KeptRecord | None:
    """The record of a line; None where it is none."""
    try:
        value = json.loads(line)
        record = KeptRecord(id=value["id"], text=value["text"], metadata=value["metadata"])
        texts = (record.id, record.text, record.metadata["source"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return record if all(isinstance(text, str) for text in texts) else None


def whole_number(value: object) -> int | None:
    """A number from 0 on, as metadata has it; None for all else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and value >= 0 else None  # type: ignore[operator,return-value]
