"""Lists the files in a folder, in natural order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from got_loaders.errors import OptionError, shown
from got_loaders.sources.sanitize import error_text

__all__ = ["FOLDER_SUFFIXES", "files_in"]

FOLDER_SUFFIXES = frozenset({
    ".apng", ".avif", ".bmp", ".dib", ".gif", ".ico", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc",
    ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pcx", ".pdf", ".pgm", ".png",
    ".pnm", ".ppm", ".psd", ".qoi", ".sgi", ".tif", ".tiff", ".webp",
})  # fmt: skip
"""What is read from a folder without a ``glob``; what a file *is* is told from its content."""


def files_in(folder: Path, glob: str | None, errors: list[OSError]) -> list[Path]:
    """PDFs and images in and below ``folder``, or what matches ``glob``, relative to it.

    Hidden files are left out. ``errors`` gets what folders can't be listed.
    """
    files = _walk(folder, errors) if glob is None else _match(folder, glob)
    return sorted(files, key=_natural)


def _walk(folder: Path, errors: list[OSError]) -> Iterator[Path]:
    """PDFs and images in and below ``folder``; links to folders are not followed (loops)."""
    for root, folders, files in os.walk(folder, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(root, name)
            if path.suffix.lower() in FOLDER_SUFFIXES and not name.startswith("."):
                yield path.relative_to(folder)


def _match(folder: Path, glob: str) -> Iterator[Path]:
    try:
        matches = list(folder.glob(glob))
    except (ValueError, NotImplementedError, IndexError) as error:
        raise OptionError(f"glob={shown(glob)}: {error_text(error, glob)}") from error
    for path in matches:
        part = path.relative_to(folder)
        if path.is_file() and not any(name.startswith(".") for name in part.parts):
            yield part


def _natural(path: Path) -> tuple[list[list[str | int]], str]:
    """Sorts page2 before page10, and folder by folder."""
    parts: list[list[str | int]] = [
        [int(run) if run.isdecimal() else run for run in re.split(r"(\d+)", part.casefold())]
        for part in path.parts
    ]
    return parts, str(path)
