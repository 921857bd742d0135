"""The API reference is complete."""

from __future__ import annotations

import re
from pathlib import Path

import got_loaders

DOCS = Path(__file__).parents[1] / "docs"


def test_every_public_name_is_on_the_page() -> None:
    """Of the package, and of the modules that are public beside it."""
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    told = set(
        re.findall(r"^\.\. auto(?:class|function):: got_loaders\.(\w+)$", text, re.MULTILINE)
    )
    assert told == {*got_loaders.__all__} - {"__version__"}
    for module in ("got_loaders.markup", "got_loaders.errors", "got_loaders.testing"):
        assert module in text
