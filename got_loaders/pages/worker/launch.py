"""How the worker process is started: which Python, which copy of the package, which import path.

Its command line carries the package's place and the import path only; documents and passwords
come by pipe. Of the environment it gets what a Python needs to start, and no secrets.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PAGES_MAIN", "start_advice", "start_worker", "worker_environment"]

PAGES_MAIN = "got_loaders.pages.worker.main"
"""What the process runs that opens documents."""

_BOOT = """\
import importlib.util, sys
place, name, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.path += [path for path in paths if path not in sys.path]
spec = importlib.util.spec_from_file_location(
    "got_loaders", place + "/__init__.py", submodule_search_locations=[place])
package = sys.modules["got_loaders"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
importlib.import_module(name).main()
"""
"""Loads *this* copy of the package, installed or not, with nothing of the current folder on the
import path (``-P``); the caller's own import path comes last, so that it shadows nothing."""


_KEPT = frozenset({
    *("PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TEMP", "TMP", "TZ"),
    *("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX", "PYTHONUSERBASE"),
    *("PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "PYTHONCOERCECLOCALE"),
    *("PYTHONIOENCODING", "PYTHONMALLOC", "PYTHONWARNINGS", "PYTHONHASHSEED"),
    *("VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__"),
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    *("LOCPATH", "LOCALE_ARCHIVE", "MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_"),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS"),
    *("PROCESSOR_ARCHITECTURE", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"),
})  # fmt: skip
"""Names of variables that decide where Python, its libraries and temporary files are found, in
which language file names are, and how many threads and how much memory libraries take."""


def start_worker(name: str = PAGES_MAIN) -> subprocess.Popen[bytes]:
    """Start a process that runs ``main`` of the module ``name`` of this package.

    ``OSError`` where that is not possible.
    """
    if not sys.executable:
        raise OSError("sys.executable is not set")
    place = Path(__file__).resolve().parents[2]
    flags = [name for name, on in _interpreter_flags() if on]
    flags += ["-X", f"utf8={sys.flags.utf8_mode}"]  # the encoding of file names
    with _standard_descriptors_taken():
        return subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
            [sys.executable, "-P", *flags, "-c", _BOOT, str(place), name, *_import_path()],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if _has_standard_error() else subprocess.DEVNULL,
            env=worker_environment(os.environ),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )


def worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What the worker gets of ``environment``; and the word that keeps ONNX Runtime to itself."""
    kept = {
        name: value
        for name, value in environment.items()
        if name.upper() in _KEPT or name.startswith("LC_")
    }
    return kept | {"ORT_DISABLE_TELEMETRY": "1"}


def start_advice() -> str:
    """What to do where it does not start."""
    return (
        f"the process that decodes pages did not start; check that {sys.executable or 'python'!r} "
        "is a Python that can import PIL and pymupdf"
    )


def _import_path() -> list[str]:
    """The caller's import path without the current folder, where any file might shadow ours."""
    try:
        here = os.getcwd()  # noqa: PTH109  # a text, as on sys.path
    except FileNotFoundError:
        here = ""
    return [path for path in sys.path if os.path.isabs(path) and path != here]  # noqa: PTH117


def _interpreter_flags() -> list[tuple[str, bool]]:
    """The caller's own switches that decide what can be imported."""
    return [
        ("-E", bool(sys.flags.ignore_environment)),
        ("-s", bool(sys.flags.no_user_site)),
        ("-S", bool(sys.flags.no_site)),
    ]


def _has_standard_error() -> bool:
    """Whether descriptor 2 is what the process was started with.

    Where that was closed the number may be another file's by now, which is nobody's terminal.
    """
    try:
        return sys.__stderr__ is not None and os.get_inheritable(2)
    except OSError:
        return False


@contextmanager
def _standard_descriptors_taken() -> Iterator[None]:
    """Let descriptors that are opened in the block have numbers from 3 on.

    Where a standard stream is closed a pipe would get its number, and what a library prints would
    be taken for a message.
    """
    taken = [os.open(os.devnull, os.O_RDWR)]
    try:
        while taken[-1] < 3:
            taken.append(os.open(os.devnull, os.O_RDWR))
        yield
    finally:
        for number in taken:
            os.close(number)
