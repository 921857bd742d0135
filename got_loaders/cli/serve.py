"""``got-loaders serve``: the engine of this machine, for other processes and machines."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.engine_flags import engine_config
from got_loaders.cli.streams import log_to
from got_loaders.engine.remote.address import API_KEY_VARIABLE
from got_loaders.engine.remote.key_file import read_keys
from got_loaders.errors import OptionError, printable
from got_loaders.server.settings import ServerSettings

if TYPE_CHECKING:
    from got_loaders.types import Engine

__all__ = ["serve_http"]

_INTERRUPTED = 130  # 128 + SIGINT
_QUEUED = 256
"""Requests that the engine itself lets wait: the server bounds them, and no thread is to block."""


def serve_http(args: argparse.Namespace, engine: Engine | None) -> int:
    """Serve until a signal says to end; the exit code. ``engine`` replaces the model."""
    settings = _settings(args)
    config = replace(engine_config(args), max_queued=_QUEUED)
    if hasattr(args, "max_batch_size"):
        config = replace(config, max_batch_size=args.max_batch_size)
    from got_loaders.server.run import run

    with _log_lines():
        ended_by = run(settings, engine or config, announce=_print_line)
    return _INTERRUPTED if ended_by else 0


def _settings(args: argparse.Namespace) -> ServerSettings:
    names = {field.name for field in fields(ServerSettings)}
    values = {name: value for name, value in vars(args).items() if name in names}
    for name in ("root", "jobs_dir", "cache"):
        if isinstance(values.get(name), str):
            values[name] = os.path.expanduser(values[name])  # noqa: PTH111  # ~nobody stays
    if "root" in values and not Path(values["root"]).is_dir():
        raise OptionError(f"--root {values['root']}: there is no such folder")
    return ServerSettings(**values, api_keys=_keys(args))


def _keys(args: argparse.Namespace) -> tuple[str, ...]:
    """Those of the file, one a line; without a file that of the environment."""
    if not hasattr(args, "api_key_file"):
        key = os.environ.get(API_KEY_VARIABLE, "").strip()
        return (key,) if key else ()
    return read_keys(args.api_key_file)


def _print_line(text: str) -> None:
    print(f"got-loaders: {printable(text)}", file=sys.stderr, flush=True)


def _log_lines() -> AbstractContextManager[None]:
    """Within, what is logged as a warning or worse is a line on standard error, without a trace."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # else a line for each scanner's try
    return log_to(logging.getLogger(), _LineHandler(logging.WARNING))


class _LineHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Print it; a standard error that is gone is no reason to end."""
        from got_loaders.server.errors import without_paths

        text = _without_trace(record.getMessage())
        if text is None:
            return
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            told = without_paths(" ".join(str(error).split()))
            text += f": {type(error).__name__}: {told}"
        with suppress(OSError, ValueError):
            _print_line(text)


def _without_trace(message: str) -> str | None:
    """The message on one line, of a trace the error alone; None where that was us who ended it."""
    if "Traceback (most recent call last)" in message:
        message = message.rstrip().rpartition("\n")[2]
        if "CancelledError" in message:
            return None
    return " ".join(message.split())
