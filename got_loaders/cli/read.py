"""``got-loaders read``: writes records as they come, and a summary at the end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.args import read_options
from got_loaders.cli.destination import (
    Destination,
    check,
    check_form,
    destination,
    output_of_suffix,
)
from got_loaders.cli.engine_flags import chosen_engine
from got_loaders.cli.figure_links import LinkedFigures, with_figures_dir
from got_loaders.cli.inputs import STDIN, Inputs, is_stdin
from got_loaders.cli.messages import in_flags
from got_loaders.cli.resume import CompletedPages, load_completed
from got_loaders.cli.streams import log_to_stderr
from got_loaders.cli.summary import RunSummary
from got_loaders.cli.writers import Expected, writer_to
from got_loaders.errors import OptionError, printable
from got_loaders.sources.temp_folders import remove_abandoned_folders

if TYPE_CHECKING:
    from got_loaders.cli.writers import RecordWriter
    from got_loaders.documents.records import Record
    from got_loaders.engine import EngineConfig
    from got_loaders.options import ReadOptions
    from got_loaders.options.literals import OnError
    from got_loaders.pipeline.progress import PageReport
    from got_loaders.types import Engine

__all__ = ["read"]


def read(args: argparse.Namespace, engine: Engine | None) -> int:
    """Read, and write each record as soon as it is there; 1 if something failed, else 0.

    ``engine`` replaces the model. Of several inputs, one that fails does not end the read, unless
    ``--on-error raise`` says so.
    """
    from got_loaders.documents import build
    from got_loaders.pipeline.corrections import with_corrections
    from got_loaders.pipeline.reader import ReadJob

    check_form(args)
    to = destination(args)
    options = with_figures_dir(_with_form(read_options(args), args, to), args, to)
    inputs = Inputs.of(args.paths, options)
    flag = "--jsonl" if hasattr(args, "jsonl") else "-o"
    check(to, flag, inputs, options.corrections)
    options = with_corrections(options)  # once: it may be a pipe
    if inputs.are_several and not hasattr(args, "on_error"):
        options = replace(options, on_error=_going_on(args, options))
    remove_abandoned_folders()
    engine_or_config = engine or chosen_engine(args)
    completed = _load_completed(args, to, options, engine_or_config, inputs)
    summary, expected = RunSummary(), Expected(inputs.are_several, options)
    writer = writer_to(to, options, inputs, expected, append=completed is not None)

    def on_page(page: PageReport) -> None:
        summary(page)
        expected.on_page(page, job.progress.total)
        writer.on_page(page)

    job = ReadJob(inputs.sources, None, engine_or_config, options, skip=completed, on_page=on_page)
    with log_to_stderr():
        try:
            with closing(build(LinkedFigures(job, writer.output_of))) as records:
                _write(records, writer)
        finally:
            summary.unread_corrections = job.corrections.unread
            _print_summary(args, to, options, summary, completed, writer)
    return 1 if summary.failures else 0


def _write(records: Iterator[Record], writer: RecordWriter) -> None:
    whole = False
    try:
        for record in records:
            writer.write(record)
        whole = True
    finally:
        writer.close(whole=whole)


def _with_form(options: ReadOptions, args: argparse.Namespace, to: Destination) -> ReadOptions:
    """The options, with the form that the output file's name stands for, if none is named."""
    output = None if hasattr(args, "output") else output_of_suffix(to)
    return options if output is None else replace(options, output=output)


def _going_on(args: argparse.Namespace, options: ReadOptions) -> OnError:
    """What is done with failed pages where nothing is said: regions that are left out leave no
    trace, and could not be told from those that ``--resume`` has to read."""
    return "keep" if hasattr(args, "resume") and options.mode == "region" else "skip"


def _load_completed(
    args: argparse.Namespace,
    to: Destination,
    options: ReadOptions,
    engine: Engine | EngineConfig,
    inputs: Inputs,
) -> CompletedPages | None:
    """With ``--resume``, the pages that an earlier run has read."""
    from got_loaders.pipeline.engines import engine_fingerprint, resolve_engine

    if not hasattr(args, "resume"):
        return None
    if any(map(is_stdin, args.paths)):
        raise OptionError(f"--resume: what comes in as {STDIN} may be another document each time")
    model = engine_fingerprint(resolve_engine(None, engine))
    return load_completed(Path(to.path), options, model, inputs.sources)


def _print_summary(
    args: argparse.Namespace,
    to: Destination,
    options: ReadOptions,
    summary: RunSummary,
    completed: CompletedPages | None,
    writer: RecordWriter,
) -> None:
    """What became of files and pages; what failed is told once, here or by the error that ended it.

    Where the text goes to standard output, only if something failed, or where the text does not
    say it: nothing but blank pages, pages that were cut off or went in circles.
    """
    goes_on = options.on_error != "raise"
    told = to.kind == "jsonl" or not to.is_stdout or (goes_on and summary.failures)
    told = told or summary.is_doubtful or summary.unread_corrections
    if told and getattr(args, "progress", True):
        _print_all(summary.lines(previously_done=completed.count if completed else 0))
        _print_all(writer.notes())
    if goes_on:
        _print_all(summary.failure_lines())


def _print_all(lines: Iterable[str]) -> None:
    for line in lines:
        print("got-loaders:", printable(in_flags(line)), file=sys.stderr)
