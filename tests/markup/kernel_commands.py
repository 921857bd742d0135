r"""The names of all commands of the LaTeX kernel, and of the engines below it.

``kernel_commands.txt`` has those of a kernel of 2023, for machines without TeX; where there is one,
it is asked. ``python -m tests.markup.kernel_commands`` writes the file anew.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

__all__ = ["kernel_commands"]

_FILE = Path(__file__).with_suffix(".txt")
_SOURCES = ("latex.ltx", "expl3-code.tex")
"""The kernel, and its programming layer, which names every primitive of every engine."""

_NAME = re.compile(r"\\([A-Za-z@_:]{2,})")


def kernel_commands() -> list[str]:
    """The names of letters alone, sorted; those with ``@``, ``_`` or ``:`` as well."""
    return sorted({*_FILE.read_text(encoding="utf-8").split(), *_installed()})


def _installed() -> set[str]:
    kpsewhich = shutil.which("kpsewhich")
    if kpsewhich is None:
        return set()
    found = subprocess.run([kpsewhich, *_SOURCES], capture_output=True, text=True, check=False)
    paths = map(Path, found.stdout.split())
    return {n for path in paths for n in _NAME.findall(path.read_text("utf-8", "replace"))}


if __name__ == "__main__":
    names = sorted(name for name in _installed() if name.isalpha() or name[:2] == "@@")
    _FILE.write_text("\n".join(names) + "\n", encoding="utf-8")
