"""``got-loaders read``: writes records as they come, and a summary at the end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.args import engine_config, read_options
from got_loaders.cli.messages import in_flags
from got_loaders.cli.output import append_jsonl, write_jsonl, write_text
from got_loaders.cli.page_layout import PageLayout
from got_loaders.cli.resume import CompletedPages, load_completed, options_digest
from got_loaders.cli.streams import log_to_stderr
from got_loaders.cli.summary import RunSummary
from got_loaders.errors import OptionError, printable
from got_loaders.sources.temp_folders import remove_abandoned_folders

if TYPE_CHECKING:
    from got_loaders.documents.records import Record
    from got_loaders.engine import EngineConfig
    from got_loaders.options import ReadOptions
    from got_loaders.options.literals import OnError
    from got_loaders.pipeline.reader import ReadJob
    from got_loaders.types import Engine

__all__ = ["read"]


def read(args: argparse.Namespace, engine: Engine | None) -> int:
    """Read, and write each record as soon as it is there; 1 if something failed, else 0.

    ``engine`` replaces the model. Of several inputs, one that fails does not end the read, unless
    ``--on-error raise`` says so.
    """
    from got_loaders.documents import build
    from got_loaders.pipeline.reader import ReadJob

    options, file = read_options(args), _jsonl_file(args)
    several = _are_several(args.paths, options)
    if several and not hasattr(args, "on_error"):
        options = replace(options, on_error=_going_on(args, options))
    remove_abandoned_folders()
    engine_or_config = engine or engine_config(args)
    completed = _load_completed(args, file, options, engine_or_config)
    summary = RunSummary()
    job = ReadJob(args.paths, None, engine_or_config, options, skip=completed, on_page=summary)
    titled = partial(_titled, several, options, job, summary)
    with log_to_stderr():
        try:
            with closing(build(job)) as records:
                _write(records, file, options, titled, append=completed is not None)
        finally:
            _print_summary(args, options, summary, completed)
    return 1 if summary.failures else 0


def _are_several(paths: list[str], options: ReadOptions) -> bool:
    """Whether more than one file is meant: also a folder, whatever is in it."""
    if len(paths) != 1 or not paths[0]:
        return len(paths) > 1
    path = os.path.join(options.root or "", os.path.expanduser(paths[0]))  # noqa: PTH111, PTH118  # as texts
    return Path(path).is_dir()


def _going_on(args: argparse.Namespace, options: ReadOptions) -> OnError:
    """What is done with failed pages where nothing is said: regions that are left out leave no
    trace, and could not be told from those that ``--resume`` has to read."""
    return "keep" if hasattr(args, "resume") and options.mode == "region" else "skip"


def _titled(several: bool, options: ReadOptions, job: ReadJob, summary: RunSummary) -> bool:
    """Whether more than one record is to be expected when the first is there."""
    first = summary.first
    if several or options.mode == "single" or first is None:
        return several
    return job.progress.total > first.pages or (options.mode == "region" and len(first.results) > 1)


def _jsonl_file(args: argparse.Namespace) -> str | None:
    """The file for JSON lines; what is wrong with it is said before hours of reading."""
    file: str | None = getattr(args, "jsonl", None)
    if hasattr(args, "resume") and file in (None, "-"):
        raise OptionError("--resume needs --jsonl FILE, the file to go on with")
    if file is None:
        return None
    if not Path(file).parent.is_dir():
        raise OptionError(f"--jsonl {file}: there is no folder {Path(file).parent}")
    if Path(file).is_dir():
        raise OptionError(f"--jsonl {file}: it is a folder; name a file in it")
    return file


def _load_completed(
    args: argparse.Namespace,
    file: str | None,
    options: ReadOptions,
    engine: Engine | EngineConfig,
) -> CompletedPages | None:
    """With ``--resume``, the pages that an earlier run has read."""
    from got_loaders.pipeline.engines import engine_fingerprint, resolve_engine

    if file is None or not hasattr(args, "resume"):
        return None
    return load_completed(Path(file), options, engine_fingerprint(resolve_engine(None, engine)))


def _write(
    records: Generator[Record],
    file: str | None,
    options: ReadOptions,
    titled: Callable[[], bool],
    *,
    append: bool,
) -> None:
    if file is None:
        layout = PageLayout(output=options.output, titled=titled, encoding=sys.stdout.encoding)
        write_text(records, layout)
    elif append:
        append_jsonl(records, file, options_digest(options))
    else:
        write_jsonl(records, file, options_digest(options))


def _print_summary(
    args: argparse.Namespace,
    options: ReadOptions,
    summary: RunSummary,
    completed: CompletedPages | None,
) -> None:
    """What became of files and pages; what failed is told once, here or by the error that ended it.

    Where the text goes to standard output, only if something failed.
    """
    goes_on = options.on_error != "raise"
    told = hasattr(args, "jsonl") or (goes_on and summary.failures)
    if told and getattr(args, "progress", True):
        _print_all(summary.lines(previously_done=completed.count if completed else 0))
    if goes_on:
        _print_all(summary.failure_lines())


def _print_all(lines: Iterator[str]) -> None:
    for line in lines:
        print("got-loaders:", printable(in_flags(line)), file=sys.stderr)
