"""Writes records to standard output, or as JSON lines to a file, each as soon as it is there."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from got_loaders.cli.page_layout import PageLayout
    from got_loaders.documents.records import Record
    from got_loaders.pipeline.progress import PageReport

__all__ = ["JsonLines", "PrintedTexts"]


class PrintedTexts:
    """Prints texts to standard output."""

    def __init__(self, layout: PageLayout) -> None:
        self._layout = layout

    def on_page(self, page: PageReport) -> None:
        """Nothing."""

    def write(self, record: Record) -> None:
        """Print its text, and what names it."""
        _print(self._layout.next(record))

    def close(self, *, whole: bool) -> None:  # noqa: ARG002  # it is what it is
        """Print what ends a document, however the read ended."""
        _print(self._layout.end())

    def output_of(self, source: str) -> None:
        """None: nobody knows from where they are read."""

    def notes(self) -> list[str]:
        """Nothing."""
        return []


class JsonLines:
    """Writes a line for each record; the file is replaced when the first is there, or added to.

    ``digest`` says under which options they were read. ``-`` is standard output.
    """

    def __init__(self, file: str, digest: str, *, append: bool) -> None:
        self._file = file
        self._digest = digest
        self._mode = "a" if append else "w"
        self._out: io.FileIO | None = None

    def on_page(self, page: PageReport) -> None:
        """Nothing."""

    def write(self, record: Record) -> None:
        """Write its line in one call, so that a process that is killed leaves none half written.

        Should the disk be full in the middle of it, its beginning is taken back.
        """
        if self._file == "-":
            utf8 = sys.stdout.encoding.lower() == "utf-8"
            _print(f"{_line(record, self._digest, ascii_only=not utf8)}\n")
            return
        if self._out is None:
            self._out = io.FileIO(self._file, self._mode)
        _write_line(self._out, f"{_line(record, self._digest)}\n".encode())

    def close(self, *, whole: bool) -> None:  # noqa: ARG002  # it is what it is
        """Close the file."""
        if self._out is not None:
            self._out.close()

    def output_of(self, source: str) -> None:
        """None: nobody knows from where they are read."""

    def notes(self) -> list[str]:
        """Nothing."""
        return []


def _print(text: str) -> None:
    from got_loaders.pipeline.bar import without_bar

    with without_bar(sys.stdout):
        print(text, end="", flush=True)


def _write_line(out: io.FileIO, data: bytes) -> None:
    line = memoryview(data)
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
