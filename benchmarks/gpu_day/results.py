"""What is found, on disk as soon as it is found. Knows no torch."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


class Results:
    """Values that are written to ``path`` each time that something is added."""

    def __init__(self, path: Path) -> None:
        self.values: dict[str, object] = {}
        self.path = path

    def add(self, **values: object) -> None:
        """Set these, and write all."""
        self.values |= values
        write_json(self.path, self.values)


class Skipped(Exception):  # noqa: N818  # no error
    """Raised by a stage that can't run here, with the reason."""


def write_json(path: Path, values: Mapping[str, object]) -> None:
    """Whoever reads the file meanwhile finds what was there before, or all of this."""
    write_text(path, json.dumps(values, indent=1, default=str) + "\n")


def write_text(path: Path, text: str) -> None:
    """The same for text."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)  # noqa: PTH105  # says that it is atomic


def read_json(path: Path) -> dict[str, object]:
    """What was written there; nothing if nothing was."""
    try:
        values: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return values
