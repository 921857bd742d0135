"""The library's messages in the command line's own words: ``--pages 0`` for ``pages=0``."""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import fields

from got_loaders.cli.serve_flags import SERVER_FLAGS
from got_loaders.errors import printable
from got_loaders.options import ReadOptions
from got_loaders.options.field import Flag

__all__ = ["in_flags"]


def in_flags(message: str, source: str | None = None) -> str:
    """``message`` with each option called by its flag; the name of its ``source`` stays as it is.

    So does what stands in quotation marks, which are values, and not names.
    """
    if source:
        named = printable(source)
        return named.join(in_flags(part) for part in message.split(named))
    translated = _TERM.sub(_translate, message)
    for words in _ABOUT_PYTHON:
        translated = translated.replace(words, "")
    return translated


_ABOUT_PYTHON = (" or None", "None or ", "True, ")
"""Values that are expected of code alone."""


def _value_flag(flags: tuple[Flag, ...], name: str) -> str:
    """The flag that takes the option's value, else its only one."""
    flag = next((flag for flag in reversed(flags) if flag.metavar is not None), flags[-1])
    return flag.name or f"--{name.replace('_', '-')}"


_FLAGS = {
    field.name: _value_flag(field.metadata["flags"], field.name)
    for field in fields(ReadOptions)
    if field.metadata["flags"]
}
_FLAGS |= {
    name: flag.name or f"--{name.replace('_', '-')}"
    for name, flag in SERVER_FLAGS.items()
    if name not in _FLAGS
}
_FLAGS |= {name: f"--{name.replace('_', '-')}" for name in ("model", "device", "max_batch_size")}
_FLAGS |= {"order": "--order", "picture_side": "--picture-side", "split": "--split"}
_FLAGS |= {"engine": "--engine", "api_key": "--api-key-file", "api_key_file": "--api-key-file"}

_CONSTANTS = {
    f"{field.name}={flag.const}": flag.name or f"--{field.name}"
    for field in fields(ReadOptions)
    for flag in field.metadata["flags"]
    if flag.metavar is None
} | {"crop_to_patches=True": "--crop yes", "crop_to_patches=False": "--crop no"}

_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_VALUE = (
    rf"""['"([][^:]*?…(?=:|$)|{_QUOTED}|Box\([^)]*\)"""
    r"|\((?:[^()]|\([^)]*\))*\)|\[[^]]*\]|[\w.+-]+|…|"
)
_TERM = re.compile(
    rf"(?<![\w./-])(?P<name>{'|'.join(_FLAGS)})=(?!EngineConfig\()(?P<value>{_VALUE})"
    rf"|{_QUOTED}"
    rf"|(?<![\w./-])(?P<bare>{'|'.join(name for name in _FLAGS if '_' in name)})(?![\w=])"
)
"""An option with its value; a quotation, which stays; an option's name that is no word besides."""


def _translate(match: re.Match[str]) -> str:
    if match["bare"]:
        return _FLAGS[match["bare"]]
    if not match["name"]:
        return match[0]
    if match[0] in _CONSTANTS:
        return _CONSTANTS[match[0]]
    value = match["value"].removeprefix("…")
    return f"{_FLAGS[match['name']]} {_typed(value)}".rstrip()


def _typed(value: str) -> str:
    """A value as it is typed in a shell."""
    if value.startswith("Box("):
        value = f"({re.sub(r'[a-z]+[01]?=|Box|[()]', '', value)})"
    try:
        parsed: object = ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value
    return _joined(parsed)


def _joined(value: object) -> str:
    if isinstance(value, tuple | list):
        separator = ";" if any(isinstance(part, tuple | list) for part in value) else ","
        return separator.join(map(_joined, value))
    if isinstance(value, float):
        return f"{value:g}"
    return shlex.quote(value) if isinstance(value, str) else str(value)
