"""What agents pass to a tool: checked against its signature, and told in words what is wrong.

Nothing is passed over: a misspelt ``page=`` would read all pages. The words are ours, for those of
a schema's checker name types of Python and link to its site.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from got_loaders._spelling import closest, did_you_mean
from got_loaders.errors import OptionError, printable, shown

__all__ = ["argument_model", "check_arguments", "wrong_arguments"]

STRICT = ConfigDict(
    extra="forbid",
    json_schema_extra=lambda schema: schema.pop("additionalProperties", None),
)
"""Unknown names are errors. The schema doesn't say so: some models' APIs refuse one that does."""

_KINDS = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "list": "a list",
    "finite": "a finite number",
}
"""What a value should be, by how the names of pydantic's errors begin."""


def argument_model(tool: Callable[..., object]) -> type[BaseModel]:
    """A model of a tool's arguments, made of its signature; ``self`` is none of them."""
    parameters = inspect.signature(tool).parameters.values()
    fields: dict[str, Any] = {
        each.name: (each.annotation, ... if each.default is each.empty else each.default)
        for each in parameters
        if each.name != "self"
    }
    name: str = getattr(tool, "__name__", "arguments")
    return create_model(name, __config__=STRICT, **fields)


def check_arguments(model: type[BaseModel], given: Mapping[str, object]) -> dict[str, Any]:
    """The ``given`` arguments in their right types; raises :class:`OptionError`."""
    try:
        checked = model.model_validate(dict(given))
    except ValidationError as error:
        raise OptionError(wrong_arguments(error, model)) from error
    return {name: getattr(checked, name) for name in checked.model_fields_set}


def wrong_arguments(error: Any, model: type[BaseModel]) -> str:  # of either pydantic
    """What is wrong with the arguments: each by its name, with what was given and what is right."""
    errors = [each for each in error.errors() if each["loc"]]
    missing = [str(each["loc"][0]) for each in errors if each["type"] == "missing"]
    unknown = [str(each["loc"][0]) for each in errors if each["type"] == "extra_forbidden"]
    texts, meant = [], set[str | None]()
    for name in unknown:
        meant.add(closest(name, model.model_fields))
        question = did_you_mean(name, model.model_fields, quoted=False)
        texts.append(f"{printable(name)}: there is no such argument{question}")
    texts += [f"{name} is missing{_right(model, name)}" for name in missing if name not in meant]
    others = [each for each in errors if each["type"] not in ("missing", "extra_forbidden")]
    texts += [_wrong_value(list(group), model) for _, group in groupby(others, _name)]
    text = "; ".join(texts) or "the arguments must be a JSON object"
    if not unknown:
        return text
    end = "" if text.endswith("?") else "."
    return f"{text}{end} The arguments: {', '.join(model.model_fields)}"


def _wrong_value(errors: list[Any], model: type[BaseModel]) -> str:
    """One argument; where it may be of several kinds there is an error for each."""
    first = errors[0]
    name = str(first["loc"][0])
    places = [f"[{part}]" for part in first["loc"][1:] if isinstance(part, int)]
    kinds = dict.fromkeys(_kind(each) for each in errors)
    allowed = first.get("ctx", {}).get("expected", "").replace("'", "").replace(" or ", ", ")
    question = ""
    if allowed and isinstance(first["input"], str):
        question = did_you_mean(first["input"], allowed.split(", "))
    what = f"{name}{''.join(places[:1])}={shown(first['input'])}: expected {' or '.join(kinds)}"
    return f"{what}{question}{_right(model, name)}"


def _name(error: Any) -> str:
    return str(error["loc"][0])


def _kind(error: Any) -> str:
    if error["type"] == "literal_error":
        return str(error["ctx"]["expected"])
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    kind = str(error["type"]).partition("_")[0]
    return _KINDS.get(kind, "another value")


def _right(model: type[BaseModel], name: str) -> str:
    """What the argument's description says."""
    field = model.model_fields.get(name)
    text = None if field is None else field.description
    return f" ({text.removesuffix('.')})" if text else ""
