"""Lists the files in a folder, in natural order."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from got_loaders.errors import OptionError, printable, shown
from got_loaders.sources.sanitize import display_path, error_text

__all__ = ["FOLDER_SUFFIXES", "files_in", "natural_key"]

_log = logging.getLogger(__name__)

FOLDER_SUFFIXES = frozenset({
    ".apng", ".avif", ".bmp", ".dib", ".gif", ".ico", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc",
    ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pcx", ".pdf", ".pgm", ".png",
    ".pnm", ".ppm", ".psd", ".qoi", ".sgi", ".tif", ".tiff", ".webp",
})  # fmt: skip
"""What is read from a folder without a ``glob``; what a file *is* is told from its content."""

_PDF_HEAD = 1024
"""Bytes in which a PDF says what it is."""


def files_in(folder: Path, glob: str | None, errors: list[OSError]) -> list[Path]:
    """PDFs and images in and below ``folder``, or what matches ``glob``, relative to it.

    Hidden files are left out. ``errors`` gets what folders can't be listed.
    """
    files = _walk(folder, errors) if glob is None else _match(folder, glob)
    return sorted(files, key=natural_key)


def _walk(folder: Path, errors: list[OSError]) -> Iterator[Path]:
    """PDFs and images in and below ``folder``; links to folders are not followed (loops)."""
    for root, folders, files in os.walk(folder, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(root, name)
            if path.suffix.lower() in FOLDER_SUFFIXES and not name.startswith("."):
                yield path.relative_to(folder)
            elif not path.suffix and not name.startswith(".") and _begins_as_pdf(path):
                _log.warning(
                    "%s: it begins as a PDF, but is passed over, for its name has no suffix: name "
                    "it, or pass glob=",
                    printable(display_path(str(path.relative_to(folder)))),
                )


def _begins_as_pdf(path: Path) -> bool:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            return b"%PDF-" in file.read(_PDF_HEAD)
    except OSError:
        return False


def _match(folder: Path, glob: str) -> Iterator[Path]:
    try:
        matches = list(folder.glob(glob))
    except (ValueError, NotImplementedError, IndexError) as error:
        raise OptionError(f"glob={shown(glob)}: {error_text(error, glob)}") from error
    for path in matches:
        part = path.relative_to(folder)
        if path.is_file() and not any(name.startswith(".") for name in part.parts):
            yield part


def natural_key(path: Path) -> tuple[list[list[str | int]], str]:
    """Sorts page2 before page10, and folder by folder."""
    parts: list[list[str | int]] = [
        [int(run) if run.isdecimal() else run for run in re.split(r"(\d+)", part.casefold())]
        for part in path.parts
    ]
    return parts, str(path)
