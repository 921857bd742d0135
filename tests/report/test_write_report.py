"""What was read is written as one file to look at, page beside reading, whatever it was."""

from __future__ import annotations

import errno
import gc
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from got_loaders import OcrResult, PageInfo, PageResult, ReadOptions, read, write_report
from got_loaders.errors import EngineError, OptionError
from got_loaders.report import write_report_of_records
from got_loaders.report.from_results import pages_of_results
from got_loaders.report.pictures import PagePictures
from got_loaders.report.values import ReportPage
from got_loaders.testing import FakeEngine
from tests.pages import making

READINGS = [
    OcrResult(text=r"\section*{One} \(x^2\)", confidence=0.99),
    OcrResult(text="two", finish_reason="repetition", confidence=0.97),
    OcrResult(text="three", confidence=0.3),
    OcrResult(text="four", confidence=0.99),
]
"""The second page went in circles, the third is unsure; the others are as they ought to be."""


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pages of 300 x 400 points with a square each."""
    path = tmp_path_factory.mktemp("documents") / "four.pdf"
    with making.pymupdf.open() as document:
        for number in range(4):
            page = document.new_page(width=300, height=400)
            page.draw_rect((40, 20, 90 + number, 60), fill=(0, 0, 0), width=0)
        document.save(path)
    return path


@pytest.fixture(scope="module")
def results(pdf: Path) -> list[PageResult]:
    """Those of its pages."""
    blank = list(read(pdf, engine=FakeEngine("text")))
    return [replace(one, ocr=ocr) for one, ocr in zip(blank, READINGS, strict=True)]


def names_in(folder: Path) -> list[str]:
    """Those of the files and folders in it."""
    return sorted(path.name for path in folder.iterdir())


def sizes(html: str) -> list[tuple[int, int]]:
    """Width and height of the pictures in a file."""
    return [
        (int(w), int(h)) for w, h in re.findall(r'<img[^>]* width="(\d+)" height="(\d+)"', html)
    ]


def places(html: str, *texts: str) -> list[int]:
    """Where the texts stand."""
    return [html.index(text) for text in texts]


def test_a_report_is_one_file_with_pages_beside_their_readings(
    results: list[PageResult], tmp_path: Path
) -> None:
    """Pictures are in it, at the size that was asked for; nothing else is written."""
    path = write_report(results, tmp_path / "report.html", picture_side=400, order="page")
    html = path.read_text("utf-8")
    assert path == tmp_path / "report.html"
    assert names_in(tmp_path) == ["report.html"]
    assert html.count("data:image/webp;base64,") >= 4
    assert (300, 400) in sizes(html)
    assert not re.search(r"(src|href)=[\"']?(https?:|//|file:)", html)
    found = places(html, ">One<", ">two<", ">three<", ">four<")
    assert found == sorted(found)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_doubtful_pages_come_first(results: list[PageResult], tmp_path: Path) -> None:
    """The worst flag first; pages without one stay in their order."""
    html = write_report(results, tmp_path / "report.html").read_text("utf-8")
    found = places(html, ">two<", ">three<", ">One<", ">four<")
    assert found == sorted(found)


def test_a_report_is_written_while_its_pages_are_read(pdf: Path, tmp_path: Path) -> None:
    """Results are taken as they come, and no two pages are kept."""
    path = tmp_path / "report.html"
    assert "four.pdf" in write_report(read(pdf, engine=FakeEngine("one")), path).read_text()


@pytest.mark.parametrize("split", [None, 10])
def test_memory_does_not_grow_with_the_pages(
    split: int | None, results: list[PageResult], tmp_path: Path
) -> None:
    """Of the pages that are written, none is kept."""
    kept = []

    def passing() -> Iterator[PageResult]:
        for number in range(30):
            live = [each for each in gc.get_objects() if type(each) in (PageResult, ReportPage)]
            kept.append(len(live))
            del live
            yield replace(results[number % 4], info=replace(results[0].info, number=number))

    write_report(passing(), tmp_path / "report", split=split, picture_side=0)
    assert max(kept[5:]) <= max(kept[:5])


def test_an_interrupted_report_leaves_the_older_one(
    results: list[PageResult], tmp_path: Path
) -> None:
    """Whatever ends the read: no half file, no temporary one, and the old report as it was."""
    path, folder = tmp_path / "report.html", tmp_path / "folder"
    path.write_text("old")

    def ending() -> Iterator[PageResult]:
        yield from results
        raise EngineError("the model is gone")

    for target, split in ((path, None), (folder, 2)):
        with pytest.raises(EngineError, match="is gone"):
            write_report(ending(), target, split=split)
    assert names_in(tmp_path) == ["report.html"]
    assert path.read_text() == "old"


def test_a_report_can_be_a_folder(results: list[PageResult], tmp_path: Path) -> None:
    """A file for so many pages, with pictures beside them, and an index; it can be replaced."""
    folder = tmp_path / "report"
    for _ in range(2):
        assert write_report(results, folder, split=3, title="My pages") == folder / "index.html"
    assert names_in(folder) == ["index.html", "pages-1.html", "pages-2.html", "pictures"]
    assert names_in(tmp_path) == ["report"]
    html = {path.name: path.read_text("utf-8") for path in folder.glob("*.html")}
    assert "pages-2.html#" in html["index.html"]
    assert ">three<" in html["pages-1.html"]
    assert ">four<" in html["pages-2.html"]
    pictures = re.findall(r'(?:src|href)="(pictures/[^"]+)"', "".join(html.values()))
    assert {*pictures} <= {f"pictures/{name}" for name in names_in(folder / "pictures")}
    with Image.open(folder / pictures[0]) as image:
        assert max(image.size) in (120, 1000)
    assert all("My pages" in text for text in html.values())
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(OptionError, match=r"'notes\.txt' in it is none of a report's files"):
        write_report(results, folder, split=3)


@pytest.mark.parametrize(
    "name", ["index.html", "pages-1.html", "pictures/grandma.jpg", "pictures/00001-1.webp/x"]
)
def test_a_folder_with_anything_else_is_never_replaced(
    name: str, results: list[PageResult], tmp_path: Path
) -> None:
    """Nor is a site of one's own, or an album, though their files be called as a report's."""
    path = tmp_path / "album" / name
    path.parent.mkdir(parents=True)
    path.write_text("<!doctype html>mine")
    stranger = re.escape("/".join(name.split("/")[:2]))
    with pytest.raises(OptionError, match=f"'{stranger}' in it is none of a report's files"):
        write_report(results, tmp_path / "album", split=3)
    assert path.read_text() == "<!doctype html>mine"


def test_what_was_put_into_the_folder_meanwhile_stays(
    results: list[PageResult], tmp_path: Path
) -> None:
    """The older report's folder is looked through again before it is replaced."""
    folder = tmp_path / "report"
    write_report(results, folder, split=3)

    def passing() -> Iterator[PageResult]:
        yield from results
        (folder / "notes.txt").write_text("mine")

    with pytest.raises(OptionError, match="notes"):
        write_report(passing(), folder, split=3)
    assert (folder / "notes.txt").read_text() == "mine"
    assert names_in(tmp_path) == ["report"]


