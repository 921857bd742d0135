"""The corpus run says what became of each file, and finds what it was made to find."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from benchmarks import _corpus_read, corpus
from benchmarks._corpus_pdfium import PdfiumDocument
from got_loaders import Box

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types


def write_pdf(path: Path, *texts: str, **options: object) -> None:
    """A PDF of a page for each text."""
    with pymupdf.open() as pdf:
        for text in texts:
            page = pdf.new_page(width=300, height=400)
            page.insert_text((40, 100), text, fontsize=20)
        pdf.save(path, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A few files, good and bad."""
    folder = tmp_path / "documents"
    (folder / "deeper").mkdir(parents=True)
    write_pdf(folder / "good.pdf", "Some words here", "")
    write_pdf(folder / "locked.pdf", "No", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x")
    (folder / "deeper" / "notes.txt").write_text("no document")
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).text((40, 60), "A picture", fill="black", font_size=30)
    image.save(folder / "picture.png")
    return folder


def test_all_files_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Outcomes of each way, and why the rest was not read."""
    results = folder.parent / "results.json"
    assert corpus.main([str(folder), "--json", str(results)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("4 files in")
    assert "| default | 2 | 2 | 0 | 1 | 0 |" in out
    assert "| text layer | 2 | 1 | 1 | 1 | 0 |" in out
    assert "encrypted" in out
    assert "words in no region: 0 of 3" in out
    assert "word recall 1.0000, precision 1.0000" in out
    runs = json.loads(results.read_text())["runs"]
    assert {(run["name"], run["way"]) for run in runs if run["outcomes"]} == {
        (name, way) for name in ("good.pdf", "picture.png") for way in _corpus_read.WAYS
    }


def test_an_untyped_error_is_a_failure(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, with its place, and the rest goes on."""

    def broken(path: Path, **options: object) -> object:
        raise ZeroDivisionError("of a reader's")

    monkeypatch.setattr(_corpus_read, "read", broken)
    assert corpus.main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert "none of the library's own: 12" in out
    assert "ZeroDivisionError: of a reader's at test_corpus.py" in out


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pdfium_s_boxes_are_those_of_the_page_as_it_is_shown(rotation: int, tmp_path: Path) -> None:
    """Whichever way it is turned, and wherever its corner lies."""
    path = tmp_path / "turned.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=300, height=400)
        page.insert_text((40, 100), "words", fontsize=20)
        page.set_cropbox(pymupdf.Rect(20, 30, 280, 390))
        page.set_rotation(rotation)
        matrix = page.rotation_matrix
        expected = pymupdf.Rect(page.get_text("words")[0][:4]) * matrix
        pdf.save(path)
    document = PdfiumDocument.open(path, None)
    assert document is not None
    (word,) = document.words(0)
    document.close()
    assert word.text == "words"
    assert Box(*expected.normalize()).intersection_area(word.box) > 0.9 * word.box.area


def test_an_empty_folder_is_said_to_be_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rather than that all is well."""
    assert corpus.main([str(tmp_path)]) == 2
    assert "no file" in capsys.readouterr().err
