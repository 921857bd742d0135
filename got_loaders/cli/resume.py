"""Going on with a JSONL file that an earlier run left: what of it stands, and what is still to do.

A record says by its id which place it is of, so the file is all that has to be kept.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from got_loaders.documents import place_id
from got_loaders.errors import OptionError
from got_loaders.options import ReadOptions

__all__ = ["Finished", "take_up"]

Place = tuple[str, int | None]
"""A source as metadata names it, and a 0-based page; None for the file as a whole."""


@dataclass(slots=True)
class Finished:
    """What need not be read again: pages by source, or whole files."""

    pages: dict[str, set[int]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def __call__(self, source: str, number: int) -> bool:
        """Whether page ``number`` of ``source`` is done."""
        return source in self.files or number in self.pages.get(source, ())

    @property
    def count(self) -> int:
        """How many pages, a whole file as one."""
        return len(self.files) + sum(map(len, self.pages.values()))

    def add(self, metadata: dict[str, Any]) -> None:
        """One more record is there."""
        source, page = metadata["source"], metadata.get("page")
        if page is None:
            self.files.add(source)
        else:
            last = metadata.get("page_last", page)
            self.pages.setdefault(source, set()).update(range(page, last + 1))


def take_up(file: Path, options: ReadOptions, model: str) -> Finished:
    """Make ``file`` hold whole records of finished pages alone, and tell which these are.

    A half line at its end is cut off; records of failed pages are taken out, for they are tried
    once more; so is the last page where pages have several records. Raises :class:`OptionError`
    where the file is none of ours, or was read with other options or by another ``model``.
    """
    if not file.exists():
        return Finished()
    undone, last = set[Place](), None
    finished = Finished()
    for number, record in _records(file):
        _check(file, number, record, options, model)
        last = _place(record)
        if "error" in record["metadata"]:
            undone.add(last)
    if options.mode == "region" and last is not None:
        undone.add(last)
    _keep(file, undone, finished)
    return finished


def _records(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The file's whole records, with the numbers of their lines."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return
            yield number, _record(file, number, line)


def _record(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
        metadata = record["metadata"]
        whole = isinstance(record["id"], str) and isinstance(metadata["source"], str)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise OptionError(
            f"--resume: line {number} of {file} is no record of got-loaders; name another file"
        )
    return record  # type: ignore[no-any-return]  # checked as far as it is used


def _check(
    file: Path, number: int, record: dict[str, Any], options: ReadOptions, model: str
) -> None:
    """Whether the same command would write this record now."""
    about = record["metadata"]
    if "error" in about:  # it will be made again
        return
    place = place_id(
        about["source"],
        about.get("page"),
        about.get("page_last"),
        about.get("region_index"),
        options,
    )
    mode = "format" if options.formatted else "plain"
    same = (
        record["id"] == place
        and about.get("content_format") == options.output
        and about.get("ocr_mode", mode) == mode
    )
    if not same:
        raise OptionError(
            f"--resume: line {number} of {file} was written with other options; use the same, or "
            "name another file"
        )
    if about.get("ocr_model", model) != model:
        raise OptionError(
            f"--resume: line {number} of {file} was read by {about['ocr_model']}, and now "
            f"{model} would read; name another file"
        )


def _place(record: dict[str, Any]) -> Place:
    return record["metadata"]["source"], record["metadata"].get("page")


def _keep(file: Path, undone: set[Place], finished: Finished) -> None:
    """Leave in the file the whole records that are not undone; it is replaced at once or not."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out, file.open("rb") as lines:
            for line in lines:
                record = json.loads(line) if line.endswith(b"\n") else None
                if record is not None and _place(record) not in undone:
                    out.write(line)
                    finished.add(record["metadata"])
        if os.path.getsize(name) == file.stat().st_size:  # noqa: PTH202  # nothing to take out
            return
        os.chmod(name, file.stat().st_mode)  # noqa: PTH101  # a temporary file is private
        os.replace(name, file)  # noqa: PTH105  # as above
    finally:
        Path(name).unlink(missing_ok=True)
