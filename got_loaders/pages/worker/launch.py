"""How the worker process is started: which Python, which copy of the package, which import path.

Its command line carries the package's place and the import path only; documents and passwords
come by pipe.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_BOOT = """\
import importlib.util, sys
place, paths = sys.argv[1], sys.argv[2:]
sys.path += [path for path in paths if path not in sys.path]
spec = importlib.util.spec_from_file_location(
    "got_loaders", place + "/__init__.py", submodule_search_locations=[place])
package = sys.modules["got_loaders"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from got_loaders.pages.worker.main import main
main()
"""
"""Loads *this* copy of the package, installed or not, with nothing of the current folder on the
import path (``-P``); the caller's own import path comes last, so that it shadows nothing."""


def start_worker() -> subprocess.Popen[bytes]:
    """Start the process; ``OSError`` where that is not possible."""
    if not sys.executable:
        raise OSError("sys.executable is not set")
    place = Path(__file__).resolve().parents[2]
    flags = [name for name, on in _interpreter_flags() if on]
    return subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-P", *flags, "-c", _BOOT, str(place), *_import_path()],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


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
