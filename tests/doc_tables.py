"""The tables of the docs that are made from the code: of the options and of the flags.

``python -m tests.doc_tables`` writes them; a test says when that is due.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from argparse import SUPPRESS, ArgumentParser, _SubParsersAction
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

from got_loaders import ReadOptions
from got_loaders.cli import parser
from got_loaders.options.field import Group

__all__ = ["DOCS", "with_tables"]

DOCS = Path(__file__).parents[1] / "docs"


def with_tables(page: str) -> str:
    """A page of the docs, with its tables made anew."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if page == "options.md":
        for group in get_args(Group):
            heading = f"### {group.capitalize()}"
            text = _with_table(text, heading, ("option", "default", "meaning"), _options(group))
    if page == "command-line.md":
        for command in ("read", "mcp"):
            heading = "## got-loaders read" if command == "read" else "## MCP"
            text = _with_table(text, heading, ("flag", "meaning"), _flags(command))
        report = _flags("report", group="report")
        text = _with_table(text, "## got-loaders report", ("flag", "meaning"), report)
        render = _flags("render")
        text = _with_table(text, "## got-loaders render", ("flag", "meaning"), render)
    return text


def _with_table(
    text: str, heading: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> str:
    """The first table below a heading is replaced."""
    before, found, part = text.partition(f"{heading}\n")
    assert found, heading
    cells = (columns, tuple("---" for _ in columns), *rows)
    table = "".join(f"| {' | '.join(row)} |\n" for row in cells)
    return before + found + re.sub(r"(^\|.*\n)+", lambda _: table, part, count=1, flags=re.M)


def _options(group: str) -> Iterator[tuple[str, str, str]]:
    """Name, default and meaning: that is the docstring below the field."""
    body = ast.parse(textwrap.dedent(inspect.getsource(ReadOptions))).body[0]
    assert isinstance(body, ast.ClassDef)
    meanings = {
        ast.unparse(field.target): ast.literal_eval(text.value)
        for field, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }
    for field in fields(ReadOptions):
        if field.metadata["group"] == group:
            value = field.default
            default = json.dumps(value) if isinstance(value, str) else repr(value)
            meaning = " ".join(meanings[field.name].split()).replace("``", "`").removesuffix(".")
            yield f"`{field.name}`", f"`{default}`", meaning


def _flags(command: str, group: str | None = None) -> Iterator[tuple[str, str]]:
    """Each flag with its value, and its line of ``--help``; of one group, or of all."""
    (commands,) = (a for a in parser()._actions if isinstance(a, _SubParsersAction))
    chosen: ArgumentParser = commands.choices[command]
    format_help = chosen._get_formatter()._expand_help
    groups = [each for each in chosen._action_groups if group in (None, each.title)]
    for each in groups:
        for action in each._group_actions:
            several = " …" if action.nargs else ""
            names = action.option_strings or [f"{action.metavar}{several}"]
            if action.option_strings and action.nargs != 0:
                names = [f"{name} {action.metavar or action.dest.upper()}" for name in names]
            if "--help" not in names and action.help != SUPPRESS:
                flag = ", ".join(f"`{name}`" for name in names)
                yield _escaped(flag), _escaped(format_help(action))


def _escaped(cell: str) -> str:
    return re.sub(r"([|*])", r"\\\1", cell)


if __name__ == "__main__":
    for name in ("options.md", "command-line.md"):
        (DOCS / name).write_text(with_tables(name), encoding="utf-8")
