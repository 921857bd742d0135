"""Resumes a JSONL file that an earlier run left: which of its records stay, what is still to read.

A record says by its id which place it is of, and by a digest how it was read; so the file is all
that has to be kept.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from got_loaders.cli.recorrected import Recorrected
from got_loaders.errors import OptionError
from got_loaders.options import ReadOptions
from got_loaders.options.digest import options_digest

__all__ = ["CompletedPages", "load_completed"]

_LINE_START = b'{"id": "00000000-0000-5000-8000-000000000000", "text": "'
_LINE = re.compile(
    rb'\{"id": "[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "text": "'
)
"""How a line of ours begins: an example, and what all have in common."""

_DIGEST = re.compile(r"[0-9a-f]{12}")

PageKey = tuple[str, int | None]
"""A source as metadata names it, and a 0-based page; None for the file as a whole."""


@dataclass(slots=True)
class CompletedPages:
    """The pages that need not be read again, by source, and the whole files."""

    pages: dict[str, set[int]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def __call__(self, source: str, number: int | None) -> bool:
        """Whether page ``number`` of ``source`` is done; None: all of its pages."""
        return source in self.files or number in self.pages.get(source, ())

    @property
    def count(self) -> int:
        """How many pages, a whole file as one."""
        return len(self.files) + sum(map(len, self.pages.values()))

    def add(self, metadata: dict[str, Any]) -> None:
        """Count one more record."""
        source, page = metadata["source"], metadata.get("page")
        if page is None:
            self.files.add(source)
        else:
            last = metadata.get("page_last", page)
            self.pages.setdefault(source, set()).update(range(page, last + 1))


def load_completed(
    file: Path, options: ReadOptions, model: str, sources: Iterable[object] = ()
) -> CompletedPages:
    """The pages that ``file`` holds; all else of ours in it is removed.

    Half a line of ours at its end is cut off; the records of failed pages go, for these are tried
    once more, and those of pages of ``sources`` that were, or are to be corrected; so do those of
    the last page where pages have several records. Raises
    :class:`OptionError`, and leaves the file as it is, where anything in it is none of ours, or was
    read with other options or by another ``model``.
    """
    _check_options(options)
    if not file.exists():
        return CompletedPages()
    if not file.is_file():
        raise OptionError(f"--resume: {file} is no ordinary file: what is in it can't be told")
    recorrected = Recorrected(options, sources)
    incomplete, last, end, count = set[PageKey](), None, 0, 0
    for number, stop, record in _iter_records(file):
        end, count = stop, number
        _check_record(file, number, record, options_digest(options), model)
        last = _page_key(record)
        if "error" in record["metadata"] or recorrected(record):
            incomplete.add(last)
    if options.mode == "region" and last is not None:
        incomplete.add(last)
    if end < file.stat().st_size:
        _check_half_line(file, end, count + 1)
        os.truncate(file, end)
    if incomplete:
        _drop_records(file, incomplete)
    completed = CompletedPages()
    for _, _, record in _iter_records(file):
        completed.add(record["metadata"])
    return completed


def _check_options(options: ReadOptions) -> None:
    if options.mode == "region" and options.on_error == "skip":
        raise OptionError(
            "--resume: regions that were skipped can't be told from those that are not there; "
            "use --on-error keep"
        )


def _iter_records(file: Path) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The file's whole records: the line's number, where in the file it ends, the record."""
    with file.open("rb") as lines:
        end = 0
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield number, end, _parse_record(file, number, line)


def _parse_record(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
        metadata = record["metadata"]
        pages = (metadata.get("page", 0), metadata.get("page_last", 0))
        valid = (
            _LINE.match(line) is not None
            and record.keys() == {"id", "text", "metadata", "options"}
            and _DIGEST.fullmatch(record["options"]) is not None
            and isinstance(metadata["source"], str)
            and all(type(page) is int for page in pages)
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        valid = False
    if not valid:
        raise _foreign_line(file, number)
    return record  # type: ignore[no-any-return]  # checked as far as it is used


def _check_half_line(file: Path, start: int, number: int) -> None:
    """Raise unless what stands at the end, without a line end, is the beginning of a line of ours.

    A machine that loses its power may leave NULs in its place.
    """
    with file.open("rb") as lines:
        lines.seek(start)
        begin = lines.read(len(_LINE_START)).rstrip(b"\0")
    if not _LINE.match(begin + _LINE_START[len(begin) :]):
        raise _foreign_line(file, number)


def _foreign_line(file: Path, number: int) -> OptionError:
    return OptionError(
        f"--resume: line {number} of {file} is no record of got-loaders; name another file"
    )


def _check_record(file: Path, number: int, record: dict[str, Any], digest: str, model: str) -> None:
    """Whether the same command would write this record now."""
    metadata = record["metadata"]
    if "error" in metadata:  # it will be made again
        return
    if record.get("options") != digest:
        raise OptionError(
            f"--resume: line {number} of {file} was written with other options; use the same, or "
            "name another file"
        )
    if metadata.get("ocr_model", model) != model:
        raise OptionError(
            f"--resume: line {number} of {file} was read by {metadata['ocr_model']}, and now "
            f"{model} would read; name another file"
        )


def _page_key(record: dict[str, Any]) -> PageKey:
    return record["metadata"]["source"], record["metadata"].get("page")


def _drop_records(file: Path, incomplete: set[PageKey]) -> None:
    """Leave out the records of these places; the file is replaced at once, or not."""
    file = Path(os.path.realpath(file))  # a link to it stays one
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out, file.open("rb") as lines:
            out.writelines(line for line in lines if _page_key(json.loads(line)) not in incomplete)
        shutil.copymode(file, name)  # a temporary file is private
        os.replace(name, file)  # noqa: PTH105  # as texts
    finally:
        Path(name).unlink(missing_ok=True)
