"""``**kern`` as the model writes it → ``**kern`` in which every line has as many fields as spines.

verovio ends its process where one line has too few. Repaired is what can only have been meant one
way: spaces between fields instead of tabs, doubled tabs, empty fields, barlines of another number,
a last line that is cut off, a missing end. For the rest the line is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from got_loaders._characters import clean_text
from got_loaders.markup.parse.content_kind import split_languages

__all__ = ["KernError", "find_scores", "repair_score"]

_FENCE = re.compile(r"^[ \t]{0,3}(?:`{3,}|~{3,}).*$", re.MULTILINE)
_NOTE = re.compile(r"[a-gA-Gr]")
_DOTTED = re.compile(r"^[^*!]*\.{8}")
_MAX_SPINES = 64
_NULLS = {"*": "*", "!": "!", "=": "="}
"""What an empty field of such a line stands for; in a line of notes it is a dot."""


class KernError(ValueError):
    """A line of a score has no sense; the text says which and why."""


def find_scores(text: str) -> list[str]:
    """The scores in a reading, repaired; :class:`KernError` where one can't be."""
    chunks = split_languages(_FENCE.sub("", clean_text(text)))
    return [repair_score(chunk.text) for chunk in chunks if chunk.language == "kern"]


def repair_score(text: str) -> str:
    """One score, its spines ended; :class:`KernError` names the first line that makes no sense."""
    lines = list(_repair(text.strip("\r\n").splitlines()))
    if not any(_NOTE.search(line) for line in lines if line[0] not in "*!="):
        raise KernError("there is no note in it")
    return "\n".join(lines) + "\n"


def _repair(lines: list[str]) -> Iterator[str]:
    spines = 0
    for number, line in enumerate(lines, 1):
        if line.startswith("!!") or not line.strip():
            if line.strip():
                yield line
            continue
        if not spines:
            fields = line.split()
            if not all(field.startswith("**") for field in fields):
                raise KernError(f"line {number} names no spines")
        else:
            found = _fields(line, spines)
            if found is None:
                if number == len(lines):  # cut off
                    break
                raise KernError(_mismatch(number, line, spines))
            _check(found, number)
            fields = found
        yield "\t".join(fields)
        spines = _spines_after(fields, number)
        if spines > _MAX_SPINES:
            raise KernError(f"line {number} makes more than {_MAX_SPINES} spines")
    if spines:
        yield "\t".join(["*-"] * spines)


def _check(fields: list[str], number: int) -> None:
    """verovio ends its process over interpretations among notes, spines that are new, and many
    dots of a note, over which it takes all memory first."""
    interpretations = sum(field.startswith("*") for field in fields)
    if interpretations not in (0, len(fields)):
        raise KernError(f"line {number} has notes beside interpretations")
    if _DOTTED.search("\t".join(fields)):
        raise KernError(f"line {number} has a note with more dots than any has")
    if any(field.startswith("**") for field in fields):
        raise KernError(f"line {number} names spines where others go on")


def _fields(line: str, spines: int) -> list[str] | None:
    """The line's fields, as many as there are spines; None where that is not to be had."""
    by_tabs = line.split("\t")
    if len(by_tabs) == spines:
        return [field.strip() or _null(line) for field in by_tabs]
    without_empty = [field.strip() for field in by_tabs if field.strip()]
    words = line.split()
    for fields in (without_empty, words, re.split(r" {2,}|\t", line.strip())):
        if len(fields) == spines:
            return fields
    if set(words) == {"*-"}:
        return words[:1] * spines
    if all(word.startswith("=") for word in words):
        return words[:1] * spines
    if spines == 1 and "\t" not in line.strip():
        return [line.strip()]  # a chord
    return None


def _null(line: str) -> str:
    return _NULLS.get(line.lstrip()[:1], ".")


def _spines_after(fields: list[str], number: int) -> int:
    """How many spines go on below a line, which may split, join and end them."""
    if not fields[0].startswith("*"):
        return len(fields)
    count = position = 0
    while position < len(fields):
        field = fields[position]
        run = 1
        if field == "*v":
            while position + run < len(fields) and fields[position + run] == "*v":
                run += 1
            if run == 1:
                raise KernError(f"line {number} joins a spine with nothing beside it")
        count += {"*^": 2, "*+": 2, "*-": 0}.get(field, 1)
        position += run
    return count


def _mismatch(number: int, line: str, spines: int) -> str:
    fields = len(line.split("\t")) if "\t" in line else len(line.split())
    return (
        f"line {number} has {fields} field{'s' * (fields != 1)}, "
        f"but {spines} spine{'s' * (spines != 1)} go on there"
    )
