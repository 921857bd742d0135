"""The standard streams: such as are closed, and such as can't write every letter."""

from __future__ import annotations

import codecs
import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from got_loaders.cli.messages import in_flags
from got_loaders.errors import printable

__all__ = ["escape_unknown_letters", "log_to", "log_to_stderr", "open_closed_streams"]

_ESCAPE = "got_loaders.escape"


def open_closed_streams() -> frozenset[str]:
    """Open on nothing what a caller closed (``2>&-``, a daemon), and name it.

    Else the next file that is opened gets its number, and what is printed goes there.
    """
    closed = set()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            os.set_inheritable(number, True)
            closed.add(name)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # it stays
            closed.add(name)
    return frozenset(closed)


@contextmanager
def escape_unknown_letters() -> Iterator[None]:
    """Within, standard output writes letters that its encoding lacks as ``\\u2264``.

    No page is lost to a narrow encoding; that this was done is said once, at the end.
    """
    escaped = False

    def escape(error: UnicodeError) -> tuple[str | bytes, int]:
        nonlocal escaped
        escaped = True
        return codecs.backslashreplace_errors(error)

    out = sys.stdout
    codecs.register_error(_ESCAPE, escape)
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors=_ESCAPE)
    try:
        yield
    finally:
        if escaped:
            print(
                f"got-loaders: standard output is in {out.encoding}, which lacks some letters: "
                "they stand there as \\u2264 and the like; set PYTHONUTF8=1, or use --jsonl FILE",
                file=sys.stderr,
            )


def log_to_stderr() -> AbstractContextManager[None]:
    """Within, the library's warnings are printed as the command's own lines are."""
    return log_to(logging.getLogger("got_loaders"), _Lines(logging.WARNING))


@contextmanager
def log_to(logger: logging.Logger, handler: logging.Handler) -> Iterator[None]:
    """Within, ``handler`` gets what is logged there."""
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Lines(logging.Handler):
    """Prints a line for each record, and the traceback of one that has it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print it; what goes wrong meanwhile is not worth the read."""
        from got_loaders.pipeline.bar import without_bar

        try:
            text = f"got-loaders: {printable(in_flags(record.getMessage()))}"
            if record.exc_info:
                text += f"\n{logging.Formatter().formatException(record.exc_info)}"
            with without_bar(sys.stderr):
                print(text, file=sys.stderr)
        except (OSError, ValueError):
            pass
