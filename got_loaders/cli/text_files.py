"""Writes texts to files: one for all, or one for each input. A file has its name when it is whole.

Until then it is called ``….part`` and grows page by page. Where a read ends before the file's pages
do, that is what stays, and an older file of the same name is left as it is.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from got_loaders.cli.page_layout import PageLayout

if TYPE_CHECKING:
    from got_loaders.documents.records import Record
    from got_loaders.options import ReadOptions
    from got_loaders.pipeline.progress import PageReport

__all__ = ["FolderWriter", "TextFile", "is_special"]


class TextFile:
    """One file of texts; it is made when the first is there."""

    def __init__(self, path: Path, layout: PageLayout) -> None:
        self.path = path
        self._layout = layout
        self._part = path if is_special(path) else path.with_name(f"{path.name}.part")
        self._out: BinaryIO | None = None
        self._left = False

    def write(self, record: Record) -> None:
        """Add a text; it is on its way to the disk when this returns."""
        if self._out is None:
            self._out = self._open()
        self._put(self._out, self._layout.next(record))

    def on_page(self, page: PageReport) -> None:
        """Nothing: a file for all texts does not care whose they are."""

    def close(self, *, whole: bool) -> None:
        """Give the file its name, all at once, if it is ``whole``; else leave it as it is called.

        Nothing is written where no text came.
        """
        out, self._out = self._out, None
        if out is None:
            return
        try:
            self._put(out, self._layout.end())
        finally:
            out.close()
        if self._part == self.path:
            return
        if not whole:
            self._left = True
            return
        with suppress(OSError):
            shutil.copymode(self.path, self._part)  # where there is one
        os.replace(self._part, self.path)  # noqa: PTH105  # as texts

    def output_of(self, source: str) -> Path:  # noqa: ARG002  # all texts go there
        """The file."""
        return self.path

    def notes(self) -> list[str]:
        """Where the beginning is of what did not become whole."""
        return [f"what was read is in {self._part}"] if self._left else []

    def _open(self) -> BinaryIO:
        """The file to write to; no link that somebody put in its place is followed."""
        if self._part == self.path:
            return self.path.open("wb", buffering=0)
        self._part.unlink(missing_ok=True)
        return os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb", 0)

    def _put(self, out: BinaryIO, text: str) -> None:
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            try:
                data = data[out.write(data) :]
            except OSError as error:
                raise type(error)(error.errno, error.strerror, str(self._part)) from error


class FolderWriter:
    """A file for each input, in a folder that is made when the first text is there.

    Its ``on_page`` is to hear of each page before the page's records are written.
    """

    def __init__(self, folder: Path, paths: Mapping[str, Path], options: ReadOptions) -> None:
        self._written: set[Path] = set()
        self._folder = folder
        self._paths = paths
        self._options = options
        self._file: TextFile | None = None
        self._page: PageReport | None = None

    def on_page(self, page: PageReport) -> None:
        """The next page's; what was written of the last one is whole if that ended its file."""
        if self._is_done():
            self._finish()
        self._page = page

    def write(self, record: Record) -> None:
        """Add a text to its input's file; there is none for an input that could not be opened."""
        assert self._page is not None, "a record is of a page"
        if not self._page.opened:
            return
        if self._file is None:
            self._file = self._next_file(str(record.metadata["source"]))
        self._file.write(record)

    def close(self, *, whole: bool) -> None:
        """Finish the last file; where pages of it are to come, leave it as a part."""
        if whole or self._is_done():
            self._finish()
        elif self._file is not None:
            self._file.close(whole=False)

    def output_of(self, source: str) -> Path | None:
        """Its own file; None of an input that could not be opened."""
        return self._paths.get(source)

    def notes(self) -> list[str]:
        """How many files there are now, and what did not become one."""
        count = len(self._written)
        files = "1 file" if count == 1 else f"{count} files"
        left = [] if self._file is None else self._file.notes()
        return [*left, f"written to {self._folder}: {files}"]

    def _is_done(self) -> bool:
        """Whether the last page was its file's last one, and did not end the read by failing."""
        page = self._page
        if page is None or not page.ends_file:
            return False
        return self._options.on_error != "raise" or all(r.error is None for r in page.results)

    def _finish(self) -> None:
        if self._file is not None:
            self._file.close(whole=True)
            self._written.add(self._file.path)
        self._file = None

    def _next_file(self, source: str) -> TextFile:
        path = self._paths[source]
        path.parent.mkdir(parents=True, exist_ok=True)
        layout = PageLayout(
            output=self._options.output, titled=self._has_pages, file=True, title=source
        )
        return TextFile(path, layout)

    def _has_pages(self) -> bool:
        """Whether its records are parts of it, and say which."""
        assert self._page is not None, "a record is of a page"
        options, info = self._options, self._page.results[0].info
        return options.mode == "region" or (options.mode == "page" and info.total != 1)


def is_special(path: Path) -> bool:
    """Whether it is there and no file: a device, a pipe."""
    with suppress(OSError):
        return not stat.S_ISREG(path.stat().st_mode)
    return False
