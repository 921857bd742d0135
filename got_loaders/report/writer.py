"""Writes a report: page by page onto the disk, and at the end into one file, or into a folder.

Of a page nothing stays in memory but where its HTML lies, its flags and how doubtful it is. A run
that is interrupted leaves nothing; an older report stays until the new one is whole.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from got_loaders._version import __version__
from got_loaders.report import page as html
from got_loaders.report.page import ReportPart, ReportTotals
from got_loaders.report.page.doubt_rank import DOUBTFUL
from got_loaders.report.picture_files import PictureFiles
from got_loaders.report.spool import Spool, SpooledText
from got_loaders.report.target import (
    INDEX,
    check_no_input,
    check_target,
    naming,
    new_folder,
    open_new,
    part_name,
)
from got_loaders.report.values import FLAGS, Flag, ReportOrder, ReportPage

__all__ = ["ReportWriter", "WrittenReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """A report that was written: the file to open, and what is in it.

    ``bytes`` are those of all its files.
    """

    path: Path
    totals: ReportTotals
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageRow:
    """What is kept of a page; ``listed`` is its entry in the index of a report that is split."""

    number: int
    entry: SpooledText
    listed: SpooledText | None
    page: SpooledText
    flags: tuple[Flag, ...]
    rank: float
    source: str
    readings: int


class ReportWriter:
    """Takes the pages of a report in order; use it in a ``with`` block, and ``finish`` in that.

    ``path`` is a file, or with ``split`` a folder, whose files have so many pages each. Raises
    :class:`OptionError` where it can't be written to, which calls it by ``name``.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        title: str | None = None,
        order: ReportOrder = "doubtful",
        split: int | None = None,
        name: str = "",
    ) -> None:
        self._path = check_target(Path(path), split=split is not None, name=name)
        self._name = name
        self._title = title
        self._order: ReportOrder = order
        self._split = split
        self._rows: list[_PageRow] = []
        self._models: dict[str, None] = {}
        self._first_name = ""
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self._spool = opened.enter_context(Spool(self._path.parent))
            folder: AbstractContextManager[Path | None] = nullcontext()
            if self._split is not None:
                folder = new_folder(self._path)
            self._folder = opened.enter_context(folder)
            self._resources = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._resources.__exit__(kind, error, traceback)

    def check_no_input(self, source: str | os.PathLike[str]) -> None:
        """Raise :class:`OptionError` where the report would take the place of this file."""
        check_no_input(self._path, source, name=self._name)

    def add(self, page: ReportPage) -> None:
        """Add one more page; it is on the disk when this returns."""
        with naming(self._path):
            self._rows.append(self._row(page, len(self._rows) + 1))

    def _row(self, page: ReportPage, number: int) -> _PageRow:
        listed, url = None, html.data_url
        self._first_name = self._first_name or page.name
        self._models |= dict.fromkeys(r.model for r in page.readings if r.model)
        if self._folder is not None and self._split is not None:
            url = PictureFiles(page, number, self._folder).url
            file = part_name((number - 1) // self._split)
            listed = self._spool.add(html.render_entry(page, number, file=file, picture_url=url))
        return _PageRow(
            number=number,
            entry=self._spool.add(html.render_entry(page, number, picture_url=url)),
            listed=listed,
            page=self._spool.add(html.render_page(page, number, picture_url=url)),
            flags=page.flags,
            rank=html.doubt_rank(page),
            source=sys.intern(page.source),
            readings=len(page.readings),
        )

    def finish(self) -> WrittenReport:
        """Put the report together; it has its name when the ``with`` block is left."""
        path = self._path
        if self._folder is None or self._split is None:
            with naming(path), open_new(path) as out:
                self._write(out, self._rows)
            size = path.stat().st_size
        else:
            with naming(path):
                self._write_folder(self._folder, self._split)
            path, size = path / INDEX, _bytes_in(self._folder)
        return WrittenReport(path=path, totals=self._totals(self._rows), bytes=size)

    def _write_folder(self, folder: Path, split: int) -> None:
        parts = [self._rows[start : start + split] for start in range(0, len(self._rows), split)]
        for current, rows in enumerate([None, *parts]):
            links = [_link(number, part, current) for number, part in enumerate(parts, 1)]
            links.insert(0, ReportPart(label="All pages", href=INDEX, current=rows is None))
            name = INDEX if rows is None else part_name(current - 1)
            with (folder / name).open("wb") as out:
                self._write(out, rows, links)

    def _write(
        self, out: BinaryIO, rows: Sequence[_PageRow] | None, parts: Sequence[ReportPart] = ()
    ) -> None:
        """A file with these pages; None: the index, which lists all of them and has none."""
        listed = self._rows if rows is None else rows
        if self._order == "doubtful":
            listed = sorted(listed, key=lambda row: row.rank)
        head = html.document_head(
            self._heading(),
            self._totals(listed),
            order=self._order,
            parts=parts,
            pictures_beside=bool(parts),
            is_index=rows is None,
        )
        _put(out, head)
        for row in listed:
            self._spool.copy(row.listed if rows is None and row.listed else row.entry, out)
        _put(out, html.document_middle())
        for row in () if rows is None else listed:
            self._spool.copy(row.page, out)
        _put(out, html.document_tail())

    def _totals(self, rows: Sequence[_PageRow]) -> ReportTotals:
        counts = Counter(flag for row in rows for flag in row.flags)
        facts = {"models" if len(self._models) > 1 else "model": ", ".join(self._models)}
        facts["written by"] = f"got_loaders {__version__}"
        return ReportTotals(
            pages=len(rows),
            documents=len({row.source for row in rows}),
            readings=sum(row.readings for row in rows),
            doubtful=sum(not set(DOUBTFUL).isdisjoint(row.flags) for row in rows),
            flags={flag: counts[flag] for flag in FLAGS if counts[flag]},
            facts={name: text for name, text in facts.items() if text},
        )

    def _heading(self) -> str:
        if self._title is not None:
            return self._title
        files = len({row.source for row in self._rows})
        return self._first_name if files == 1 else f"{files} files"


def _link(number: int, rows: Sequence[_PageRow], current: int) -> ReportPart:
    first, last = rows[0].number, rows[-1].number
    label = f"Page {first}" if first == last else f"Pages {first}–{last}"
    return ReportPart(label=label, href=part_name(number - 1), current=number == current)


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _put(out: BinaryIO, text: str) -> None:
    out.write(text.encode("utf-8", "replace"))
