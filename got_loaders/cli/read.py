"""``got-loaders read``: writes records as they come, and a summary at the end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.args import engine_config, read_options
from got_loaders.cli.output import append_jsonl, write_jsonl, write_text
from got_loaders.cli.resume import CompletedPages, load_completed, options_digest
from got_loaders.cli.summary import RunSummary
from got_loaders.errors import OptionError, printable
from got_loaders.sources.temp_folders import remove_abandoned_folders

if TYPE_CHECKING:
    from got_loaders.documents.records import Record
    from got_loaders.engine import EngineConfig
    from got_loaders.options import ReadOptions
    from got_loaders.types import Engine

__all__ = ["read"]


def read(args: argparse.Namespace, engine: Engine | None) -> int:
    """Read, and write each record as soon as it is there; 0. ``engine`` replaces the model."""
    from got_loaders.documents import build
    from got_loaders.pipeline.reader import ReadJob

    options, file = read_options(args), _jsonl_file(args)
    remove_abandoned_folders()
    engine_or_config = engine or engine_config(args)
    completed = _load_completed(args, file, options, engine_or_config)
    summary = RunSummary()
    job = ReadJob(args.paths, None, engine_or_config, options, skip=completed, on_page=summary)
    try:
        with closing(build(job)) as records:
            _write(records, file, options_digest(options), append=completed is not None)
    finally:
        if file is not None and getattr(args, "progress", True):
            _print_summary(summary, completed)
    return 0


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


def _write(records: Generator[Record], file: str | None, digest: str, *, append: bool) -> None:
    if file is None:
        write_text(records)
    elif append:
        append_jsonl(records, file, digest)
    else:
        write_jsonl(records, file, digest)


def _print_summary(summary: RunSummary, completed: CompletedPages | None) -> None:
    previously_done = completed.count if completed else 0
    if summary.has_content or previously_done:
        for line in summary.lines(previously_done=previously_done):
            print("got-loaders:", printable(line), file=sys.stderr)
