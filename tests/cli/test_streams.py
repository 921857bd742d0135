"""The command line where standard streams are closed, broken or narrow."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from got_loaders import GotOcrLoader
from got_loaders.testing import FakeEngine
from tests.pages import making

ROOT = Path(__file__).parents[2]
CODE = """
import sys
from got_loaders.cli import console_main
from got_loaders.testing import FakeEngine
console_main(sys.argv[1:], engine=FakeEngine("1 ≤ 2 → 3"))
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(making.pdf("one", "two"))
    Path("run.py").write_text(CODE, encoding="utf-8")


def run(arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command by a shell."""
    return subprocess.run(
        f'"{sys.executable}" run.py {arguments}',
        shell=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )


@pytest.mark.parametrize(
    ("closed", "flags"),
    [(closed, "") for closed in ("2>&-", ">&-", "<&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-")]
    + [("2>&-", "--progress"), ("<&- >&- 2>&-", "--progress")],
)
def test_closed_streams_cost_nothing(closed: str, flags: str) -> None:
    """With a file for the records all is read and written, and nothing is printed into it."""
    done = run(f"read a.pdf --jsonl r.jsonl {flags} {closed}")
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stdout + done.stderr
    assert len(Path("r.jsonl").read_bytes().splitlines()) == 2
    assert done.stdout == b""


@pytest.mark.parametrize("flags", ["", "--jsonl -"])
def test_text_that_nobody_can_get_is_not_read(flags: str) -> None:
    """Where standard output is closed; the error says so."""
    done = run(f"read a.pdf {flags} >&-")
    assert done.returncode == 1
    assert done.stderr == (
        b"got-loaders: standard output is closed: nothing could be written there\n"
    )
    assert run("read a.pdf >&- 2>&-").returncode == 1


def test_errors_do_not_go_to_standard_output() -> None:
    """Where standard error is closed."""
    done = run("read missing.pdf 2>&-")
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "cp1252"])
def test_letters_that_an_encoding_lacks_are_said_to_be_escaped(encoding: str) -> None:
    """Once, whatever their number; nothing is said where there are none."""
    done = run("read a.pdf --output text", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert b"1 \\u2264 2 \\u2192 3" in done.stdout
    assert done.stderr.count(b"lacks some letters") == 1
    assert encoding.encode() in done.stderr
    html = run("read a.pdf --output html", PYTHONIOENCODING=encoding)
    assert (b"1 &#8804; 2" in html.stdout, html.stderr) == (True, b"")
    utf8 = run("read a.pdf --output text", PYTHONIOENCODING="utf-8")
    assert utf8.stderr == b""
    assert "1 ≤ 2 → 3" in utf8.stdout.decode("utf-8")


class Broken(io.StringIO):
    """A standard error whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def closed() -> io.StringIO:
    """A standard error that was closed."""
    file = io.StringIO()
    file.close()
    return file


@pytest.mark.parametrize("stderr", [None, closed(), Broken()])
def test_a_bar_that_can_t_be_drawn_costs_no_page(
    stderr: io.StringIO | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs without a console have no standard error."""
    monkeypatch.setattr(sys, "stderr", stderr)
    loader = GotOcrLoader(["a.pdf", "a.pdf"], engine=FakeEngine("READ"), progress=True)
    assert [document.page_content for document in loader.load()] == ["READ"] * 4
    lock: Any = importlib.import_module("tqdm").tqdm.get_lock()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(lock.acquire, blocking=False).result() is not False
        other.submit(lock.release).result()
