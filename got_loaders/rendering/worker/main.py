"""The process that draws with one library. Requests come on standard input, pictures go back.

The library is loaded and tried at the first request; from then on the process can open no file but
those of Python and of the library, write none, connect to nothing, and grow no further than the
limits. It ends when its input closes.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sysconfig
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from got_loaders.pages import protocol
from got_loaders.pages.worker.pipes import take_pipes
from got_loaders.rendering.confine import confine_files, leave_network, limit_resources
from got_loaders.rendering.worker.values import MAX_BYTES, DrawingError, Drawn

__all__ = ["main"]

_MEMORY = 1_500_000_000
"""Bytes of data; the libraries take 30 to 100 million."""
_ORPHAN_LIMIT_S = 5.0
"""A request runs no longer than this beyond its time, even if nobody is left to end the process."""

Draw = Callable[..., Drawn]


def main() -> None:
    """Answer requests until standard input closes."""
    requests, answers = take_pipes()
    leave_network()
    warnings.simplefilter("ignore")
    logging.disable()
    with suppress(ValueError):  # not in a main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the library's to handle
    with suppress(BrokenPipeError, EOFError):
        answers.write(protocol.READY)
        _serve(requests, answers)


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    draw: Draw | None = None
    with Path(os.devnull).open("w") as quiet:
        while True:
            header, payload = protocol.receive(requests)
            limit_s = header["seconds"] + _ORPHAN_LIMIT_S
            faulthandler.dump_traceback_later(limit_s, exit=True, file=quiet)
            answer: dict[str, Any] = {}
            pictures = b""
            try:
                draw = draw or _prepare(header["library"])
                pictures = _bounded(draw(bytes(payload), **header["options"]).to_bytes())
            except MemoryError:
                answer, pictures = {"failure": "drawing it takes too much memory"}, b""
            except Exception as error:  # noqa: BLE001  # a library may raise anything
                answer, pictures = {"failure": _reason(error, header["library"])}, b""
            faulthandler.cancel_dump_traceback_later()
            protocol.send(answers, answer, pictures)


def _bounded(pictures: bytes) -> bytes:
    if len(pictures) > MAX_BYTES:
        raise DrawingError("the picture is too large")
    return pictures


def _reason(error: Exception, library: str) -> str:
    if isinstance(error, DrawingError):
        return str(error)
    name = type(error).__name__
    if isinstance(error, ImportError | OSError):  # whose text names files of this machine
        return f"{library} is installed, but can't be used: {name}"
    return f"{name}: {error}"


def _prepare(library: str) -> Draw:
    """The function that draws, in a process that can do nothing else any more."""
    draw: Draw
    match library:
        case "verovio":
            from got_loaders.rendering.worker import scores

            draw, folder = scores.draw, scores.files()
        case "rdkit":
            from got_loaders.rendering.worker import molecules

            draw, folder = molecules.draw, molecules.files()
        case _:
            from got_loaders.rendering.worker import pdf_pages

            draw, folder = pdf_pages.draw, pdf_pages.files()
    limit_resources({"DATA": _MEMORY, "FSIZE": 0})
    confine_files([sysconfig.get_path("stdlib"), folder, os.devnull])
    return draw
