"""`got-loaders render` shows what a text denotes."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from got_loaders.cli import main


def test_a_text_becomes_a_page_or_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the suffix of the output; without one, the page goes to standard output."""
    page = tmp_path / "page.txt"
    page.write_text("\ufeffLet \\(x\\) be", encoding="utf-8")
    assert main(["render", str(page)]) == 0
    assert "<math>" in capsys.readouterr().out
    assert main(["render", str(page), "-o", str(tmp_path / "page.html")]) == 0
    assert "<title>page</title>" in (tmp_path / "page.html").read_text("utf-8")
    chart = tmp_path / "chart.json"
    chart.write_text('{"a": 1, "b": 2}', encoding="utf-8")
    assert main(["render", str(chart), "-o", str(tmp_path / "chart.svg")]) == 0
    assert (tmp_path / "chart.svg").read_text("utf-8").startswith("<svg")


def test_standard_input_is_rendered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that a reading can be looked at as soon as it is there; ``--kind`` says what it is."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"**bold**")))
    assert main(["render", "-", "--kind", "markdown"]) == 0
    assert "<strong>bold</strong>" in capsys.readouterr().out


def test_what_can_not_be_rendered_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page shows the source, the exit code is 1, and no picture is made."""
    broken = tmp_path / "broken.json"
    broken.write_text("no chart", encoding="utf-8")
    run = ["render", str(broken), "--kind", "chart", "-o"]
    assert main([*run, str(tmp_path / "a.svg")]) == 1
    assert main([*run, str(tmp_path / "a.html")]) == 1
    assert capsys.readouterr().err.count("not rendered: it is no dictionary of values") == 2
    assert not (tmp_path / "a.svg").exists()
    assert "no chart" in (tmp_path / "a.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "output", "said"),
    [
        ("none.txt", "a.html", "No such file"),
        ("scan.pdf", "a.html", "is read first"),
        ("a.txt", "a.docx", "must end in .html, .svg, .pdf"),
        ("a.html", "a.html", "is what is to be rendered"),
        ("a.txt", "a.pdf", "has a PDF"),
        ("a.txt", "a.svg", "there is no picture of 'text'"),
        ("a.txt", "none/a.html", "there is no folder"),
        ("kept.jsonl", "a.svg", "got-loaders report --jsonl"),
    ],
)
def test_wrong_files_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    output: str,
    said: str,
) -> None:
    """One line says what is wrong, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    for file in ("a.txt", "a.html"):
        Path(file).write_text("A", encoding="utf-8")
    Path("scan.pdf").write_bytes(b"%PDF-1.7\n\xff")
    Path("kept.jsonl").write_text('{"id": "1", "text": "A", "metadata": {"page": 1}}\n')
    assert main(["render", name, "-o", output]) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.html",
        "a.txt",
        "kept.jsonl",
        "scan.pdf",
    ]
    assert Path("a.html").read_text("utf-8") == "A"
