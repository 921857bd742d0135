"""The TeX engines of this machine: which one works, and how it is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from got_loaders.markup import to_latex

__all__ = ["NAMES", "compile_document", "installed"]

NAMES = ("tectonic", "xelatex", "lualatex", "pdflatex")


@cache
def installed(*names: str) -> str | None:
    """The first engine of ``names`` (any) that compiles the emptiest document: with its fonts."""
    for name in filter(shutil.which, names or NAMES):
        with tempfile.TemporaryDirectory() as folder:
            done = compile_document(name, to_latex("x", document=True), Path(folder))
        if done.returncode == 0:
            return name
    return None


def compile_document(
    engine: str, document: str, folder: Path, *options: str
) -> subprocess.CompletedProcess[bytes]:
    """Compile ``document`` to ``page.pdf`` in ``folder``; the first error ends it."""
    (folder / "page.tex").write_text(document, encoding="utf-8")
    halting = [] if engine == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    return subprocess.run(
        [engine, *halting, *options, "page.tex"],
        cwd=folder,
        env={**os.environ, "max_print_line": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
