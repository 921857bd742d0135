"""A report shows figures that were kept, and says by what its readings can be corrected."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from PIL import Image

from got_loaders import OcrResult, PageInfo, PageResult, ReadOptions, Region, read, write_report
from got_loaders.cli import main
from got_loaders.report.from_records import pages_of_records
from got_loaders.report.from_results import page_of_results
from got_loaders.report.record_file import RecordFile
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, Figure
from tests.pages import making


def with_figure(path: str, file: str | None) -> PageResult:
    """A result whose picture is kept there."""
    figure = Figure(path=path, file=file, width=4, height=3, media_type="image/png", caption="<b>")
    region = Region(box=Box(0, 0, 9, 9), type="figure")
    info = PageInfo(source="a.pdf", number=0, width=90, height=90)
    return PageResult(
        info=info, region=region, region_index=0, ocr=OcrResult(text="Bars"), figure=figure
    )


def test_a_figure_is_inside_the_report(tmp_path: Path) -> None:
    """Whether it was kept as a file or in the text; of one that is gone the reading is left."""
    file = tmp_path / "a b.png"
    Image.new("RGB", (4, 3), "teal").save(file)
    (kept,) = page_of_results([with_figure("figures/a b.png", str(file))]).readings
    assert 'src="data:image/png;base64,' in kept.shown
    assert "&lt;b&gt;" in kept.shown
    assert "Bars" in kept.shown
    assert kept.texts["markdown"] == "![\\<b>](figures/a%20b.png)\n\nBars"
    (inline,) = page_of_results([with_figure("data:image/png;base64,AAAA", None)]).readings
    assert 'src="data:image/png;base64,AAAA"' in inline.shown
    assert inline.texts["markdown"] == "Bars"
    file.unlink()
    (gone,) = page_of_results([with_figure("figures/a b.png", str(file))]).readings
    assert "<img" not in gone.shown
    assert "Bars" in gone.shown
    unread = replace(with_figure("data:image/png;base64,AAAA", None), ocr=None, origin="blank")
    assert "<img" in page_of_results([unread]).readings[0].shown


@pytest.mark.parametrize("mode", ["page", "single", "region"])
@pytest.mark.parametrize("kept", [True, False])
def test_a_correction_of_what_a_report_shows_is_taken_up(
    mode: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the report says that it is kept by, of results and of records, page and region."""
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(making.pdf("one", "two"))
    engine = FakeEngine(r"\section*{Head} a & b")
    flags = ["a.pdf", "--mode", mode, "--regions", "0,0,200,40;0,40,200,100", "--cache-dir", "c"]

    def records() -> list[str]:
        assert main(["read", *flags, "--jsonl", "r.jsonl", "--quiet", *more], engine=engine) == 0
        return [json.loads(line)["text"] for line in Path("r.jsonl").read_text().splitlines()]

    more: list[str] = []
    before = records()
    if kept:
        pages = [page for _, page in pages_of_records(RecordFile(Path("r.jsonl")), "c")]
    else:
        options = ReadOptions(mode=mode, regions=[(0, 0, 200, 40), (0, 40, 200, 100)])  # type: ignore[arg-type]
        results = list(read("a.pdf", engine=engine, options=replace(options, mode="page")))
        if mode != "page":
            from got_loaders.pipeline.reader import ReadJob

            results = list(ReadJob("a.pdf", None, engine, options).results())
        pages = [page_of_results(results[:2]), page_of_results(results[2:])]
    key = pages[1].readings[1].key
    assert key is not None
    line = {**asdict(key), "form": "markdown", "text": "put right"}
    Path("corrections.jsonl").write_text(json.dumps(line))
    more = ["--corrections", "corrections.jsonl"]
    after = records()
    assert "put right" in after[-1]
    assert "\n".join(after).count("Head") == "\n".join(before).count("Head") - 1
    assert main(["report", *flags, *more, "--quiet"], engine=engine) == 0
    html = Path("report.html").read_text("utf-8")
    assert "put right" in html
    assert 'class="flag corrected"' in html


def test_a_corrected_record_can_be_corrected_once_more(tmp_path: Path) -> None:
    """It is marked, and its key is that of the text that is there."""
    metadata = {"source": "a.pdf", "page": 0, "ocr_origin": "corrected"}
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "right", "metadata": metadata}) + "\n")
    ((_, page),) = pages_of_records(RecordFile(path), None)
    assert page.flags == ("corrected",)
    assert page.readings[0].key is not None


def test_a_report_of_corrected_results_needs_nothing_else(tmp_path: Path) -> None:
    """A result that holds a correction is shown as it was typed."""
    result = PageResult(
        info=PageInfo(source="a.pdf", number=0),
        ocr=OcrResult(text="# Right", markup="markdown", confidence=None),
        origin="corrected",
    )
    html = write_report(result, tmp_path / "r.html", picture_side=0).read_text("utf-8")
    assert "<h1>Right</h1>" in html
