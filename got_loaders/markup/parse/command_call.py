r"""A command of a reading where it stands, and the arguments that follow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from got_loaders.markup.nodes import Inlines
from got_loaders.markup.parse.block_builder import BlockBuilder
from got_loaders.markup.parse.cursor import Argument, TokenCursor

__all__ = ["CommandCall", "Handler", "take_arguments"]


@dataclass(frozen=True, slots=True)
class CommandCall:
    """A command: its name, the token after it, where its range ends, and where its sense goes."""

    cursor: TokenCursor
    name: str
    position: int
    high: int
    builder: BlockBuilder

    def group(self, after: Argument | None = None) -> Argument | None:
        """The next argument in braces, perhaps after another one."""
        return self.cursor.group(after.after if after else self.position, self.high)

    def option(self) -> Argument | None:
        """The argument in square brackets that comes next."""
        return self.cursor.option(self.position, self.high)

    def content(self) -> Argument | None:
        """The next argument in braces, after a star and those in square brackets."""
        return self.cursor.group(self.cursor.skip_options(self.position, self.high), self.high)

    def line(self, argument: Argument) -> Inlines:
        """An argument as a line."""
        return self.cursor.line(argument)


Handler = Callable[[CommandCall], int | None]
"""Puts what a command means into the flow and gives the token after it and its arguments; or
gives None, and the command stays as text."""


def take_arguments(
    cursor: TokenCursor, position: int, high: int, signature: str
) -> tuple[list[Argument], int]:
    """The arguments that are content, by a signature, and the token after all of them."""
    found: list[Argument] = []
    for sign in signature:
        group = cursor.group(cursor.skip_options(position, high), high)
        bare = cursor.skip_blank(position, high)
        if group is not None and sign == "-" and not cursor.is_layout(group):
            break
        if group is not None:
            found.extend([group] if sign == "+" else [])
            position = group.after
        elif signature == "--" and bare < high and cursor.source.tokens[bare].kind == "command":
            position = bare + 1
        else:
            break
    return found, position
