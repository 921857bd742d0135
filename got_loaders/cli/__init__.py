"""The command line: ``got-loaders`` ``read``, ``cache``, ``mcp`` and ``doctor``.

The only part that prints. It needs no framework: it reads through the pipeline and writes the
records that Documents are made of. Pages are counted from 1 here, as people do.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from got_loaders.cli.args import engine_config, parse, parser
from got_loaders.cli.mcp import serve
from got_loaders.cli.read import read
from got_loaders.cli.streams import open_closed_streams
from got_loaders.errors import GotLoadersError, OptionError, printable

if TYPE_CHECKING:
    from got_loaders.types import Engine

__all__ = ["console_main", "main", "parser"]

_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
_BROKEN_PIPE = 141  # 128 + SIGPIPE, as a shell reports other tools that nobody reads


def console_main(argv: Sequence[str] | None = None, *, engine: Engine | None = None) -> NoReturn:
    """Run a command, and end the process with its exit code.

    After Ctrl-C nothing is waited for, not even the end of the engine's step. The processes that
    render pages end by themselves, when this one's end of their pipes is gone.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not told to ignore it
        signal.signal(signal.SIGINT, _interrupt)
    code = main(argv, engine=engine)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while Python ends: no traceback any more
    if code == _INTERRUPTED:
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """Raise KeyboardInterrupt; end the process two seconds later, should that get lost.

    Python drops what is raised while a destructor or a callback of the collector runs.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(
            signal.SIGALRM, lambda *_: os._exit(_print_error("interrupted", _INTERRUPTED))
        )
        signal.setitimer(signal.ITIMER_REAL, 2)
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None, *, engine: Engine | None = None) -> int:
    """Run a command; returns the exit code. ``engine`` replaces the model, for tests.

    0 it worked, 1 it did not (one line on standard error says why), 2 an option is wrong,
    130 interrupted.
    """
    open_closed_streams()
    args = parse(sys.argv[1:] if argv is None else argv)
    try:
        return _run(args, engine)
    except OptionError as error:
        return _print_error(error, 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except (GotLoadersError, OSError) as error:
        return _print_error(error, 1)
    except KeyboardInterrupt:
        return _print_error("interrupted", _INTERRUPTED)


def _run(args: argparse.Namespace, engine: Engine | None) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a narrow encoding loses no page
    match args.command:
        case "read":
            code = read(args, engine)
        case "cache":
            code = _cache(args)
        case "mcp":
            code = serve(args, engine)
        case _:
            code = _doctor(args)
    sys.stdout.flush()
    return code


def _cache(args: argparse.Namespace) -> int:
    from got_loaders.cli.cache import clear, show
    from got_loaders.options import ReadOptions

    cache = ReadOptions(cache=True if args.cache_dir is None else args.cache_dir).cache
    return clear(cache) if args.action == "clear" else show(cache)


def _doctor(args: argparse.Namespace) -> int:
    from got_loaders.cli.doctor import examine

    usable = True
    for finding in examine(engine_config(args)):
        print(f"{finding.state:>7}  {finding.what}: {finding.text}", flush=True)
        usable = usable and finding.state != "problem"
    print("ready to read" if usable else "not ready: see the lines marked problem")
    return 0 if usable else 1


def _print_error(error: object, code: int) -> int:
    print("got-loaders:", printable(" ".join(str(error).split())), file=sys.stderr)
    return code
