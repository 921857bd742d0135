"""The page about serving: it names what there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from got_loaders.cli import parser
from got_loaders.cli.completion import actions_of
from got_loaders.cli.help_texts import default_text
from got_loaders.cli.serve_flags import SERVER_FLAGS
from got_loaders.engine.remote.protocol import ERRORS
from got_loaders.server.chat.fields import USED
from got_loaders.server.settings import ServerSettings

TEXT = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")


def test_each_flag_stands_there_with_its_default() -> None:
    """What ``--help`` says, the page says."""
    rows = dict(re.findall(r"^\| `(--[a-z-]+)`.*? \| (.*?) \|", TEXT, re.MULTILINE))
    defaults = {field.name: default_text(field) for field in fields(ServerSettings)}
    for name, flag in SERVER_FLAGS.items():
        text = rows[flag.name or f"--{name.replace('_', '-')}"]
        assert defaults[name] in ("", f" (default: {text})"), name
    commands = next(a for a in parser()._actions if a.choices)
    assert isinstance(commands.choices, dict)
    for action in actions_of(commands.choices["serve"]):
        assert action.dest == "help" or f"`{action.option_strings[-1]}`" in TEXT


def test_each_error_and_field_stands_there() -> None:
    """Codes with their statuses, and the fields of a page."""
    for code, known in ERRORS.items():
        assert re.search(rf"^\| {known.status} \|.*`{code}`", TEXT, re.MULTILINE), code
    for name in set(USED) - {"messages"}:
        assert f"`{name}`" in TEXT, name


def test_every_setting_has_a_flag() -> None:
    """What Python can set, the command line can."""
    own = {"api_keys", "cache", "jobs", "replicas"}  # the last two are for others who run the app
    assert {field.name for field in fields(ServerSettings)} == {*SERVER_FLAGS, *own}
