"""The command line: ``got-loaders`` ``read``, ``report``, ``render``, ``cache``, ``mcp``,
``serve``, ``doctor``, ``sample`` and ``completion``.

The only part that prints. It needs no framework: it reads through the pipeline and writes the
records that Documents are made of. Pages are counted from 1 here, as people do.
"""
# PYTHON_ARGCOMPLETE_OK: for those who have argcomplete complete every program.

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from got_loaders.cli.args import parse, parser, prints_results
from got_loaders.cli.completion import complete, print_script
from got_loaders.cli.engine_flags import chosen_engine
from got_loaders.cli.mcp import serve_mcp
from got_loaders.cli.messages import in_flags
from got_loaders.cli.read import read
from got_loaders.cli.render import render_file
from got_loaders.cli.report import report
from got_loaders.cli.sample import write_sample
from got_loaders.cli.serve import serve_http
from got_loaders.cli.streams import escape_unknown_letters, open_closed_streams
from got_loaders.errors import GotLoadersError, OptionError, printable

if TYPE_CHECKING:
    from got_loaders.types import Engine

__all__ = ["console_main", "main", "parser"]

_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
_BROKEN_PIPE = 141  # 128 + SIGPIPE, as a shell reports other tools that nobody reads
_ENDING = ("SIGTERM", "SIGHUP")


class _EndedError(BaseException):
    """The process is told to end; ``code`` is what a shell reports then."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def console_main(argv: Sequence[str] | None = None, *, engine: Engine | None = None) -> NoReturn:
    """Run a command, and end the process with its exit code.

    After Ctrl-C, SIGTERM or SIGHUP nothing is waited for, not even the end of the engine's step,
    but downloads are removed. The processes that render pages end by themselves, when this one's
    end of their pipes is gone.
    """
    complete(parser())
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not told to ignore it
        signal.signal(signal.SIGINT, _interrupt)
    endings = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    for number in endings:
        if signal.getsignal(number) is signal.SIG_DFL:  # as nohup does
            signal.signal(number, _end)
    try:
        code = main(argv, engine=engine)
    except _EndedError as ended:
        code = ended.code
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while Python ends: no traceback any more
    if code == _INTERRUPTED or code - 128 in endings:
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """Raise KeyboardInterrupt; end the process two seconds later, should that get lost."""
    _end_soon(lambda *_: os._exit(_print_error("interrupted", _INTERRUPTED)))
    raise KeyboardInterrupt


def _end(number: int, _frame: object) -> NoReturn:
    """The same for a signal that says to end; only the first one is heard."""
    signal.signal(number, signal.SIG_IGN)
    _end_soon(lambda *_: os._exit(128 + number))
    raise _EndedError(number)


def _end_soon(end: Callable[[int, object], object]) -> None:
    """Python drops what is raised while a destructor or a callback of the collector runs."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, 2)


def main(argv: Sequence[str] | None = None, *, engine: Engine | None = None) -> int:
    """Run a command; returns the exit code. ``engine`` replaces the model, for tests.

    0 it worked, 1 it did not (one line on standard error says why), 2 an option is wrong,
    130 interrupted.
    """
    closed = open_closed_streams()
    args = parse(sys.argv[1:] if argv is None else argv)
    if "stdout" in closed and prints_results(args):
        return _print_error("standard output is closed: nothing could be written there", 1)
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
    with escape_unknown_letters():
        match args.command:
            case "read":
                code = read(args, engine)
            case "report":
                code = report(args, engine)
            case "render":
                code = render_file(args)
            case "cache":
                code = _cache(args)
            case "mcp":
                code = serve_mcp(args, engine)
            case "serve":
                code = serve_http(args, engine)
            case "sample":
                code = write_sample(args.folder)
            case "completion":
                code = print_script(args.shell)
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
    for finding in examine(chosen_engine(args)):
        print(f"{finding.state:>7}  {finding.what}: {finding.text}", flush=True)
        usable = usable and finding.state != "problem"
    print("ready to read" if usable else "not ready: see the lines marked problem")
    return 0 if usable else 1


def _print_error(error: object, code: int) -> int:
    text = " ".join(str(error).split())
    if isinstance(error, GotLoadersError):
        text = in_flags(text, getattr(error, "source", None))
    print("got-loaders:", printable(text), file=sys.stderr)
    return code
