"""`got-loaders sample` writes documents that tiny reads, and replaces nothing."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from got_loaders import read
from got_loaders.cli import main


def test_the_sample_is_read_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three scanned pages and a picture; headings, a table and a formula are found by tiny."""
    folder = tmp_path / "try it"
    assert main(["sample", str(folder)]) == 0
    told = capsys.readouterr().out
    results = [*read(folder / "scan.pdf", model="tiny"), *read(folder / "notice.png", model="tiny")]
    sure = [result.ocr for result in results if result.ocr and (result.ocr.confidence or 0) > 0.9]
    texts = [ocr.text for ocr in sure]
    assert len(texts) == len(results) == 4
    for text, part in zip(
        texts, ("\\title{Annual Report}", "\\begin{tabular}", "^{2}", "closed"), strict=True
    ):
        assert part in text
    assert f"  got-loaders read {shlex.quote(str(folder / 'scan.pdf'))} --model tiny\n" in told


def test_the_sample_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of that name stays, and none is written beside it; a file is no folder, nor is ""."""
    (tmp_path / "notice.png").write_text("mine", encoding="utf-8")
    assert main(["sample", str(tmp_path)]) == 2
    assert main(["sample", str(tmp_path / "notice.png")]) == 2
    assert main(["sample", ""]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["notice.png"]
    assert (tmp_path / "notice.png").read_text(encoding="utf-8") == "mine"
    told = capsys.readouterr().err.splitlines()
    assert told[0].endswith("notice.png is there already; name another folder")
    assert told[1].endswith("it is no folder")
    assert "the name is empty" in told[2]