def test_a_report_never_takes_the_place_of_what_it_is_made_from(
    results: list[PageResult], pdf: Path, tmp_path: Path
) -> None:
    """Neither of the document, wherever it is now, nor of the records, nor of their document."""
    mine, link = tmp_path / "scan.pdf", tmp_path / "link.html"
    mine.write_bytes(pdf.read_bytes())
    link.symlink_to(mine)
    records = tmp_path / "records.jsonl"
    record = {"id": "1", "text": "one", "metadata": {"source": str(mine), "page": 0}}
    records.write_text(json.dumps(record) + "\n")
    found = list(read(mine, engine=FakeEngine("one"), pages="1"))
    rooted = read("scan.pdf", engine=FakeEngine("one"), root=tmp_path)
    ways: list[Callable[[], object]] = [
        lambda: write_report(found, mine),
        lambda: write_report(found, link),
        lambda: write_report(rooted, mine, options=ReadOptions(root=tmp_path)),
        lambda: write_report(results, mine, source=str(mine)),
        lambda: write_report_of_records(records, records),
        lambda: write_report_of_records(records, mine),
    ]
    for way in ways:
        with pytest.raises(OptionError, match="it is one of the files to read"):
            way()
    assert mine.read_bytes() == pdf.read_bytes()
    assert json.loads(records.read_text()) == record
    assert names_in(tmp_path) == ["link.html", "records.jsonl", "scan.pdf"]


