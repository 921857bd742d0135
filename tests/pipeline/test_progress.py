"""The progress of a read: files and pages, counted honestly, on a bar that is alive."""

from __future__ import annotations

import io
import re
import sys
import threading
import time
from pathlib import Path

import pytest

from got_loaders import ProgressEvent
from got_loaders.engine import EngineConfig
from got_loaders.options import ReadOptions
from got_loaders.pipeline.reader import ReadJob
from got_loaders.testing import FakeEngine
from got_loaders.types import Engine
from tests.fakes import FakeDocument, opener

NAMES = ["a.pdf", "b\x1b[31m\n.pdf", "no.pdf", f"in/{'long' * 20}.pdf"]


def job(
    source: object = tuple(NAMES), engine: Engine | EngineConfig | None = None, **options: object
) -> ReadJob:
    """Reads three documents of 2, 1 and 4 pages, and one that can't be opened."""
    counts = {NAMES[0]: 2, NAMES[1]: 1, NAMES[3]: 4}
    files = [FakeDocument(count, name=name) for name, count in counts.items()]
    values = ReadOptions(**{"progress": True, "on_error": "skip", **options})  # type: ignore[arg-type]
    return ReadJob(source, None, engine or FakeEngine(), values, opener=opener(*files))


class Terminal(io.StringIO):
    """Standard error or output that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_files_are_counted_and_no_percentage_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is as much as another; its pages move the bar within. Names take one line."""
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr("got_loaders.pipeline.bar._LEAST_SECONDS", 0)  # draw each step
    list(job().results())
    drawn = re.findall(r"\r *(\d+)%\|.*?\| (.*?) \[", err.getvalue())
    percentages = [int(percentage) for percentage, _ in drawn]
    assert percentages == sorted(percentages)
    assert drawn[-1] == ("100", "4/4 files, 7 pages, 1 failed")
    texts = [text for _, text in drawn]
    assert texts[0] == "0/4 files, 0 pages, a.pdf"
    assert any(text.startswith("1/4 files, 2 pages, b\\x1b[31m\\n.pdf") for text in texts)
    assert any("...ng" in text and "long.pdf 1/4, 1 failed" in text for text in texts)


def test_one_file_counts_its_pages(capsys: pytest.CaptureFixture[str]) -> None:
    """And what nobody can count beforehand has no percentage: an iterator is taken as it comes."""
    list(job("a.pdf").results())
    assert "| 2/2 pages [" in capsys.readouterr().err
    list(job(iter(NAMES[:2])).results())
    last = capsys.readouterr().err.split("\r")[-1]
    assert last.startswith("2 files, 3 pages [")


def test_events_count_files() -> None:
    """Also where nothing was told before the first page."""
    events: list[ProgressEvent] = []
    list(job(progress=events.append).results())
    assert [event.files_done for event in events] == [0, 1, 2, 3, 3, 3, 3, 4]
    assert {event.files_total for event in events} == {4}
    events.clear()
    list(job(iter(NAMES), progress=events.append).results())
    assert [(event.files_done, event.files_total) for event in events[-2:]] == [
        (3, None),
        (4, None),
    ]


def test_loading_the_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal sees what it waits for, and the seconds go on."""
    err, waited = Terminal(), threading.Event()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr("got_loaders.pipeline.bar._SECONDS", 0.01)

    def load(_config: EngineConfig) -> FakeEngine:
        deadline = time.monotonic() + 60
        while err.getvalue().count("loading the model") < 3 and time.monotonic() < deadline:
            waited.wait(0.01)
        return FakeEngine()

    monkeypatch.setattr("got_loaders.engine.shared_engine", load)
    list(job("a.pdf", EngineConfig(model="tiny")).results())
    assert err.getvalue().count("0/2 pages, a.pdf, loading the model") >= 3
    assert "loading" not in err.getvalue().split("\r")[-1]
    assert not any(thread.name == "got_loaders bar" for thread in threading.enumerate())


def test_a_read_that_has_nothing_to_do_leaves_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that was done before; not one bar a file either."""
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    options = ReadOptions(progress=True)
    done = ReadJob(NAMES, None, FakeEngine(), options, skip=lambda *_: True)
    assert list(done.results()) == []
    assert "\n" not in err.getvalue()
    assert err.getvalue().split("\r")[-2].strip() == ""


def test_text_and_bar_share_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The bar makes room for each text, and stands below it again."""
    from got_loaders.cli import main
    from tests.pages import making

    both = Terminal()
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(making.pdf("one", "two"))
    monkeypatch.setattr(sys, "stderr", both)
    monkeypatch.setattr(sys, "stdout", both)
    assert main(["read", "a.pdf", "--output", "text"], engine=FakeEngine("READ")) == 0
    lines = [re.sub(r".*\r", "", line) for line in both.getvalue().split("\n")]
    text = ["==> a.pdf, page 1 of 2 <==", "READ", "", "==> a.pdf, page 2 of 2 <==", "READ", ""]
    assert lines[:-2] == text
    assert "2/2 pages" in lines[-2]
