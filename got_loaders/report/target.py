"""Where a report goes: checked before anything is read, and put in place all at once."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from got_loaders.errors import OptionError
from got_loaders.report.page import is_report
from got_loaders.report.picture_files import PICTURE_NAME, PICTURES

__all__ = [
    "INDEX",
    "check_no_input",
    "check_target",
    "naming",
    "new_folder",
    "open_new",
    "part_name",
]

INDEX = "index.html"
_PAGES = re.compile(rf"{re.escape(INDEX)}|pages-\d+\.html")
_HTML = (".html", ".htm")
_HEAD = 4096
"""Bytes of a file in which it says that it is a report."""


def part_name(number: int) -> str:
    """What part ``number`` of a report that is split is called, from 0."""
    return f"pages-{number + 1}.html"


def check_target(path: Path, *, split: bool, name: str = "") -> Path:
    """Where to write; :class:`OptionError` where nothing could be written there.

    A link to a file stays one: what it leads to is replaced. ``name`` is what messages call it.
    """
    name = name or f"path={str(path)!r}"
    if not path.name:
        raise OptionError(f"{name}: name the report's {'folder' if split else 'file'}")
    parent = path.parent
    if not parent.is_dir():
        raise OptionError(f"{name}: there is no folder {parent}")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OptionError(f"{name}: no permission to write into {parent}")
    if split:
        _check_folder(path, name)
        return path
    if path.is_dir():
        raise OptionError(f"{name}: it is a folder; name a file in it")
    with suppress(OSError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise OptionError(f"{name}: it is there already, and is no file")
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def check_no_input(path: Path, source: str | os.PathLike[str], *, name: str = "") -> None:
    """Raise :class:`OptionError` where a report would take the place of what it is made from."""
    try:
        is_same = path.samefile(source)
    except (OSError, ValueError):  # neither of them need be a file
        return
    if is_same:
        raise OptionError(f"{name or f'path={str(path)!r}'}: it is one of the files to read")


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of the system say what could not be written, as where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


@contextmanager
def open_new(path: Path) -> Iterator[BinaryIO]:
    """A file that gets the name ``path`` when the block ends well, and is gone if it does not."""
    part = _part(path)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as out:
            yield out
        with suppress(OSError):
            shutil.copymode(path, part)  # where there is one
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that takes the place of ``path`` when the block ends well; else it is gone."""
    part, old = _part(path), _part(path)
    part.mkdir()
    try:
        yield part
        _check_folder(path, f"path={str(path)!r}")  # somebody may have put something in meanwhile
        if path.exists():
            path.rename(old)
        try:
            part.rename(path)
        except OSError:
            _if_there(old, lambda: old.rename(path))
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check_folder(path: Path, name: str) -> None:
    """Raise unless it is not there, empty, or holds nothing but a report."""
    if path.suffix.lower() in _HTML and not path.is_dir():
        raise OptionError(
            f"{name}: a report that is split is a folder: name one without {path.suffix}"
        )
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_dir():
        raise OptionError(f"{name}: it is there already, and is no folder")
    other = min(_strangers(path), default=None)
    if other is not None:
        raise OptionError(
            f"{name}: the folder is there already, and {other!r} in it is none of a "
            "report's files: name another"
        )


def _strangers(folder: Path) -> Iterator[str]:
    """The names of what is in it and was not written as part of a report."""
    for path in folder.iterdir():
        if path.name == PICTURES and path.is_dir() and not path.is_symlink():
            names = (each.name for each in path.iterdir() if not _is_picture(each))
            yield from (f"{PICTURES}/{name}" for name in names)
        elif not (_PAGES.fullmatch(path.name) and _is_report(path)):
            yield path.name


def _is_picture(path: Path) -> bool:
    return PICTURE_NAME.fullmatch(path.name) is not None and path.is_file()


def _is_report(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return is_report(file.read(_HEAD))


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")


def _if_there(path: Path, do: Callable[[], object]) -> None:
    if os.path.lexists(path):
        do()
