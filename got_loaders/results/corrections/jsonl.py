"""Corrections in a file: a JSON object a line, as a report exports them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from functools import partial
from os import PathLike
from pathlib import Path

from got_loaders.errors import OptionError, shown
from got_loaders.results.corrections.lookup import Corrections
from got_loaders.types import Correction

__all__ = ["load_corrections", "save_corrections"]

_MAX_LINE = 16_000_000
"""Bytes of a line: no page has as many, and what has is no such file."""

_BOM = b"\xef\xbb\xbf"


def load_corrections(path: str | PathLike[str]) -> Corrections:
    """The corrections that a file holds; :class:`OptionError` names the line and the field.

    Of several for the same reading the last counts. Empty lines are passed over, and so is what
    a line holds beside.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # as text
            lines = iter(partial(file.readline, _MAX_LINE + 1), b"")
            return Corrections(_parsed(name, lines))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OptionError(f"corrections={shown(name)}: can't be read: {reason}") from error


def save_corrections(path: str | PathLike[str], corrections: Iterable[Correction]) -> None:
    """Write them to a file, in place of what is there; a reader sees the old one or the new."""
    target = Path(os.path.realpath(path))  # a link to it stays one
    texts = [json.dumps(each.to_json(), ensure_ascii=False) for each in corrections]
    file = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with file.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            out.writelines(f"{text}\n" for text in texts)
        file.replace(target)
    finally:
        file.unlink(missing_ok=True)


def _parsed(name: str, lines: Iterable[bytes]) -> Iterator[Correction]:
    for number, line in enumerate(lines, 1):
        place = f"corrections={shown(name)}: line {number}"
        if len(line) > _MAX_LINE:
            raise OptionError(f"{place}: more than {_MAX_LINE:,} bytes: no correction is as long")
        if number == 1:
            line = line.removeprefix(_BOM)  # some editors put one there
        if line.strip():
            yield _correction(place, line)


def _correction(place: str, line: bytes) -> Correction:
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise OptionError(f"{place}: it is not encoded in UTF-8") from error
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", None) or str(error)
        raise OptionError(f"{place}: it is not JSON: {reason}") from error
    try:
        return Correction.from_json(value)
    except OptionError as error:
        raise OptionError(f"{place}: {error}") from error
