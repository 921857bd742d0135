r"""Reads the case files of this folder: a text of the model, and what must become of it.

A case is one file, ``cases/<valid|broken>/<topic>/<what is tested>.txt``: a line that says what it
shows, then sections, each after a line ``--- name``. A section's text is everything up to the next
such line without its last line end; after ``--- name json`` it is a JSON string, for white space
and line ends that an editor would change. The sections:

- ``in``: the model's text. Every case has one.
- ``markdown``, ``markdown with html tables``, ``latex``, ``document``, ``text``, ``html``: the
  exact output of each conversion; ``kind``: what `content_kind` says.
- ``headings``: a line each, ``<level> <text>``; ``items``: a line each, ``- text`` or ``1. text``,
  two blanks a level; ``formulas``: a line each, in dollars; ``code``: a line each, ``language``
  of a fenced block; ``tables``: a JSON list of rows a table, the cells as read in a GFM table;
  ``spans``: the same for HTML, where a cell may be ``[text, rows, columns]``. In the Markdown of
  every case stands exactly what these name: nothing, if they are not there.
- ``words``: what stands in every output, where it is not what stands in ``text``.
- ``unchecked``: which of the structures may be anything, since the input does not determine it;
  ``names`` where Markdown shows commands of a formula by their names and plain text as written.

Knows nothing of the code under test.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

__all__ = ["CASES", "WORD", "Case", "load"]

FOLDER = Path(__file__).parent / "cases"
OUTPUTS = ("markdown", "markdown with html tables", "latex", "document", "text", "html", "kind")
STRUCTURE = ("headings", "items", "formulas", "code", "tables", "spans", "words", "unchecked")
_SECTION = re.compile(r"^--- ([a-z ]+?)( json)?$\n?", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]+|[0-9]+")
Cell = str | tuple[str, int, int]


@dataclass(frozen=True)
class Case:
    """One case file."""

    name: str
    promise: str
    sections: MappingProxyType[str, str]

    @property
    def broken(self) -> bool:
        """Whether the input is damaged, as readings of the model are."""
        return self.name.startswith("broken/")

    @property
    def text(self) -> str:
        """What the model wrote."""
        return self.sections["in"]

    def lines(self, section: str) -> list[str]:
        """The lines of a section that are not empty; none where there is no such section."""
        return [line for line in self.sections.get(section, "").splitlines() if line.strip()]

    @cached_property
    def tables(self) -> list[list[list[str]]]:
        """The tables that the Markdown holds: rows of the cells' texts."""
        tables: list[list[list[str]]] = _values(self.sections.get("tables", ""))
        return tables

    @cached_property
    def spans(self) -> list[list[list[tuple[str, int, int]]]]:
        """The tables that HTML holds: cells with the rows and columns that they span."""
        tables: list[list[list[Cell]]] = _values(
            self.sections.get("spans", self.sections.get("tables", ""))
        )
        return [[[_spanning(cell) for cell in row] for row in table] for table in tables]

    @cached_property
    def words(self) -> list[str]:
        """What every output shows: runs of letters and of digits."""
        return WORD.findall(self.sections.get("words", self.sections.get("text", "")))

    def checks(self, structure: str) -> bool:
        """Whether the input determines this kind of structure."""
        return structure not in self.sections.get("unchecked", "")


def load(path: Path) -> Case:
    """The case in a file; an unknown or double section is an error."""
    name = path.relative_to(FOLDER).with_suffix("").as_posix()
    parts = _SECTION.split(path.read_text(encoding="utf-8"))
    sections: dict[str, str] = {}
    for section, as_json, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if section not in ("in", *OUTPUTS, *STRUCTURE) or section in sections:
            raise ValueError(f"{name}: section {section!r} is unknown or there twice")
        sections[section] = json.loads(body) if as_json else body.removesuffix("\n")
    if "in" not in sections:
        raise ValueError(f"{name}: no section 'in'")
    return Case(name=name, promise=parts[0].strip(), sections=MappingProxyType(sections))


def _values(text: str) -> list[Any]:
    """JSON values one after the other, each a table."""
    decoder, position, found = json.JSONDecoder(), 0, list[Any]()
    text = text.strip()
    while position < len(text):
        value, end = decoder.raw_decode(text, position)
        found.append(value)
        position = end + len(text[end:]) - len(text[end:].lstrip())
    return found


def _spanning(cell: Cell) -> tuple[str, int, int]:
    return (cell, 1, 1) if isinstance(cell, str) else (cell[0], cell[1], cell[2])


CASES = [load(path) for path in sorted(FOLDER.rglob("*.txt"))]
