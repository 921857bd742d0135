"""A small reader of Dockerfiles, for those of this repository: no here-documents, no ONBUILD."""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Instruction", "Stage", "parse_dockerfile", "sent_to_the_builder"]

_FLAG = re.compile(r"--(\S+?)=(\S+)\s+")


@dataclass(frozen=True, slots=True)
class Instruction:
    """``RUN --mount=type=secret … ARGUMENTS``."""

    name: str
    arguments: str
    flags: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> list[str]:
        """The list of the exec form; a shell's line is an error, since no signal gets through."""
        words = json.loads(self.arguments)
        assert isinstance(words, list)
        return [str(word) for word in words]

    @property
    def values(self) -> dict[str, str]:
        """Of ``ENV`` and ``ARG``: name → value, "" where none is given."""
        pairs = (word.partition("=") for word in self.arguments.split())
        return {name: value for name, _, value in pairs}


@dataclass(frozen=True, slots=True)
class Stage:
    """From one ``FROM`` to the next."""

    base: str
    name: str | None
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        """Those with this name, in order."""
        return [each for each in self.instructions if each.name == name]

    def last(self, name: str) -> Instruction:
        """The one that counts."""
        return self.all(name)[-1]

    @property
    def environment(self) -> dict[str, str]:
        """What ``ENV`` sets, one name at most once."""
        pairs = [pair for each in self.all("ENV") for pair in each.values.items()]
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)


def parse_dockerfile(path: Path) -> list[Stage]:
    """Its stages; what stands before the first ``FROM`` is left out."""
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith("#")
    ]
    stages: list[Stage] = []
    for text in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if not text.strip():
            continue
        instruction = _instruction(text)
        if instruction.name == "FROM":
            base, _, name = instruction.arguments.partition(" AS ")
            stages.append(Stage(base, name or None))
        elif stages:
            stages[-1].instructions.append(instruction)
    return stages


def sent_to_the_builder(path: Path, file: str) -> bool:
    """Whether a ``.dockerignore`` lets this file pass; of its rules, the last that fits counts."""
    sent = True
    for line in path.read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        if _fits(pattern.removeprefix("!"), file):
            sent = pattern.startswith("!")
    return sent


def _fits(pattern: str, file: str) -> bool:
    """Whether it names the file, or a folder that the file is in."""
    parts = file.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatchcase(part, pattern[3:]) for part in parts)
    return any(
        fnmatch.fnmatchcase(each, pattern) for each in above if "/" not in each or "/" in pattern
    )


def _instruction(text: str) -> Instruction:
    name, _, rest = text.strip().partition(" ")
    rest, flags = rest.strip(), []
    while found := _FLAG.match(rest):
        flags.append((found[1], found[2]))
        rest = rest[found.end() :].strip()
    return Instruction(name, rest, tuple(flags))
