"""``got-loaders read``: records as they come, and at the end what became of the pages."""

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

    options, file = read_options(args), _file(args)
    reads = engine or engine_config(args)
    finished = _finished(args, file, options, reads)
    tally = RunSummary()
    job = ReadJob(args.paths, None, reads, options, skip=finished, on_page=tally)
    try:
        with closing(build(job)) as found:
            _write(found, file, options_digest(options), append=finished is not None)
    finally:
        if file is not None and getattr(args, "progress", True):
            _sum_up(tally, finished)
    return 0


def _file(args: argparse.Namespace) -> str | None:
    """Where JSON lines go; what is wrong with it is said before hours of reading."""
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


def _finished(
    args: argparse.Namespace,
    file: str | None,
    options: ReadOptions,
    engine: Engine | EngineConfig,
) -> CompletedPages | None:
    """What an earlier run has done, with ``--resume``."""
    from got_loaders.pipeline.engines import engine_fingerprint, resolve_engine

    if file is None or not hasattr(args, "resume"):
        return None
    return load_completed(Path(file), options, engine_fingerprint(resolve_engine(None, engine)))


def _write(found: Generator[Record], file: str | None, digest: str, *, append: bool) -> None:
    if file is None:
        write_text(found)
    elif append:
        append_jsonl(found, file, digest)
    else:
        write_jsonl(found, file, digest)


def _sum_up(tally: RunSummary, finished: CompletedPages | None) -> None:
    there = finished.count if finished else 0
    if tally.has_content or there:
        for line in tally.lines(there=there):
            print("got-loaders:", printable(line), file=sys.stderr)