@pytest.mark.parametrize("split", [None, 2])
def test_a_full_disk_is_told_with_the_name(
    split: int | None,
    results: list[PageResult],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And leaves nothing behind."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("got_loaders.report.spool.Spool.add", full)
    with pytest.raises(OSError, match=r"No space left on device: .*report"):
        write_report(results, tmp_path / "report", split=split)
    assert names_in(tmp_path) == []


def test_a_document_that_is_not_there_any_more_leaves_its_readings(tmp_path: Path) -> None:
    """The page says why there is no picture, and has all the rest."""
    names = {"gone": making.pdf("a"), "changed": making.pdf("b"), "locked": making.locked_pdf("x")}
    for name, data in names.items():
        (tmp_path / f"{name}.pdf").write_bytes(data)
    options = ReadOptions(password="x")
    sources = [*(tmp_path / f"{name}.pdf" for name in names), names["gone"]]
    results = [r for each in sources for r in read(each, engine=FakeEngine("hi"), options=options)]
    (tmp_path / "gone.pdf").unlink()
    (tmp_path / "changed.pdf").write_bytes(making.pdf("another"))
    with PagePictures(options=ReadOptions()) as pictures:
        pages = [pictures.added_to(page, info) for info, page in pages_of_results(results)]
        reasons = [page.no_picture for page in pages]
    assert [page.readings[0].texts["text"] for page in pages] == ["hi"] * 4
    assert not any(page.pictures for page in pages)
    assert "there is no such file" in reasons[0]
    assert reasons[1].startswith("the file was changed since it was read")
    assert reasons[2] == "the document needs a password"
    assert "was read from bytes" in reasons[3]
    with PagePictures(options=ReadOptions(), source=names["gone"]) as pictures:
        ((info, page),) = pages_of_results(results[3:])
        assert pictures.added_to(page, info).pictures


def test_an_own_source_stands_for_one_document(
    results: list[PageResult], tmp_path: Path, pdf: Path
) -> None:
    """Of two documents it can't be told whose pages it has."""
    other = [replace(one, info=replace(one.info, source="other.pdf")) for one in results]
    with pytest.raises(OptionError, match="stands for one document"):
        write_report([*results, *other], tmp_path / "report.html", source=pdf)


def test_pages_without_pictures_and_no_pages_at_all_are_reports(
    results: list[PageResult], tmp_path: Path
) -> None:
    """With picture_side=0 no document is opened; and nothing that was read is a report as well."""
    path = tmp_path / "report.html"
    assert "data:image" not in write_report(results, path, picture_side=0).read_text("utf-8")
    failed = PageResult(info=PageInfo(source="x.pdf"), origin="failed", error="x.pdf: broken")
    assert "x.pdf" in write_report(failed, path).read_text("utf-8")
    assert "<html" in write_report([], path).read_text("utf-8")
    assert write_report([], tmp_path / "folder", split=5).exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": "worst"}, "order='worst': expected"),
        ({"picture_side": 49}, "picture_side=49: expected pixels, 50 to 4000"),
        ({"picture_side": True}, "picture_side=True"),
        ({"split": 0}, "split=0"),
        ({"title": 3}, "title=3: expected a text"),
        ({"split": 2, "path": "report.html"}, r"a folder: name one without \.html"),
        ({"path": "missing/report.html"}, "there is no folder"),
        ({"path": "."}, "it is a folder|name the report's file"),
        ({"path": "/dev/null"}, "is no file"),
        ({"results": "scan.pdf"}, r"results='scan\.pdf': expected PageResults"),
        ({"results": ["scan.pdf"]}, r"'scan\.pdf' is no PageResult"),
        ({"results": 3}, "results=3"),
    ],
)
def test_what_is_wrong_is_said(
    change: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read or written."""
    monkeypatch.chdir(tmp_path)
    settings: dict[str, Any] = {"results": [], "path": "report.html"} | change
    with pytest.raises(OptionError, match=message):
        write_report(**settings)
    assert names_in(tmp_path) == []
