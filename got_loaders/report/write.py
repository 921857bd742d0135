"""write_report: what users call to look at what was read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from got_loaders.errors import OptionError, shown
from got_loaders.options import Cache, ReadOptions
from got_loaders.report.from_records import pages_of_records
from got_loaders.report.from_results import pages_of_results
from got_loaders.report.pictures import PICTURE_SIDE, PagePictures
from got_loaders.report.record_file import RecordFile
from got_loaders.report.values import ReportOrder, ReportPage
from got_loaders.report.writer import ReportWriter, WrittenReport
from got_loaders.results import PageResult
from got_loaders.types import PageInfo

__all__ = [
    "MAX_PICTURE_SIDE",
    "check_settings",
    "write_pages",
    "write_report",
    "write_report_of_records",
]

MAX_PICTURE_SIDE = 4000
"""A strip may be four times as long: WebP ends at 16383."""


def write_report(
    results: Iterable[PageResult] | PageResult,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    order: ReportOrder = "doubtful",
    picture_side: int = PICTURE_SIDE,
    split: int | None = None,
    source: object = None,
    password: str | None = None,
    options: ReadOptions | None = None,
) -> Path:
    """Write ``results`` as one HTML file: pages beside their readings; returns what to open.

    ``results`` are what ``read`` gives, taken as they come: memory does not grow with the pages.
    The file has all in it, opens without a network, and nothing that was read can act in it. It
    takes the place of an older one when it is whole. ``title`` is its heading; None: the name of
    what was read. ``order`` is "doubtful", pages with a flag first, or "page". ``picture_side`` are
    the pixels along the longer side of a page's picture; 0: no pictures. With ``split`` the path is
    a folder, which gets an ``index.html`` and a file for every so many pages.

    The documents are opened again for their pictures, by the names that they were read by. One that
    is gone, was changed, or needs a password has none, and the page says so. ``source`` says where
    it is now, or holds its bytes; it stands for one document. ``password`` opens it. Of
    ``options``, those that it was read with, the password, ``root`` and the other limits count.

    Raises :class:`OptionError` for what can't be written, and whatever ``results`` raise.
    """
    options = ReadOptions() if options is None else ReadOptions.of(options, {})
    check_settings(order=order, picture_side=picture_side, split=split, title=title)
    pages = pages_of_results(_results(results))
    writer = ReportWriter(path, title=title, order=order, split=split)
    if isinstance(source, str | os.PathLike):
        writer.check_no_input(source)
    pictures = PagePictures(side=picture_side, source=source, password=password, options=options)
    return write_pages(pages, writer, pictures, root=options.root).path


def write_report_of_records(
    records: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    cache: Cache = None,
    title: str | None = None,
    order: ReportOrder = "doubtful",
    picture_side: int = PICTURE_SIDE,
    split: int | None = None,
    password: str | None = None,
    options: ReadOptions | None = None,
) -> Path:
    """:func:`write_report` of a file that ``got-loaders read --jsonl`` wrote; nothing is read.

    ``cache`` is that of the run which wrote it: in it is where regions stood. All else is as there.
    Raises :class:`OptionError` where a line is no record.
    """
    options = ReadOptions() if options is None else ReadOptions.of(options, {})
    check_settings(order=order, picture_side=picture_side, split=split, title=title)
    writer = ReportWriter(path, title=title, order=order, split=split)
    writer.check_no_input(records)
    kept = RecordFile(Path(records))
    pictures = PagePictures(
        side=picture_side, password=password, options=options, kept_at=kept.changed_at
    )
    cache = options.cache if cache is None else cache
    pages = pages_of_records(kept, cache)
    return write_pages(pages, writer, pictures, root=options.root).path


def write_pages(
    pages: Iterable[tuple[PageInfo, ReportPage]],
    writer: ReportWriter,
    pictures: PagePictures,
    *,
    root: str | os.PathLike[str] | None = None,
) -> WrittenReport:
    """Write pages with their pictures as they come; never over a file that they are of.

    Relative names start at ``root``, if that is not the current folder.
    """
    checked = None
    with pictures, writer:
        for info, page in pages:
            if info.source != checked:
                checked = info.source
                writer.check_no_input(Path(root or "", checked))
            writer.add(pictures.added_to(page, info))
        return writer.finish()


def check_settings(
    *, order: object, picture_side: object, split: object, title: object = None
) -> None:
    """Raise :class:`OptionError` for what is no order, size, number of pages or text."""
    if title is not None and not isinstance(title, str):
        raise OptionError(f"title={shown(title)}: expected a text, or None")
    if order not in get_args(ReportOrder):
        raise OptionError(f'order={shown(order)}: expected "doubtful" or "page"')
    if type(picture_side) is not int or not (
        picture_side == 0 or 50 <= picture_side <= MAX_PICTURE_SIDE
    ):
        raise OptionError(
            f"picture_side={shown(picture_side)}: expected pixels, 50 to {MAX_PICTURE_SIDE}, or 0 "
            "for no pictures"
        )
    if split is not None and (type(split) is not int or split < 1):
        raise OptionError(f"split={shown(split)}: expected how many pages a file has, or None")


def _results(results: object) -> Iterator[PageResult]:
    if isinstance(results, PageResult):
        return iter((results,))
    if isinstance(results, str | bytes | os.PathLike) or not isinstance(results, Iterable):
        raise OptionError(f"results={shown(results)}: expected PageResults, as read(…) gives them")
    return iter(results)
