"""The flags of ``got-loaders report``: those of a read, and those of the report itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import Field
from typing import Any, get_args

from got_loaders.cli.engine_flags import add_engine_flags
from got_loaders.cli.help_texts import SOURCES, examples
from got_loaders.cli.usage import CommandParser
from got_loaders.options.field import Group

__all__ = ["FOR_RECORDS", "add_report"]

FOR_RECORDS = frozenset({"output", "drop_blank", "omit_metadata"})
"""Options that only shape records: a report shows every page, in every form."""


def add_report(
    commands: argparse._SubParsersAction[CommandParser],
    fields: Iterable[Field[Any]],
    add_option: Callable[[argparse._ArgumentGroup, Field[Any]], None],
) -> None:
    """Add the command; what is not given is absent, but for the flags of the engine."""
    report = commands.add_parser(
        "report",
        usage="got-loaders report [FLAGS] PATH … | --jsonl FILE",
        help="write pages beside their readings into one HTML file, doubtful pages first",
        epilog=examples("report"),
        argument_default=argparse.SUPPRESS,
    )
    report.add_argument(
        "paths",
        nargs="*",
        default=[],
        metavar="PATH",
        help=SOURCES,
    )
    _add_own(report.add_argument_group("report"))
    add_engine_flags(report)
    groups = {title: report.add_argument_group(title) for title in get_args(Group)}
    for field in fields:
        if field.name not in FOR_RECORDS:
            add_option(groups[field.metadata["group"]], field)


def _add_own(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "-o",
        "--output-file",
        metavar="FILE",
        help="the report (default: report.html); with --split a folder (default: report)",
    )
    add(
        "--jsonl",
        metavar="FILE",
        help="show what got-loaders read --jsonl FILE has kept, and read nothing; with the "
        "--cache-dir of that run, if it had one, also where regions stood",
    )
    add("--output", type=_no_form, help=argparse.SUPPRESS)  # else it would be --output-file
    add("--title", metavar="TEXT", help="the heading (default: what was read)")
    add(
        "--order",
        choices=("doubtful", "page"),
        metavar="doubtful|page",
        help="which pages come first (default: doubtful)",
    )
    add(
        "--picture-side",
        type=int,
        metavar="PIXELS",
        help="how large the pages' pictures are, along the longer side; 0 for none (default: 1000)",
    )
    add(
        "--split",
        type=int,
        metavar="N",
        help="write a folder: an index, a file for every N pages, and pictures beside them",
    )
    add("--progress", action="store_true", help="show a progress bar even without a terminal")
    add("--quiet", action="store_false", dest="progress", help="show no bar and no summary")


def _no_form(form: str) -> str:
    raise argparse.ArgumentTypeError(
        f"a report shows each page in every form: leave out --output {form}; -o names its file"
    )
