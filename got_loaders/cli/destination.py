"""Where the texts of ``got-loaders read`` go: checked before hours of reading."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from got_loaders.errors import OptionError
from got_loaders.options.literals import Output
from got_loaders.sources import Source

if TYPE_CHECKING:
    from got_loaders.cli.inputs import Inputs

__all__ = [
    "SUFFIXES",
    "Destination",
    "check",
    "check_folder",
    "check_form",
    "destination",
    "output_of_suffix",
]

SUFFIXES: dict[Output, str] = {
    "markdown": ".md",
    "latex": ".tex",
    "html": ".html",
    "text": ".txt",
    "raw": ".txt",
}
"""What the files of a folder are called, by what is in them."""

_OUTPUTS: dict[str, Output] = {
    **{suffix: output for output, suffix in SUFFIXES.items() if output != "raw"},
    ".markdown": "markdown",
    ".htm": "html",
    ".latex": "latex",
}


@dataclass(frozen=True, slots=True)
class Destination:
    """Standard output, a file for all texts, a folder for a file an input, or JSON lines.

    ``path`` is ``-`` for standard output.
    """

    kind: Literal["texts", "folder", "jsonl"] = "texts"
    path: str = "-"

    @property
    def is_stdout(self) -> bool:
        """Whether it is standard output."""
        return self.path == "-"


def destination(args: argparse.Namespace) -> Destination:
    """What ``-o`` and ``--jsonl`` say; raises :class:`OptionError`."""
    jsonl, path = getattr(args, "jsonl", None), getattr(args, "output_file", None)
    if jsonl is not None and path is not None:
        raise OptionError(f"--jsonl {jsonl} and -o {path} exclude each other: both say where to")
    if jsonl is not None:
        found = Destination("jsonl", jsonl)
    elif path in (None, "-", "/dev/stdout"):
        found = Destination()
    elif path.endswith(("/", os.sep)) or Path(path).is_dir():
        found = Destination("folder", path)
    else:
        found = Destination("jsonl" if path.lower().endswith(".jsonl") else "texts", path)
    if hasattr(args, "resume") and (found.kind != "jsonl" or found.is_stdout):
        raise OptionError("--resume needs --jsonl FILE, the file to go on with")
    return found


def check_form(args: argparse.Namespace) -> None:
    """Raise :class:`OptionError` where ``--output`` names a file, as it does in other programs."""
    form: str = getattr(args, "output", "")
    if form not in get_args(Output) and (os.sep in form or Path(form).suffix):
        raise OptionError(
            f"--output {form}: it names the form, one of {', '.join(get_args(Output))}; the file "
            f"is named by -o {form}"
        )


def output_of_suffix(found: Destination) -> Output | None:
    """The form that a file's name stands for, where it stands for one: ``.html`` for HTML."""
    if found.kind != "texts":
        return None
    return _OUTPUTS.get(Path(found.path).suffix.lower())


def check(found: Destination, flag: str, inputs: Inputs, corrections: object = None) -> None:
    """Raise :class:`OptionError` where nothing could be written there, or over what is read.

    ``corrections`` may name the file of these.
    """
    path = found.path
    if found.is_stdout:
        return
    if not path:
        raise OptionError(f"{flag}: the name is empty")
    if found.kind == "folder":
        check_folder(path, flag)
        return
    if Path(path).is_dir():
        raise OptionError(f"{flag} {path}: it is a folder; name a file in it")
    if (
        inputs.are_several
        and found.kind == "texts"
        and not (Path(path).suffix or os.path.lexists(path))
    ):
        raise OptionError(
            f"{flag} {path}: a folder for a file of each input is written {path}/, and one file "
            f"for all has a suffix, as in {path}.md"
        )
    parent = Path(path).parent
    if not parent.is_dir():
        raise OptionError(f"{flag} {path}: there is no folder {parent}")
    _check_writable(path, flag)
    for source in inputs.sources:
        if isinstance(source, Source) and source.path is not None and _same(source.path, path):
            raise OptionError(f"{flag} {path}: it is one of the files to read")
    if isinstance(corrections, str) and _same(Path(corrections), path):
        raise OptionError(f"{flag} {path}: it holds the corrections; name another file")


def check_folder(path: str, flag: str) -> None:
    """Raise :class:`OptionError` unless the folder is there, or can be made, and written to."""
    there = Path(os.path.abspath(path))  # noqa: PTH100  # keeps links
    while not os.path.lexists(there):
        there = there.parent
    if not there.is_dir():
        raise OptionError(f"{flag} {path}: {there} is a file, not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OptionError(f"{flag} {path}: no permission to write into {there}")


def _check_writable(path: str, flag: str) -> None:
    place = path if os.path.lexists(path) else Path(path).parent
    if not os.access(place, os.W_OK):
        raise OptionError(f"{flag} {path}: no permission to write there")


def _same(one: Path, other: str) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False
