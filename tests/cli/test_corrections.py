"""``got-loaders read --corrections FILE``: corrected records, the summary, and ``--resume``."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from got_loaders.cli import main
from got_loaders.results.corrections import (
    Corrected,
    Correction,
    load_corrections,
    reading_digest,
    save_corrections,
)
from got_loaders.testing import FakeEngine
from tests.pages import making

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def engine() -> FakeEngine:
    """Reads a heading."""
    return FakeEngine("\\title{Reprot}")


@pytest.fixture
def run(
    engine: FakeEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Reads ``a.pdf``, of three pages, into ``out``; its code and errors."""
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(making.pdf("one", "two", "three"))

    def command(*flags: str) -> tuple[int, str]:
        code = main(["read", "a.pdf", "--jsonl", "out", *flags], engine=engine)
        return code, capsys.readouterr().err

    return command


def lines() -> list[Any]:
    """The records that are there, by their pages."""
    found = [json.loads(line) for line in Path("out").read_bytes().splitlines()]
    return sorted(found, key=lambda record: str(record["metadata"].get("page")))


def texts() -> list[str]:
    """What they say."""
    return [record["text"] for record in lines()]


def correct(*pages: int, text: str = "right") -> None:
    """Correct pages of what is in ``out``, into ``c.jsonl``."""
    made = [
        Correction(
            corrected=Corrected(
                id=record["id"],
                page=record["metadata"]["page"],
                region=record["metadata"].get("region_index"),
                of="markdown",
                digest=reading_digest(record["text"]),
                source=record["metadata"]["source"],
            ),
            form="markdown",
            text=text,
        )
        for record in lines()
        if record["metadata"]["page"] in pages
    ]
    save_corrections("c.jsonl", made)


def test_a_record_is_corrected_and_counted(run: Run) -> None:
    """It keeps its id; the summary says how many there were."""
    run()
    before = lines()
    correct(1)
    assert run("--corrections", "c.jsonl") == (0, "got-loaders: 3 pages: 2 read, 1 corrected\n")
    assert texts() == ["# Reprot", "right", "# Reprot"]
    assert [record["id"] for record in lines()] == [record["id"] for record in before]


def test_what_was_left_over_is_told(run: Run, engine: FakeEngine) -> None:
    """Those of pages that were not read are counted; of one that changed there is a warning."""
    run()
    correct(0, 1, 2)
    code, told = run("--corrections", "c.jsonl", "--pages", "1")
    assert code == 0
    assert told.splitlines() == [
        "got-loaders: 1 page: 1 corrected",
        "got-loaders: 2 corrections of pages that were not among these",
    ]
    engine.reply = "other"
    _, told = run("--corrections", "c.jsonl", "--pages", "1")
    assert "a.pdf, page 1: a correction was left out: the page has changed since" in told


def test_a_resumed_run_corrects_what_is_there(run: Run, engine: FakeEngine) -> None:
    """Pages that a correction names are read again, and no other; what is in the cache costs no
    reading. Without the corrections, what was read is there again."""
    run("--cache-dir", "kept")
    correct(1)
    engine.requests.clear()
    flags = ["--resume", "--cache-dir", "kept"]
    told = run("--corrections", "c.jsonl", *flags)[1]
    assert told == "got-loaders: 1 page: 1 corrected; done before: 2\n"
    assert texts() == ["# Reprot", "right", "# Reprot"]
    first = Path("c.jsonl").read_bytes()
    correct(1, text="better")  # what was corrected, which is no reading: both go together
    Path("both.jsonl").write_bytes(first + Path("c.jsonl").read_bytes())
    run("--corrections", "both.jsonl", *flags)
    assert texts() == ["# Reprot", "better", "# Reprot"]
    told = run(*flags)[1]
    assert told == "got-loaders: 1 page: 1 from the cache; done before: 2\n"
    assert texts() == ["# Reprot"] * 3
    assert engine.requests == []


@pytest.mark.parametrize("flags", [["--pages", "1"], ["--pages", "1", "--corrections", "c.jsonl"]])
def test_what_is_not_read_again_is_not_taken_out(run: Run, flags: list[str]) -> None:
    """Who goes on with other pages, or with other files, loses no record, corrected or not."""
    run()
    correct(1)
    before = texts()
    run(*flags, "--resume")
    assert texts() == before
    run("--corrections", "c.jsonl", "--resume")
    before = texts()
    assert before.count("right") == 1
    run(*flags, "--resume")
    assert texts() == before
    Path("b.pdf").write_bytes(making.pdf("four"))
    argv = ["read", "b.pdf", "--jsonl", "out", "--resume", "--corrections", "c.jsonl", "--quiet"]
    assert main(argv, engine=FakeEngine("new")) == 0
    assert sorted(texts()) == sorted([*before, "new"])


def test_regions_are_resumed_and_corrected(run: Run) -> None:
    """All of a page's are read again, with the corrected one in its place."""
    flags = ["--mode", "region", "--regions", "0,0,200,60;0,30,200,100", "--pages", "1-2"]
    run(*flags)
    correct(0)
    before = [record["id"] for record in lines()]
    save_corrections("c.jsonl", load_corrections("c.jsonl")[1:])
    run(*flags, "--resume", "--corrections", "c.jsonl")
    assert sorted(texts()) == ["# Reprot"] * 3 + ["right"]
    assert sorted(record["id"] for record in lines()) == sorted(before)
    (right,) = (record for record in lines() if record["text"] == "right")
    assert (right["metadata"]["page"], right["metadata"]["region_index"]) == (0, 1)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--jsonl", "new", "--corrections", "gone"], "--corrections gone: can't be read: No such"),
        (["--jsonl", "new", "--corrections", "a.pdf"], "--corrections a.pdf: line 1: it is not"),
        (["--jsonl", "new", "--corrections", "out"], "out: line 1: page and region missing"),
        (["--jsonl", "new", "--corrections", ""], "--corrections ''"),
        (["-o", "c.jsonl", "--corrections", "c.jsonl"], "-o c.jsonl: it holds the corrections"),
    ],
)
def test_a_wrong_file_ends_the_run_before_it_begins(
    run: Run, engine: FakeEngine, capsys: pytest.CaptureFixture[str], flags: list[str], message: str
) -> None:
    """Nothing is read, and what was written stays; so does what people corrected."""
    run()
    correct(1)
    engine.requests.clear()
    before = Path("c.jsonl").read_bytes()
    assert main(["read", "a.pdf", *flags], engine=engine) == 2
    assert message in capsys.readouterr().err
    assert engine.requests == []
    assert Path("c.jsonl").read_bytes() == before
    assert not Path("new").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_corrections_may_come_from_a_pipe(run: Run) -> None:
    """As a shell's ``<(…)`` gives one: it is read once, also by a run that is resumed."""
    run()
    correct(2)
    data = Path("c.jsonl").read_bytes()
    os.mkfifo("pipe")
    feeder = threading.Thread(target=lambda: Path("pipe").write_bytes(data))
    feeder.start()
    assert run("--resume", "--corrections", "pipe")[0] == 0
    feeder.join(60)
    assert texts() == ["# Reprot", "# Reprot", "right"]
