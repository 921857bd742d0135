"""The example of a worker: a real one, in a process of its own, with a broker of folders."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from got_loaders.testing import FakeEngine
from tests.pages import making

EXAMPLES = Path(__file__).parents[2] / "examples"

SETTINGS = """
from celery_worker import app, read_document

app.conf.update(
    broker_url="filesystem://",
    result_backend="file://{folder}/results",
    broker_transport_options=dict(
        data_folder_in="{folder}/queue",
        data_folder_out="{folder}/queue",
        control_folder="{folder}/control",
        store_processed=False,
    ),
)
"""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The example's tasks; a worker with threads does them until the test is over."""
    for name in ("queue", "control", "results", "scans"):
        (tmp_path / name).mkdir()
    (tmp_path / "worker_here.py").write_text(SETTINGS.format(folder=tmp_path))
    monkeypatch.setenv("SCANS", str(tmp_path / "scans"))
    monkeypatch.setenv("GOT_CACHE", str(tmp_path / "cache"))
    for folder in (EXAMPLES, tmp_path):
        monkeypatch.syspath_prepend(str(folder))
    command = [sys.executable, "-m", "celery", "-A", "worker_here", "worker"]
    command += ["--pool", "threads", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    paths = os.pathsep.join(map(str, (tmp_path, EXAMPLES, EXAMPLES.parent)))
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [*command, "--without-heartbeat", "--loglevel", "WARNING"],
            env={**os.environ, "PYTHONPATH": paths, "C_FORCE_ROOT": "1"},
            cwd=tmp_path,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield importlib.import_module("worker_here")
        finally:
            worker.terminate()
            worker.wait(60)
            for name in ("worker_here", "celery_worker"):
                sys.modules.pop(name, None)


def test_a_worker_reads_documents(tasks: Any, tmp_path: Path) -> None:
    """It says how far it is, a task that is done again reads nothing again, and a file that can't
    be read, or lies elsewhere, is told in the result."""
    sample = importlib.import_module("sample_pages")
    sample.write_image(tmp_path / "scans" / "notice.png")
    (tmp_path / "scans" / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "secret.pdf").write_bytes(making.pdf("secret"))
    names = ("notice.png", "bad.pdf", "../secret.pdf")
    first, bad, outside = (tasks.read_document.delay(name) for name in names)
    done = first.get(timeout=300)
    assert [page["page"] for page in done["pages"]] == [1]
    assert "Notice" in done["pages"][0]["text"]
    assert not done["pages"][0]["cached"]
    again = tasks.read_document.delay("notice.png").get(timeout=300)
    assert again["pages"] == [{**done["pages"][0], "cached": True}]
    for task, told in [(bad, "damaged"), (outside, "outside of the folder")]:
        (page,) = task.get(timeout=300)["pages"]
        assert (page["page"], page["text"]) == (None, "")
        assert told in page["error"]


def test_progress_and_an_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each page is reported with the total; a document that takes too long is given up."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setenv("SCANS", str(tmp_path))
    monkeypatch.setenv("GOT_CACHE", str(tmp_path / "cache"))
    example: Any = importlib.import_module("celery_worker")
    sys.modules.pop("celery_worker")
    example.CONFIG = FakeEngine("read")
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two", "three"))
    told = list[Any]()
    monkeypatch.setattr(example.read_document, "update_state", lambda **state: told.append(state))
    assert len(example.read_document.run("a.pdf", pages="1-2")["pages"]) == 2
    expected = [{"done": done, "total": 2} for done in (1, 2)]
    assert told == [{"state": "PROGRESS", "meta": meta} for meta in expected]
    monkeypatch.setattr(example, "LIMIT_S", -1.0)
    with pytest.raises(example.OutOfTimeError, match=r"a\.pdf: more than -1 s, after 1 pages"):
        example.read_document.run("a.pdf")
