"""Shell completion: the scripts for bash, zsh and fish, and what they ask while a line is typed.

argcomplete speaks with the shell; here is what a flag's value may be. Loads no torch.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from got_loaders.engine.model_name import DEFAULT_MODEL
from got_loaders.options.literals import MetadataKey
from got_loaders.types import RegionType

__all__ = ["SHELLS", "actions_of", "complete", "completer_of", "print_script"]

SHELLS = ("bash", "zsh", "fish")

Completer = Callable[..., list[str]]
"""Gets what is typed so far as ``prefix``; argcomplete passes more, which is not needed."""


def print_script(shell: str) -> int:
    """Print the script that a shell sources; 0."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["got-loaders"], shell=shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Where a shell asks for completions, give them and end the process; else nothing."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    import argcomplete

    for action in actions_of(parser):
        completer = completer_of(action)
        if completer is not None:
            action.completer = completer  # type: ignore[attr-defined]  # argcomplete looks there
    argcomplete.autocomplete(parser)


def actions_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The flags and arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from actions_of(command)


def completer_of(action: argparse.Action) -> Completer | None:
    """What a flag's value may be, by what ``--help`` calls it; None where its choices say it."""
    metavar = action.metavar or action.dest
    if action.choices is not None or not isinstance(metavar, str):
        return None
    if metavar.upper() == "MODEL":
        models = () if action.dest == "layout_model" else ("tiny", DEFAULT_MODEL)
        return lambda prefix, **_: [*_starting(prefix, models), *_paths(prefix, folders=True)]
    if metavar in ("PATH", "FILE"):
        return lambda prefix, **_: list(_paths(prefix))
    if metavar in ("FOLDER", "DIR"):
        return lambda prefix, **_: list(_paths(prefix, folders=True))
    if metavar in _LISTS:
        return lambda prefix, **_: list(_listed(prefix, _LISTS[metavar]))
    if metavar == "NAME":
        return lambda prefix, **_: _starting(prefix, os.environ)
    words = [word for word in metavar.split("|") if "|" in metavar and word.islower()]
    return lambda prefix, **_: _starting(prefix, words)


_LISTS: dict[str, tuple[Any, ...]] = {"TYPES": get_args(RegionType), "KEYS": get_args(MetadataKey)}
"""Words of which several are given, with commas."""


_UNTYPABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and what stands for bytes that are no UTF-8."""


def _starting(prefix: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(prefix)]


def _listed(prefix: str, words: Iterable[str]) -> Iterator[str]:
    """The list so far, with one word more; none stands there twice."""
    before, comma, last = prefix.rpartition(",")
    for word in _starting(last, words):
        if word not in before.split(","):
            yield f"{before}{comma}{word}"


def _paths(prefix: str, *, folders: bool = False) -> Iterator[str]:
    """Files and folders, or folders alone, that begin so; hidden ones if the dot is typed.

    Names that nobody can type are left out: one that is no UTF-8 would take all others with it.
    """
    parent, slash, name = prefix.rpartition("/")
    folder = os.path.expanduser(parent + slash) or "."  # noqa: PTH111  # ~nobody stays
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        hidden = entry.name.startswith(".") and not name.startswith(".")
        if entry.name.startswith(name) and not hidden and not _UNTYPABLE.search(entry.name):
            if entry.is_dir():
                yield f"{parent}{slash}{entry.name}/"
            elif not folders:
                yield f"{parent}{slash}{entry.name}"
