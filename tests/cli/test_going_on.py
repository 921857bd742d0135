"""What ``got-loaders read`` writes before, and in spite of, an error; and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from got_loaders import OcrRequest
from got_loaders.cli import main
from got_loaders.testing import FakeEngine
from tests.pages import making

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def engine() -> FakeEngine:
    """Reads a word."""
    return FakeEngine("READ")


@pytest.fixture
def run(
    engine: FakeEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs ``got-loaders read`` beside the folder ``in``; gives its exit code, output and errors.

    In the folder: ``a.pdf``, which is good; ``b.pdf``, which is none; ``c.pdf``, of two pages.
    """
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.pdf").write_bytes(making.pdf("one"))
    Path("in/b.pdf").write_bytes(b"%PDF-1.7 broken")
    Path("in/c.pdf").write_bytes(making.pdf("two", "three"))

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(["read", *argv], engine=engine)
        return code, *capsys.readouterr()

    return command


def test_a_folder_is_read_in_spite_of_a_bad_file(run: Run) -> None:
    """All that can be read is; then a summary says once what failed, and the exit code is 1."""
    code, out, err = run("in")
    assert code == 1
    assert out.count("READ") == 3
    lines = err.splitlines()
    assert lines[:2] == [
        "got-loaders: 3 files, 3 pages: 3 read",
        "got-loaders: 1 file could not be opened",
    ]
    assert lines[2].startswith("got-loaders: failed: in/b.pdf: ")
    assert (len(lines), err.count("b.pdf")) == (3, 1)
    assert run("in/a.pdf", "in/b.pdf", "in/c.pdf", "--quiet") == (1, out, f"{lines[2]}\n")


@pytest.mark.parametrize("on_error", ["skip", "keep"])
def test_each_failure_is_told_once(run: Run, on_error: str) -> None:
    """Whatever is made of it, and wherever the records go."""
    for flags in ([], ["--jsonl", "out.jsonl"]):
        code, _, err = run("in", "--on-error", on_error, *flags)
        assert (code, err.count("b.pdf"), err.count("failed:")) == (1, 1, 1), flags
    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    errors = ["error" in json.loads(line)["metadata"] for line in lines]
    assert errors == ([False, True, False, False] if on_error == "keep" else [False] * 3)


@pytest.mark.parametrize(
    "flags", [[], ["--mode", "single"], ["--mode", "region", "--regions", "0,0,300,99"]]
)
def test_what_was_read_is_printed_before_the_error(run: Run, flags: list[str]) -> None:
    """Where an error ends the read: no record waits for the next one."""
    code, out, err = run("in", "--on-error", "raise", *flags)
    assert (code, out.count("READ"), err.count("\n"), err.count("in/b.pdf")) == (1, 1, 1, 1)


@pytest.mark.parametrize("flags", [[], ["--mode", "single"]])
def test_what_was_read_is_printed_before_the_next_is_there(
    run: Run, engine: FakeEngine, flags: list[str]
) -> None:
    """A page, or a file as a whole; so Ctrl-C loses none."""

    def reply(request: OcrRequest) -> str | KeyboardInterrupt:
        return "READ" if len(engine.requests) < 2 else KeyboardInterrupt()

    engine.reply = reply
    code, out, err = run("in", *flags)
    assert (code, out.count("READ")) == (130, 1)
    assert err.splitlines()[-1] == "got-loaders: interrupted"


def test_a_single_page_needs_no_header(run: Run) -> None:
    """But a folder's file does, even where it is the only one: nobody named it."""
    assert run("in/a.pdf") == (0, "READ\n", "")
    assert run("in/c.pdf", "--pages", "2") == (0, "READ\n", "")
    assert run("in", "--glob", "a.pdf")[1] == "<!-- in/a.pdf, page 1 of 1 -->\n\nREAD\n\n"


class _Tags(HTMLParser):
    """Collects a document's tags, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("on_error", ["skip", "raise"])
def test_html_of_several_pages_is_one_document(run: Run, on_error: str) -> None:
    """Also where an error ends it; names that hold tags or end comments stay names."""
    Path("in/a.pdf").rename("in/a--><b>&\n.pdf")
    code, out, _ = run("in", "--output", "html", "--on-error", on_error)
    assert code == 1
    tags = _Tags()
    tags.feed(out)
    assert tags.open == []
    assert out.startswith("<!DOCTYPE html>\n<html>")
    assert tags.seen.count("html") == 1
    assert (
        tags.seen.count("section") == tags.text.count("READ") == (1 if on_error == "raise" else 3)
    )
    assert "b" not in tags.seen
    assert "==>" not in out
    first = run("in", "--glob", "a*")[1].splitlines()[0]
    assert first == "<!-- in/a- -&gt;&lt;b&gt;&\\n.pdf, page 1 of 1 -->"
    assert run("in/c.pdf", "--output", "html", "--pages", "1")[1] == "<p>READ</p>\n"
