"""Files that change while they are read: no Document is made of two versions in silence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from got_loaders import GotOcrLoader, GotOcrReader
from got_loaders.cli import main
from got_loaders.errors import PageError
from got_loaders.sources import file_version
from got_loaders.sources.source import Source
from got_loaders.testing import FakeEngine
from tests.pages import making

PAGES = 12
OLD, NEW = (making.pdf(*(f"{word} {n}" for n in range(PAGES))) for word in ("Old", "New"))
TIFF = making.frames("TIFF", *["red"] * PAGES)
OTHER_TIFF = making.frames("TIFF", *["blue"] * PAGES)
WORDS = "was changed or removed while it was read; read it again"


def overwrite(path: Path, data: bytes) -> None:
    """In place, as an editor that saves does."""
    path.write_bytes(data)


def exchange(path: Path, data: bytes) -> None:
    """By another file of that name."""
    other = path.with_name("other")
    other.write_bytes(data)
    other.replace(path)


def truncate(path: Path, data: bytes) -> None:
    """As a copy that begins anew does."""
    os.truncate(path, 100)


def append(path: Path, data: bytes) -> None:
    """As a writer that is not done yet does."""
    with path.open("ab") as file:
        file.write(data)


def remove(path: Path, data: bytes) -> None:
    """It is gone."""
    path.unlink()


Change = Callable[[Path, bytes], None]
CHANGES = [overwrite, exchange, truncate, append, remove]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", ["pdf", "tif"])
@pytest.mark.parametrize("options", [{}, {"text_layer": "auto"}, {"regions": "auto"}])
def test_pages_after_a_change_are_errors(
    tmp_path: Path, change: Change, kind: str, options: dict[str, Any]
) -> None:
    """Those before it stay what they were; with ``on_error="keep"`` each of the others says so."""
    path = tmp_path / f"a.{kind}"
    path.write_bytes(OLD if kind == "pdf" else TIFF)
    engine = FakeEngine("Old")
    loader = GotOcrLoader(path, engine=engine, on_error="keep", **options)
    documents = loader.lazy_load()
    first = next(documents)
    change(path, NEW if kind == "pdf" else OTHER_TIFF)
    rest = list(documents)
    assert "error" not in first.metadata
    told = ["error" in document.metadata for document in rest]
    assert 0 < told.count(True) < PAGES
    assert told == sorted(told)  # none is read after one that failed
    assert all(WORDS in d.metadata["error"] for d in rest if "error" in d.metadata)
    assert "New" not in "".join(document.page_content for document in rest)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_ends_a_read(tmp_path: Path, change: Change) -> None:
    """By default; a reader of LlamaIndex, too."""
    path = tmp_path / "a.pdf"
    path.write_bytes(OLD)
    documents = GotOcrReader(engine=FakeEngine("text")).lazy_load_data(path)
    next(documents)
    change(path, NEW)
    with pytest.raises(PageError, match=WORDS):
        list(documents)


def test_a_second_attempt_does_not_read_another_version(tmp_path: Path) -> None:
    """What is opened again for it is the file that was begun, or nothing."""
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf("Old"))

    def reply(request: object) -> Exception:
        path.write_bytes(making.pdf("New"))
        return RuntimeError("hard")

    engine = FakeEngine(reply)
    loader = GotOcrLoader(path, engine=engine, text_layer="fallback", on_error="keep")
    (document,) = loader.load()
    assert "New" not in document.page_content
    assert document.metadata["ocr_origin"] == "failed"


@pytest.mark.parametrize("kind", ["pdf", "tif"])
def test_leaving_the_folder_while_its_files_are_read_is_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A relative path goes on to mean the file that was opened, in second attempts, too."""
    data = OLD if kind == "pdf" else TIFF
    Path(tmp_path, f"a.{kind}").write_bytes(data)
    monkeypatch.chdir(tmp_path)
    loader = GotOcrLoader(
        f"a.{kind}", engine=FakeEngine(RuntimeError("hard")), text_layer="fallback", on_error="keep"
    )
    documents = loader.lazy_load()
    found = [next(documents)]
    monkeypatch.chdir("/")
    found += documents
    assert len(found) == PAGES
    assert WORDS not in str([document.metadata for document in found])
    assert [d.page_content for d in found if kind == "pdf"] == [
        f"Old {n}" for n in range(PAGES) if kind == "pdf"
    ]


def test_a_resumed_run_reads_pages_that_a_change_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are failed ones; the cache has kept nothing under another's name."""
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(OLD)
    replies = iter(range(1000))

    def reply(request: object) -> str:
        if next(replies) == 0:
            Path("a.pdf").write_bytes(NEW)
        return "read"

    command = [
        "read",
        "a.pdf",
        "--jsonl",
        "r",
        "--resume",
        "--on-error",
        "keep",
        "--cache-dir",
        "c",
    ]
    assert main(command, engine=FakeEngine(reply)) == 1
    assert 0 < Path("r").read_text().count(WORDS) < PAGES
    assert main(command, engine=FakeEngine(reply)) == 0
    assert Path("r").read_text().count(WORDS) == 0
    assert len(Path("r").read_text().splitlines()) == PAGES


def test_reading_a_file_does_not_change_it(tmp_path: Path) -> None:
    """Nor does what concerns its name alone: other links, permissions, another time of access."""
    path = tmp_path / "a.pdf"
    path.write_bytes(OLD)
    documents = GotOcrLoader(path, engine=FakeEngine("text")).lazy_load()
    next(documents)
    os.link(path, tmp_path / "b.pdf")
    path.chmod(0o600)
    os.utime(path, ns=(0, path.stat().st_mtime_ns))
    assert len(list(documents)) == PAGES - 1


def test_what_is_no_file_has_no_version(tmp_path: Path) -> None:
    """Bytes don't change, and what is not there can't be told from what is gone."""
    assert file_version(Source(name="x", data=b"x")) is None
    assert file_version(Source(name="x", path=tmp_path / "missing")) is None
