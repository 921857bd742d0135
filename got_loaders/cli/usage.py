"""The parser's manners: what it says of a wrong command line, and how ``--help`` looks."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from got_loaders._spelling import closest, did_you_mean

__all__ = ["CommandParser", "add_inputs", "check_flags"]

_MAX_WIDTH = 100
_COLUMN = 30
"""Where the meanings of flags begin."""


class CommandParser(argparse.ArgumentParser):
    """A parser that says what was meant by a command, flag or choice that it does not know."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_HelpFormatter, **settings)

    def error(self, message: str) -> NoReturn:
        """Print the short usage and the message; exit with 2."""
        self.print_usage(sys.stderr)
        message = re.sub(r"^argument (\S+?)(?:/\S+)?: ", r"\1: ", message)
        if (match := re.match("the following arguments are required: (.+)", message)) is not None:
            message = f"{match[1]} is missing: see {self.prog} --help"
        self.exit(2, f"{self.prog}: {message}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """argparse's own, in our words."""
        if action.choices is not None and value not in action.choices:
            words = [str(choice) for choice in action.choices]
            hint = did_you_mean(str(value), words, quoted=False)
            if isinstance(action, argparse._SubParsersAction) and not hint:
                hint = f"; to read it: {self.prog} read {value}" if _is_path(str(value)) else ""
                hint = "; did you mean --help?" if value == "help" else hint
            raise argparse.ArgumentError(None, f"{value!r} is none of {', '.join(words)}{hint}")


class _HelpFormatter(argparse.HelpFormatter):
    """Wide enough for a flag and its choices; an epilog keeps its lines."""

    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size().columns - 2, _MAX_WIDTH)
        super().__init__(prog, max_help_position=_COLUMN, width=max(width, 40))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return "\n".join(f"{indent}{line}".rstrip() for line in text.splitlines())
        return super()._fill_text(text, width, indent)


def check_flags(
    parser: argparse.ArgumentParser,
    commands: dict[str, argparse.ArgumentParser],
    args: Sequence[str],
) -> None:
    """End with the usage of the command in ``args`` where it does not have a flag that is there.

    argparse would tell the top-level usage, and first of all of what is missing.
    """
    command = next((arg for arg in args if not arg.startswith("-")), None)
    if command is not None and command not in commands and args[0] == command:
        return  # that is what is wrong
    chosen = commands.get(command or "", parser)
    known = chosen._option_string_actions
    for flag in _flags(args if command else args[:1]):
        if flag not in known and not any(name.startswith(flag) for name in known if len(flag) > 2):
            chosen.error(_unknown(flag, known, commands))


def add_inputs(
    parser: argparse.ArgumentParser, inputs: list[str] | None, more: Sequence[str]
) -> None:
    """Add ``more``, which stood behind flags, to the ``inputs`` of the command of ``parser``.

    Ends with its usage where it takes none, or where one looks like a flag and no ``--`` said
    that it is none.
    """
    marked = "--" in more
    for arg in more:
        if inputs is None or (arg.startswith("-") and arg not in ("-", "--") and not marked):
            parser.error(f"{arg!r} is one argument too many: see {parser.prog} --help")
        if arg != "--":
            inputs.append(arg)


def _flags(args: Iterable[str]) -> Iterator[str]:
    """What looks like a flag, as far as its name goes: ``--box``, ``-o``."""
    for arg in args:
        if arg == "--":
            return
        if re.match(r"-[^\W\d_]|--\w", arg) and " " not in arg:
            yield arg.partition("=")[0] if arg.startswith("--") else arg[:2]


def _unknown(flag: str, known: Iterable[str], commands: dict[str, argparse.ArgumentParser]) -> str:
    owners = [name for name, other in commands.items() if flag in other._option_string_actions]
    if owners:
        return f"{flag} is a flag of {' and '.join(owners)}: got-loaders {owners[0]} {flag} …"
    meant = closest(flag, known)
    return f"{flag} is not a flag; " + (f"did you mean {meant}?" if meant else "--help lists them")


def _is_path(text: str) -> bool:
    return bool(re.search(r"[./\\]", text))
