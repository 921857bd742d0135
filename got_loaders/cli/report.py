"""``got-loaders report``: what was read, beside its pages, in a file to look at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.args import explicit_options, read_options
from got_loaders.cli.engine_flags import chosen_engine
from got_loaders.cli.help_texts import bytes_text
from got_loaders.cli.inputs import Inputs
from got_loaders.cli.messages import in_flags
from got_loaders.cli.streams import log_to_stderr
from got_loaders.cli.summary import RunSummary
from got_loaders.errors import OptionError, printable
from got_loaders.options import ReadOptions
from got_loaders.sources import Source
from got_loaders.sources.temp_folders import remove_abandoned_folders

if TYPE_CHECKING:
    from got_loaders.report.values import ReportOrder, ReportPage
    from got_loaders.report.writer import ReportWriter, WrittenReport
    from got_loaders.types import Engine, PageInfo

__all__ = ["report"]

_ENGINE = ("model", "device", "dtype", "memory_fraction", "engine", "api_key_file")


def report(args: argparse.Namespace, engine: Engine | None) -> int:
    """Read and write the report, or write that of a kept file; 1 if something failed, else 0."""
    if hasattr(args, "jsonl"):
        return _report_of_records(args)
    if not args.paths:
        raise OptionError("PATH is missing: name what to read, or --jsonl FILE; see --help")
    return _report_of_files(args, engine)


def _report_of_files(args: argparse.Namespace, engine: Engine | None) -> int:
    from got_loaders.pipeline.reader import ReadJob
    from got_loaders.report.from_results import pages_of_results

    options = read_options(args)
    if not hasattr(args, "on_error"):
        options = replace(options, on_error="keep")
    if options.figures == "keep" and not hasattr(args, "figures_dir"):
        options = replace(options, figures="inline")  # the report is where they are kept
    if isinstance(options.corrections, str):
        _check_not_input(args, Path(options.corrections))
    inputs = Inputs.of(args.paths, options)
    data: dict[str, bytes] = {}
    for source in inputs.sources:
        if isinstance(source, Source):
            _check_not_input(args, source.path)
            data |= {source.name: source.data} if source.data is not None else {}
    writer = _writer(args)
    remove_abandoned_folders()
    summary = RunSummary()
    job = ReadJob(inputs.sources, None, engine or chosen_engine(args), options, on_page=summary)
    try:
        with log_to_stderr(), closing(job.results()) as results:
            written = _write(args, pages_of_results(results), writer, options, data=data)
        summary.unread_corrections = job.corrections.unread
    except BaseException:
        _print_all(args, summary.lines())
        raise
    _print_all(args, [*summary.lines(), _summary(written)])
    _print_all(args, summary.failure_lines(), always=True)
    return 1 if summary.failures else 0


def _report_of_records(args: argparse.Namespace) -> int:
    from got_loaders.report.from_records import pages_of_records
    from got_loaders.report.record_file import RecordFile

    _check_alone(args)
    options, path = read_options(args), Path(args.jsonl)
    _check_not_input(args, path)
    writer, records = _writer(args), RecordFile(path)
    pages = pages_of_records(records, options.cache)
    if options.progress is True:
        pages = _with_bar(pages, records.pages)
    with log_to_stderr():
        written = _write(args, pages, writer, options, kept_at=records.changed_at)
    _print_all(args, [_summary(written)])
    return 0


def _write(
    args: argparse.Namespace,
    pages: Iterable[tuple[PageInfo, ReportPage]],
    writer: ReportWriter,
    options: ReadOptions,
    *,
    data: dict[str, bytes] | None = None,
    kept_at: float | None = None,
) -> WrittenReport:
    from got_loaders.report.pictures import PICTURE_SIDE, PagePictures
    from got_loaders.report.write import write_pages

    side = getattr(args, "picture_side", PICTURE_SIDE)
    pictures = PagePictures(side=side, options=options, data=data or {}, kept_at=kept_at)
    return write_pages(pages, writer, pictures, root=options.root)


def _writer(args: argparse.Namespace) -> ReportWriter:
    """What writes to where ``-o`` says; wrong flags raise :class:`OptionError`."""
    from got_loaders.report.pictures import PICTURE_SIDE
    from got_loaders.report.write import check_settings
    from got_loaders.report.writer import ReportWriter

    order: ReportOrder = getattr(args, "order", "doubtful")
    split = getattr(args, "split", None)
    side = getattr(args, "picture_side", PICTURE_SIDE)
    check_settings(order=order, picture_side=side, split=split)
    path = _path(args)
    title = getattr(args, "title", None)
    return ReportWriter(path, title=title, order=order, split=split, name=f"-o {path}")


def _path(args: argparse.Namespace) -> str:
    path: str = getattr(args, "output_file", "report" if hasattr(args, "split") else "report.html")
    if path in ("-", "/dev/stdout"):
        raise OptionError(f"-o {path}: a report is a file: name one, as in -o report.html")
    return path


def _check_not_input(args: argparse.Namespace, source: Path | None) -> None:
    """Raise where the report would take the place of what it is made from."""
    path = Path(_path(args))
    if source is not None and path.exists() and source.exists() and path.samefile(source):
        raise OptionError(f"-o {path}: it is one of the files to read")


def _check_alone(args: argparse.Namespace) -> None:
    """Raise for what says how to read, beside ``--jsonl``."""
    if args.paths:
        raise OptionError(
            f"--jsonl {args.jsonl} and {args.paths[0]} exclude each other: a report shows what "
            "was kept, or what is read now"
        )
    groups = {field.name: field.metadata["group"] for field in fields(ReadOptions)}
    given = [name for name in _ENGINE if getattr(args, name) is not None]
    given += [
        name
        for name in explicit_options(args)
        if groups[name] != "limits" and name not in ("cache", "password", "progress")
    ]
    if given:
        flag = in_flags(f"{given[0]}=").strip()
        raise OptionError(f"--jsonl shows what was kept, and reads nothing: leave out {flag}")


def _with_bar(
    pages: Iterable[tuple[PageInfo, ReportPage]], total: int
) -> Iterator[tuple[PageInfo, ReportPage]]:
    from got_loaders.pipeline.bar import Bar

    bar, done = Bar(bounded=True), 0
    try:
        for page in pages:
            yield page
            done += 1
            bar.draw(min(1.0, done / max(1, total)), f"{done}/{total} pages", at_once=done == 1)
    finally:
        bar.close(leave=done > 0)


def _summary(written: WrittenReport) -> str:
    totals = written.totals
    pages = "1 page" if totals.pages == 1 else f"{totals.pages} pages"
    look = f", {totals.doubtful} to look at" if totals.doubtful else ""
    return f"written to {written.path}: {pages}{look}, {bytes_text(written.bytes)}"


def _print_all(args: argparse.Namespace, lines: Iterable[str], *, always: bool = False) -> None:
    if not always and not getattr(args, "progress", True):
        return
    for line in lines:
        print("got-loaders:", printable(in_flags(line)), file=sys.stderr)
