r"""A command of a reading where it stands, and the arguments that follow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from got_loaders.markup.nodes import Inline
from got_loaders.markup.parse.block_builder import Flow
from got_loaders.markup.parse.cursor import Argument, Reader

__all__ = ["Call", "Handler", "arguments"]


@dataclass(frozen=True, slots=True)
class Call:
    """A command: its name, the token after it, where its range ends, and where its sense goes."""

    reader: Reader
    name: str
    position: int
    high: int
    flow: Flow

    def group(self, after: Argument | None = None) -> Argument | None:
        """The next argument in braces, perhaps after another one."""
        return self.reader.group(after.after if after else self.position, self.high)

    def option(self) -> Argument | None:
        """The argument in square brackets that comes next."""
        return self.reader.option(self.position, self.high)

    def content(self) -> Argument | None:
        """The next argument in braces, after a star and those in square brackets."""
        return self.reader.group(self.reader.skip_options(self.position, self.high), self.high)

    def line(self, argument: Argument) -> tuple[Inline, ...]:
        """An argument as a line."""
        return self.reader.line(argument)


Handler = Callable[[Call], int | None]
"""Puts what a command means into the flow and gives the token after it and its arguments; or
gives None, and the command stays as text."""


def arguments(
    reader: Reader, position: int, high: int, signature: str
) -> tuple[list[Argument], int]:
    """The arguments that are content, by a signature, and the token after all of them."""
    found: list[Argument] = []
    for sign in signature:
        group = reader.group(reader.skip_options(position, high), high)
        bare = reader.skip_blank(position, high)
        if group is not None and sign == "-" and not reader.is_layout(group):
            break
        if group is not None:
            found.extend([group] if sign == "+" else [])
            position = group.after
        elif signature == "--" and bare < high and reader.source.tokens[bare].kind == "command":
            position = bare + 1
        else:
            break
    return found, position
