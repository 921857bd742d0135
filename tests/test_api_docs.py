"""The API reference is complete, and the documentation builds as a site."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import got_loaders
from got_loaders import errors

pytest.importorskip("myst_parser")

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


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """Every link leads somewhere, every docstring is well-formed, every page is in the contents."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    built = subprocess.run(
        [*command, "-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "site")],
        capture_output=True,
        text=True,
        check=False,
        cwd=DOCS.parent,
    )
    assert (built.returncode, built.stderr) == (0, "")
    page = (tmp_path / "site" / "api.html").read_text(encoding="utf-8")
    for name in got_loaders.__all__:
        assert f'id="got_loaders.{name}"' in page or name == "__version__"
    for name in errors.__all__:
        assert f'id="got_loaders.errors.{name}"' in page or name == "printable"
    contents = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    for markdown in DOCS.glob("*.md"):
        assert f'href="{markdown.stem}.html"' in contents or markdown.stem == "index"
