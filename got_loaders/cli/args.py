"""The flags of the command line: those of the read options, as these state them, and its own."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import Field, fields
from typing import Any, get_args

from got_loaders._version import __version__
from got_loaders.cli.arg_types import PARSERS
from got_loaders.cli.completion import SHELLS
from got_loaders.cli.engine_flags import add_engine_flags, add_model_flags, first_line
from got_loaders.cli.help_texts import SOURCES, default_text, examples
from got_loaders.cli.output_flags import add_output_flags
from got_loaders.cli.render import add_render
from got_loaders.cli.report_flags import add_report
from got_loaders.cli.serve_flags import add_serve
from got_loaders.cli.usage import CommandParser, add_inputs, check_flags
from got_loaders.errors import OptionError
from got_loaders.options import ReadOptions
from got_loaders.options.field import Flag, Group
from got_loaders.options.literals import Output

__all__ = [
    "explicit_options",
    "parse",
    "parser",
    "prints_results",
    "read_options",
]

_FIELDS = {field.name: field for field in fields(ReadOptions)}
_TAKES_NEGATIVES = {"--pages", "--box", "--regions"}
_NEGATIVE = re.compile(r"-[\d.]")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parse a command line; wrong usage exits with 2.

    argparse takes a value that begins with a dash for a flag, save for a number alone: values such
    as ``-1,1`` are joined to their flags before. ``--format`` asks for the formatted reading; with
    the name of a form behind it, as other programs have it, for that form. Paths may stand on both
    sides of a flag, where argparse knows those before the first alone.
    """
    joined_args: list[str] = []
    for arg in argv:
        if joined_args and joined_args[-1] == "--format" and _is_form(arg):
            joined_args[-1] = f"--output={arg}"
        elif arg.startswith("--format="):
            joined_args.append(arg.replace("--format", "--output", 1))
        elif joined_args and joined_args[-1] in _TAKES_NEGATIVES and _NEGATIVE.match(arg):
            joined_args[-1] += f"={arg}"
        else:
            joined_args.append(arg)
    top = parser()
    commands = _commands(top)
    check_flags(top, commands, joined_args)
    args, more = top.parse_known_args(joined_args)
    inputs = getattr(args, "paths", getattr(args, "folders", None))
    add_inputs(commands[args.command], inputs, more)
    return args


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; a read option that is not given is absent from its result."""
    top = CommandParser(
        prog="got-loaders",
        usage="got-loaders [--version] COMMAND …",
        description="Read PDFs and images by OCR.",
        epilog=examples(""),
    )
    top.add_argument("--version", action="version", version=f"got-loaders {__version__}")
    commands = top.add_subparsers(
        title="commands", required=True, dest="command", metavar="COMMAND", prog="got-loaders"
    )
    read = commands.add_parser(
        "read",
        usage="got-loaders read [FLAGS] PATH …",
        help="read PDFs, images and folders; text goes to standard output",
        epilog=examples("read"),
        argument_default=argparse.SUPPRESS,
    )
    read.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help=SOURCES,
    )
    add_engine_flags(read)
    groups = {title: read.add_argument_group(title) for title in get_args(Group)}
    for field in _FIELDS.values():
        _add_option(groups[field.metadata["group"]], field)
    add_output_flags(groups["output"])
    add_report(commands, _FIELDS.values(), _add_option)
    add_render(commands)
    _add_cache(commands)
    mcp = commands.add_parser(
        "mcp",
        usage="got-loaders mcp [FLAGS] FOLDER …",
        epilog=examples("mcp"),
        help="serve folders to agents, by the Model Context Protocol on standard input and output",
        argument_default=argparse.SUPPRESS,
    )
    mcp.add_argument("folders", nargs="+", metavar="FOLDER", help="what may be read from")
    add_engine_flags(mcp)
    _add_served(mcp)
    add_serve(commands, add_model_flags)
    doctor = commands.add_parser(
        "doctor",
        help="say whether this machine is ready to read",
        epilog=examples("doctor"),
    )
    add_engine_flags(doctor)
    _add_sample(commands)
    _add_completion(commands)
    return top


def read_options(args: argparse.Namespace) -> ReadOptions:
    """The options of a ``read`` command; wrong ones raise :class:`OptionError`."""
    values = explicit_options(args)
    values.setdefault("progress", sys.stderr.isatty())
    return ReadOptions(**values)


def explicit_options(args: argparse.Namespace) -> dict[str, Any]:
    """The values of the read options that a command line names."""
    values: dict[str, Any] = {n: v for n, v in vars(args).items() if n in _FIELDS}
    if hasattr(args, "password_file"):
        values["password"] = first_line(args.password_file, "--password-file")
    if hasattr(args, "password_env"):
        values["password"] = os.environ.get(args.password_env)
        if values["password"] is None:
            raise OptionError(f"--password-env: there is no variable {args.password_env!r}")
    return values


def prints_results(args: argparse.Namespace) -> bool:
    """Whether what a command is for goes to standard output."""
    if args.command == "render":
        return bool(args.output_file == "-")
    if args.command != "read":
        return bool(args.command == "mcp")
    return getattr(args, "jsonl", "-") == "-" and getattr(args, "output_file", "-") == "-"


def _is_form(word: str) -> bool:
    """Whether the word behind ``--format`` is the name of a form, be it misspelt, and no path."""
    is_path = word.startswith("-") or bool(re.search(r"[./\\~*]", word)) or os.path.lexists(word)
    return word in get_args(Output) or not is_path


def _commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands by name."""
    (action,) = (a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    commands: dict[str, argparse.ArgumentParser] = action.choices
    return commands


def _add_cache(commands: argparse._SubParsersAction[CommandParser]) -> None:
    cache = commands.add_parser(
        "cache", help="look into the cache of readings, or empty it", epilog=examples("cache")
    )
    cache.add_argument(
        "action",
        nargs="?",
        choices=("show", "clear"),
        default="show",
        help="show what it holds, or clear it (default: show)",
    )
    cache.add_argument(
        "--cache-dir", metavar="FOLDER", help="the cache in this folder (default: the user's own)"
    )


def _add_sample(commands: argparse._SubParsersAction[CommandParser]) -> None:
    sample = commands.add_parser(
        "sample",
        help="write a small scan and a picture to try the library with",
        epilog=examples("sample"),
    )
    sample.add_argument("folder", metavar="DIR", help="where to; no file there is replaced")


def _add_completion(commands: argparse._SubParsersAction[CommandParser]) -> None:
    completion = commands.add_parser(
        "completion",
        help="print what makes a shell complete commands, flags and values",
        epilog=examples("completion"),
    )
    completion.add_argument("shell", choices=SHELLS, help="which shell")


def _add_option(group: argparse._ArgumentGroup, field: Field[Any]) -> None:
    """Add the flags of a read option."""
    flags: tuple[Flag, ...] = field.metadata["flags"]
    add = (group.add_mutually_exclusive_group() if len(flags) > 1 else group).add_argument
    for flag in flags:
        name = flag.name or f"--{field.name.replace('_', '-')}"
        dest = flag.dest or field.name
        if flag.metavar is None:
            add(name, action="store_const", const=flag.const, dest=dest, help=flag.help)
        else:
            kind = PARSERS.get(flag.metavar, str)
            text = f"{flag.help}{default_text(field)}"
            add(name, type=kind, dest=dest, metavar=flag.metavar, help=text)


def _add_served(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what agents may do, and how it is read")
    group.add_argument("--max-pages", type=int, metavar="N", help="of one call (default: 10)")
    group.add_argument("--urls", action="store_true", help="read URLs of public addresses, too")
    names = ("text_layer", "layout_model", "corrections", "max_new_tokens", "max_page_seconds")
    for name in (*names, "cache"):
        _add_option(group, _FIELDS[name])
