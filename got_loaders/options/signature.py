"""Shows the options as parameters, with their texts, to notebooks, editors and ``help()``.

Type checkers read ``**overrides: Unpack[ReadOverrides]``. What looks at the running program would
see no name there; it gets them from the fields of :class:`ReadOptions`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from functools import cache
from inspect import Parameter
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

from got_loaders.options import read
from got_loaders.options.field import Group
from got_loaders.options.read import ReadOptions

__all__ = ["option_meanings", "with_option_parameters"]

F = TypeVar("F", bound=Callable[..., Any])

_WIDTH = 88
_MAX_ANNOTATION = 60
"""Characters; of a longer type its name is shown."""


def with_option_parameters(
    *,
    first: tuple[str, ...] = (),
    left_out: Collection[str] = (),
    defaults: Mapping[str, object] = MappingProxyType({}),
) -> Callable[[F], F]:
    """The decorator of a function that takes options as ``**overrides``.

    Its signature gets a parameter for each but those ``left_out``, those in ``first`` before its
    other keywords, with ``defaults`` where they differ; their meanings are added to its docstring.
    """

    def decorate(function: F) -> F:
        options = _parameters(defaults)
        for name in left_out:
            del options[name]
        meanings = _meanings_text(frozenset(options))
        signature = inspect.signature(function)
        own = [p for p in signature.parameters.values() if p.kind is not Parameter.VAR_KEYWORD]
        keywords = [p for p in own if p.kind is Parameter.KEYWORD_ONLY]
        parameters = [
            *(parameter for parameter in own if parameter not in keywords),
            *(options.pop(name) for name in first),
            *keywords,
            *options.values(),
        ]
        function.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # inspect looks for it
        function.__doc__ = f"{inspect.getdoc(function) or ''}\n\n{meanings}".strip()
        return function

    return decorate


@cache
def option_meanings() -> dict[str, str]:
    """What each option means: the text below its field. Empty where there is no source code."""
    try:
        tree = ast.parse(Path(read.__file__).read_text(encoding="utf-8"))
    except OSError:
        return {}
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    return {
        ast.unparse(field.target): " ".join(str(ast.literal_eval(text.value)).split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


def _parameters(defaults: Mapping[str, object]) -> dict[str, Parameter]:
    hints = get_type_hints(ReadOptions)
    return {
        field.name: Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=defaults.get(field.name, field.default),
            annotation=_annotation(field.type, hints[field.name]),
        )
        for field in fields(ReadOptions)
    }


def _annotation(name: object, hint: object) -> object:
    """The words that there are to choose from rather than their type's name, if they are few."""
    return hint if len(inspect.formatannotation(hint)) <= _MAX_ANNOTATION else name


@cache
def _meanings_text(names: frozenset[str]) -> str:
    """A definition list, in the order of the docs."""
    meanings = option_meanings()
    lines = ["Options, the fields of :class:`ReadOptions`; wrong ones raise ``OptionError``:", ""]
    for group in get_args(Group):
        for field in fields(ReadOptions):
            if field.name in names and field.metadata["group"] == group:
                meaning = textwrap.wrap(
                    meanings.get(field.name, group), _WIDTH, break_on_hyphens=False
                )
                lines += [field.name, *(f"    {line}" for line in meaning)]
    return "\n".join(lines)
