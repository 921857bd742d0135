"""Runs a TeX engine over a document that nobody trusts, in a folder of its own, within limits.

The engine may open what belongs to TeX and that folder, and write into that folder; it has no
shell, no network, no user's settings, and a bounded time, memory and disk. It ends with this
process. Where Landlock is missing, TeX's own rules (``openin_any``, ``openout_any``) stand alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from got_loaders.rendering import confine
from got_loaders.rendering.tex.engines import TexEngine
from got_loaders.rendering.tex.log import log_reason, wants_rerun

__all__ = ["LIMIT_S", "TexError", "compile_tex"]

LIMIT_S = 10.0
"""What a document may take, all runs together; one of ten pages takes some 2 s."""

_MEMORY = 2_000_000_000
_FILE_BYTES = 20_000_000
_FOLDER_BYTES = 60_000_000
_FOLDER_FILES = 500
_LOOK_S = 0.1
"""How often is looked at what the engine has written."""
_MAX_LOG = 1_000_000
_MAX_RUNS = 3
_TOO_LONG = "TeX took too long over it and was ended; it may be a loop"
_TOO_MUCH = "TeX writes too much of it"


class TexError(Exception):
    """No PDF came of a document; the text says why, in one line."""


def compile_tex(document: str, engine: TexEngine) -> bytes:
    """The PDF of a document; :class:`TexError` where there is none.

    It is run again where it says so, for its references. Nothing of it stays on disk.
    """
    if os.name != "posix":
        raise TexError("TeX engines are not run on this system: it can't limit them")
    try:
        return _compile(document, engine)
    except OSError as error:  # no room, no folder for temporary files, no more processes
        said = os.strerror(error.errno) if error.errno else "no reason told"
        raise TexError(f"{engine.name} could not be run: {said}") from error


def _compile(document: str, engine: TexEngine) -> bytes:
    deadline = time.monotonic() + LIMIT_S
    with tempfile.TemporaryDirectory(prefix="got-loaders-tex-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "cache").mkdir()
        (folder / "page.tex").write_text(document, encoding="utf-8", errors="replace")
        for _ in range(_MAX_RUNS):
            status = _run(engine, folder, deadline)
            log = _read(folder / "page.log", _MAX_LOG).decode("utf-8", "replace")
            if status != 0:
                raise TexError(_reason(engine, status, log))
            if not wants_rerun(log):
                break
        pdf = _read(folder / "page.pdf", _FILE_BYTES)
    if not pdf.startswith(b"%PDF-"):
        raise TexError("the document has no page")
    return pdf


def _reason(engine: TexEngine, status: int, log: str) -> str:
    match -status:
        case signal.SIGXCPU | signal.SIGKILL:
            return _TOO_LONG
        case signal.SIGXFSZ:
            return _TOO_MUCH
    return log_reason(log) or f"{engine.name} ended with status {status}"


def _run(engine: TexEngine, folder: Path, deadline: float) -> int:
    """The engine's exit status."""
    what = {
        "parent": os.getpid(),
        "limits": {"CPU": int(LIMIT_S) + 1, "DATA": _MEMORY, "FSIZE": _FILE_BYTES, "NOFILE": 256},
        "readable": engine.folders,
        "writable": [str(folder)],
    }
    program = [sys.executable, "-I", "-S", str(Path(confine.__file__).resolve()), json.dumps(what)]
    process = subprocess.Popen(  # noqa: S603  # an engine that was looked up, in a folder of ours
        [*program, *engine.command("page.tex")],
        cwd=folder,
        env=_environment(engine, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return _watch(process, folder, deadline)
    finally:
        with suppress(ProcessLookupError, PermissionError):  # what it started, too
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _watch(process: subprocess.Popen[bytes], folder: Path, deadline: float) -> int:
    while True:
        left = deadline - time.monotonic()
        try:
            return process.wait(timeout=max(0.0, min(_LOOK_S, left)))
        except subprocess.TimeoutExpired:
            if left <= 0:
                raise TexError(_TOO_LONG) from None
        if _is_too_much(folder):
            raise TexError(_TOO_MUCH)


def _is_too_much(folder: Path) -> bool:
    files = size = 0
    with suppress(OSError):  # files come and go
        for file in folder.rglob("*"):
            files += 1
            size += file.lstat().st_size
    return files > _FOLDER_FILES or size > _FOLDER_BYTES


def _read(path: Path, limit: int) -> bytes:
    """A file that the engine wrote; empty where there is none, or it is no plain file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit)


def _environment(engine: TexEngine, folder: Path) -> dict[str, str]:
    """Nothing of the user's: no settings, fonts, caches or keys."""
    cache = str(folder / "cache")
    homes = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    trees = ("TEXMFHOME", "TEXMFVAR", "TEXMFCONFIG", "TEXMFCACHE")
    return {
        **dict.fromkeys((*homes, *trees), cache),
        "PATH": os.pathsep.join((str(Path(engine.path).parent), "/usr/bin", "/bin")),
        "openin_any": "p",
        "openout_any": "p",
        "shell_escape": "f",
        "max_print_line": "1000",
        "error_line": "254",
        "half_error_line": "238",
        "SOURCE_DATE_EPOCH": "0",
        "LC_ALL": "C.UTF-8",
    }
