"""Which TeX engines this machine has, how they are called, and what they must read."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TexEngine", "find_engine"]

_SYSTEM = (
    *("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share"),
    *("/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/nix/store", "/gnu/store"),
    *("/etc/texmf", "/etc/fonts", "/var/lib/texmf", "/var/cache/fontconfig"),
    *("/dev/null", "/dev/urandom"),
)
"""Where distributions keep programs, libraries, TeX and fonts: nothing of any user's."""


@dataclass(frozen=True, slots=True)
class TexEngine:
    """A program that makes PDF of LaTeX, and the folders that it reads."""

    name: str
    path: str
    folders: tuple[str, ...]

    def command(self, file: str) -> list[str]:
        """The words that compile a file of the current folder; the first error ends it."""
        own = ("--nosocket",) if self.name == "lualatex" else ()
        return [
            *(self.path, *own, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error"),
            *("-file-line-error", "-no-mktex=tfm", "-no-mktex=pk", file),
        ]


def find_engine(name: str) -> TexEngine | None:
    """The engine of this name, if it is installed."""
    path = shutil.which(name)
    if path is None:
        return None
    # links are kept: TeX is what it is called
    return TexEngine(name, os.path.abspath(path), _folders(Path(path).resolve()))  # noqa: PTH100


def _folders(program: Path) -> tuple[str, ...]:
    """What an engine reads: the system's folders, and those of TeX where it lies apart.

    ``/usr/local/texlive/2026/bin/x86_64-linux/pdftex`` belongs to ``/usr/local/texlive/2026``, and
    beside that lies ``texmf-local``. To ``env/bin/pdftex`` belong ``env/lib`` and ``env/share``.
    """
    above = program.parents
    if len(above) > 3 and above[1].name == "bin":
        return (*_SYSTEM, str(above[2]), str(above[3] / "texmf-local"))
    if len(above) > 2 and above[0].name == "bin":
        return (*_SYSTEM, *(str(above[1] / name) for name in ("bin", "lib", "libexec", "share")))
    return (*_SYSTEM, str(above[0]))
