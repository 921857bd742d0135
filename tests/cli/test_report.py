"""``got-loaders report``: pages beside their readings, of what is read now or was kept."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from got_loaders import OcrRequest
from got_loaders.cli import main
from got_loaders.testing import FakeEngine
from tests.pages import making

Run = Callable[..., tuple[int, str, str]]


def reply(request: OcrRequest) -> str:
    """A heading, and what may not act."""
    return f"\\section*{{Read}} {request.images[0].width} <script>alert(1)</script>"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``got-loaders`` beside ``a.pdf``, of two pages, and ``broken.pdf``."""
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(making.pdf("one", "two"))
    Path("broken.pdf").write_bytes(b"%PDF-1.4 no more than that")

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(argv, engine=FakeEngine(reply))
        return code, *capsys.readouterr()

    return command


def test_files_are_read_and_shown(run: Run) -> None:
    """One file, named at the end; a page or file that fails is in it, and the exit code is 1."""
    code, out, err = run("report", "a.pdf", "-o", "a.html")
    assert (code, out) == (0, "")
    assert err.startswith("got-loaders: 2 pages: 2 read\ngot-loaders: written to a.html: 2 pages, ")
    html = Path("a.html").read_text("utf-8")
    assert html.count("<article") == 2
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    code, _, err = run("report", "a.pdf", "broken.pdf")
    assert code == 1
    assert "written to report.html: 3 pages, 1 to look at" in err
    assert "failed: broken.pdf: " in err
    assert Path("report.html").read_text("utf-8").index("broken.pdf") > 0
    assert run("report", "a.pdf", "-o", "a.html", "--quiet") == (0, "", "")
    assert run("report", "a.pdf", "-o", "a.pdf")[2].endswith(
        "a.pdf: it is one of the files to read\n"
    )


def test_a_report_can_be_split(run: Run) -> None:
    """Into a folder, by default beside the documents; the index is what is to be opened."""
    _, _, err = run("report", "a.pdf", "--split", "1", "--title", "Mine", "--order", "page")
    assert "written to report/index.html: 2 pages" in err
    names = sorted(path.name for path in Path("report").iterdir())
    assert names == ["index.html", "pages-1.html", "pages-2.html", "pictures"]
    assert "<title>Mine</title>" in Path("report/pages-2.html").read_text("utf-8")


def test_standard_input_has_its_picture(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was piped in can't be opened again, and need not be."""
    stdin = io.TextIOWrapper(io.BytesIO(making.pdf("piped")))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run("report", "-", "-o", "piped.html")[0] == 0
    assert Path("piped.html").read_text("utf-8").count("<img") == 2


def test_what_was_kept_is_shown_without_reading(run: Run) -> None:
    """The records of an earlier run, with pictures, and no word of a model."""
    run("read", "a.pdf", "--jsonl", "kept.jsonl")
    code, out, err = run("report", "--jsonl", "kept.jsonl", "-o", "kept.html", "--progress")
    assert (code, out) == (0, "")
    assert "written to kept.html: 2 pages" in err
    html = Path("kept.html").read_text("utf-8")
    assert html.count("<article") == 2
    assert html.count("<img") == 4
    assert "Markdown; the other forms are worked out from it" in html
    lines = Path("kept.jsonl").read_text("utf-8").splitlines()
    record = json.loads(lines[0])
    assert record["id"] in html
    Path("bad.jsonl").write_text(f"{lines[0]}\n{{}}\n")
    code, _, err = run("report", "--jsonl", "bad.jsonl")
    assert (code, err) == (
        2,
        "got-loaders: line 2 of bad.jsonl is no record of got-loaders read --jsonl\n",
    )
    assert run("report", "--jsonl", "kept.jsonl", "-o", "kept.jsonl")[0] == 2
    assert Path("kept.jsonl").read_text("utf-8").splitlines() == lines
