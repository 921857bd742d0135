"""What a command line names → the sources to read, listed once, before anything is read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from got_loaders.errors import OptionError, SourceError
from got_loaders.sources import Source, file_sources
from got_loaders.sources.sanitize import error_text

if TYPE_CHECKING:
    from got_loaders.options import ReadOptions

__all__ = ["STDIN", "Inputs", "is_stdin"]

STDIN = "stdin"
"""What messages and metadata call the document on standard input."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a command line names, and the files that it stands for, in order."""

    names: list[str]
    sources: list[Source | SourceError]

    @classmethod
    def of(cls, names: list[str], options: ReadOptions) -> Inputs:
        """The files that ``names`` stand for; ``-`` is standard input, which is read here."""
        if sum(map(is_stdin, names)) > 1:
            raise OptionError("- is named twice, and there is one standard input")
        return cls(names, [source for name in names for source in _sources(name, options)])

    @property
    def are_several_names(self) -> bool:
        """Whether there is more than one name."""
        return len(self.names) > 1

    @property
    def are_several(self) -> bool:
        """Whether more than one file is meant: by a folder or a pattern, whatever it holds."""
        inner = (s.inner is not None for s in self.sources if isinstance(s, Source))
        return self.are_several_names or any(inner)

    @property
    def first_name(self) -> str:
        """What the first file is called."""
        first = self.sources[0]
        return first.name if isinstance(first, Source) else self.names[0]


def is_stdin(path: str) -> bool:
    """Whether it stands for standard input; opened by its path it would be another process's."""
    return path in ("-", "/dev/stdin")


def _sources(path: str, options: ReadOptions) -> Iterator[Source | SourceError]:
    if is_stdin(path):
        yield _read_stdin(options.max_file_bytes)
        return
    yield from file_sources(path, **options.file_rules)


def _read_stdin(max_bytes: int) -> Source | SourceError:
    """What comes in, but for what is more than ``max_bytes`` by more than a byte."""
    if sys.stdin.isatty():
        raise OptionError(
            "- reads a PDF or an image from standard input, which is the terminal: pipe one in, "
            "as in got-loaders read - < scan.pdf"
        )
    stream = cast("BinaryIO", getattr(sys.stdin, "buffer", sys.stdin))
    try:
        data = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        text = f"{STDIN}: can't be read: {error_text(error, STDIN)}"
        return SourceError(text, source=STDIN)
    if not data:
        return SourceError(f"{STDIN}: nothing came in on standard input", source=STDIN)
    return Source(name=STDIN, data=data)
