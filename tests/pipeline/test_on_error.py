"""``on_error`` means the same wherever it is given: loader, reader, parser, tool, command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents.base import Blob
from langchain_core.tools import ToolException

from got_loaders import GotOcrLoader, GotOcrParser, GotOcrReader, GotOcrTool, read
from got_loaders.cli import main
from got_loaders.errors import GotLoadersError
from got_loaders.options import OnError
from got_loaders.testing import FakeEngine
from tests.pages import making

Told = list[tuple[Any, bool]]
Way = Callable[[str, OnError], Told]


def engine() -> FakeEngine:
    """Can't read the second page."""
    fake = FakeEngine()
    fake.reply = lambda request: RuntimeError("hard") if len(fake.requests) == 2 else "text"
    return fake


def told(metadata: list[dict[str, Any]]) -> Told:
    """Of each Document its page, and whether it carries an error."""
    return [(each.get("page"), "error" in each) for each in metadata]


def by_read(path: str, on_error: OnError) -> Told:
    results = read(path, engine=engine(), on_error=on_error)
    return [(result.info.number, result.error is not None) for result in results]


def by_loader(path: str, on_error: OnError) -> Told:
    documents = GotOcrLoader(path, engine=engine(), on_error=on_error).load()
    return told([document.metadata for document in documents])


def by_parser(path: str, on_error: OnError) -> Told:
    documents = GotOcrParser(engine=engine(), on_error=on_error).parse(Blob(path=path))
    return told([document.metadata for document in documents])


def by_reader(path: str, on_error: OnError) -> Told:
    documents = GotOcrReader(engine=engine(), on_error=on_error).load_data(path)
    return told([document.metadata for document in documents])


def by_tool(path: str, on_error: OnError) -> Told:
    tool = GotOcrTool(root=Path(), engine=engine(), on_error=on_error)
    try:
        _, documents = tool._run(path)
    except ToolException as error:
        raise GotLoadersError(str(error)) from error
    return told([document.metadata for document in documents])


def by_command(path: str, on_error: OnError) -> Told:
    argv = ["read", path, "--jsonl", "out", "--on-error", on_error, "--quiet"]
    assert main(argv, engine=engine()) == 1
    if on_error == "raise":
        raise GotLoadersError("see above")
    lines = Path("out").read_text().splitlines() if Path("out").exists() else []
    return told([json.loads(line)["metadata"] for line in lines])


WAYS = [by_read, by_loader, by_parser, by_reader, by_tool, by_command]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF of three pages, and one that can't be opened."""
    monkeypatch.chdir(tmp_path)
    Path("good.pdf").write_bytes(making.pdf("one", "two", "three"))
    Path("bad.pdf").write_bytes(b"%PDF-1.7 broken")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("path", "on_error", "expected"),
    [
        ("good.pdf", "keep", [(0, False), (1, True), (2, False)]),
        ("good.pdf", "skip", [(0, False), (2, False)]),
        ("bad.pdf", "keep", [(None, True)]),
        ("bad.pdf", "skip", []),
    ],
)
def test_going_on(way: Way, path: str, on_error: OnError, expected: Told) -> None:
    """A page or file that failed is an empty Document that says why, or is left out.

    A tool has nothing to tell of a file that can't be opened but the error.
    """
    if (way, path, on_error) == (by_tool, "bad.pdf", "keep"):
        with pytest.raises(GotLoadersError, match=r"^bad\.pdf: "):
            way(path, on_error)
        return
    assert way(path, on_error) == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["good.pdf", "bad.pdf"])
def test_raising(way: Way, path: str) -> None:
    """The first error ends it."""
    with pytest.raises(GotLoadersError):
        way(path, "raise")
