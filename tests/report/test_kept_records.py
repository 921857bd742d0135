"""What was kept of a run is looked at later, without reading it again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest

from got_loaders import ReadOptions, read
from got_loaders.documents import build
from got_loaders.documents.provenance.span_registry import registry
from got_loaders.errors import OptionError
from got_loaders.markup import to_html
from got_loaders.options import Output
from got_loaders.pipeline.reader import ReadJob
from got_loaders.report.from_records import pages_of_records
from got_loaders.report.from_results import pages_of_results
from got_loaders.report.kept_html import kept_html
from got_loaders.report.pictures import PagePictures
from got_loaders.report.record_file import RecordFile
from got_loaders.report.values import ReportPage
from got_loaders.results.corrections import reading_digest
from got_loaders.testing import FakeEngine
from tests.pages import making

BOXES = [(0, 0, 200, 40), (0, 40, 200, 100)]
READING = r"\section*{Head} \(x^2\) a & b"


def kept(tmp_path: Path, *sources: Path, **options: Any) -> Path:
    """The file that ``got-loaders read --jsonl`` would write."""
    path = tmp_path / "records.jsonl"
    read_options = ReadOptions(cache=tmp_path / "kept", on_error="keep", **options)
    job = ReadJob(list(sources), None, FakeEngine(READING), read_options)
    lines = [
        {"id": r.id, "text": r.text, "metadata": r.metadata, "options": "x"} for r in build(job)
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    registry._span_maps.clear()  # as in another process
    return path


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Two pages of 200 x 100 points."""
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf("one", "two"))
    return path


def shown(path: Path, cache: Path | None = None) -> list[ReportPage]:
    """The pages of a report of the file, with their pictures."""
    records = RecordFile(path)
    with PagePictures(options=ReadOptions(), kept_at=records.changed_at) as pictures:
        return [pictures.added_to(page, info) for info, page in pages_of_records(records, cache)]


@pytest.mark.parametrize("mode", ["page", "single", "region"])
def test_regions_are_where_they_stood(mode: Any, tmp_path: Path, pdf: Path) -> None:
    """By the cache of that run: each with its own text, and what a correction is kept by."""
    path = kept(tmp_path, pdf, regions=BOXES, mode=mode)
    pages = shown(path, tmp_path / "kept")
    assert [page.number for page in pages] == [0, 1]
    assert all(page.pictures and page.thumbnail for page in pages)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for page in pages:
        assert [reading.box for reading in page.readings] == BOXES
        assert [reading.index for reading in page.readings] == [0, 1]
        for reading in page.readings:
            assert reading.key is not None
            assert reading.key.id in {line["id"] for line in lines}
            assert (reading.key.page, reading.key.region) == (page.number, reading.index)
            assert reading.key.digest == reading_digest(reading.texts["markdown"])
            assert (reading.key.of, reading.key.source) == ("markdown", str(pdf))


def test_without_the_cache_the_text_is_there_and_says_what_is_not_known(
    tmp_path: Path, pdf: Path
) -> None:
    """A page as one text; a whole file as one, with no picture."""
    (first, _) = shown(kept(tmp_path, pdf, regions=BOXES))
    assert len(first.readings) == 1
    assert first.readings[0].texts["text"].count("Head") == 2
    assert "where its regions stood is in the cache" in first.readings[0].note
    (whole,) = shown(kept(tmp_path, pdf, mode="single"))
    assert (whole.number, whole.pictures) == (None, ())
    assert "kept as one text" in whole.no_picture
    key = whole.readings[0].key
    assert key is not None
    assert (key.page, key.region) == (None, None)


def test_every_form_that_was_kept_is_shown(tmp_path: Path, pdf: Path) -> None:
    """As what it is; and a record says of itself what a result says."""
    results = list(read(pdf, engine=FakeEngine(READING)))
    ((_, expected), _) = pages_of_results(results)
    for output in get_args(Output):
        page, _ = shown(kept(tmp_path, pdf, output=output))
        (reading,) = page.readings
        plain = output in ("text", "raw")  # a text is what a plain reading gives
        assert reading.texts[output] == (READING if plain else getattr(results[0], output))
        assert "Head" in reading.shown
        assert "a & b" not in reading.shown
        assert reading.model == "fake"
        for name in ("source", "name", "number", "total", "label", "width", "height", "flags"):
            assert getattr(page, name) == getattr(expected, name), name


def test_kept_html_is_shown_and_can_do_nothing() -> None:
    """Tables and formulas as they looked; of anything that is not ours the text is left."""
    text = r"\section*{A} \(x<1\) \begin{tabular}{cc}\multicolumn{2}{c}{wide}\\ a & b\end{tabular}"
    shown = kept_html(to_html(text))
    assert "<h2>A</h2>" in shown
    assert '<th colspan="2">wide</th>' in shown
    assert "<math" in shown
    hostile = (
        '<p onclick="x()" style="a" id="b">t<script>alert(1)</script>'
        '<img src=x onerror=y alt="pic">'
        '<svg onload=z><a href="javascript:1">link</a></svg></table><td colspan="9e9" rowspan="2">'
        '<style>*{}</style><iframe src="//e"></iframe><!-- c -->'
        '<math href="x">m</math>&lt;b&gt;<ol>'
    )
    assert kept_html(hostile) == (
        '<p>talert(1)piclink<td rowspan="2">*{}m&lt;b&gt;<ol></ol></td></p>'
    )
    assert kept_html("<p>" * 500).count("<p>") == kept_html("<p>" * 500).count("</p>") == 100


def test_flags_are_those_that_metadata_has(tmp_path: Path) -> None:
    """And a value that is none is as if it were not there."""
    bad = {"ocr_finish_reason": "repetition", "ocr_confidence": 0.3, "ocr_agreement": 0.5}
    bad |= {"ocr_retried": True, "page_warnings": "one; two", "ocr_only_in_reading": "a b c | d e"}
    odd = {key: [1] for key in (*bad, "page_width", "x0", "error")} | {"page": "x"}
    cases: list[tuple[dict[str, Any], tuple[str, ...]]] = [
        (bad, ("looped", "disagrees", "low_confidence", "warning", "retried")),
        ({"ocr_origin": "blank"}, ("blank",)),
        ({"ocr_origin": "failed", "error": "broken"}, ("failed",)),
        ({"ocr_origin": "text_layer"}, ("own_text",)),
        (odd, ("failed",)),
    ]
    for metadata, flags in cases:
        (page,) = shown(written(tmp_path, [{"source": "gone.pdf", "page": 0} | metadata]))
        assert page.flags == flags
    (page,) = shown(written(tmp_path, [{"source": "gone.pdf", "page": 0} | bad]))
    assert page.warnings == ("one", "two")
    assert page.readings[0].only_in_reading == ("a b c", "d e")
    assert "there is no such file" in page.no_picture


def written(tmp_path: Path, metadata: Iterable[dict[str, Any]], end: str = "") -> Path:
    """A file with a record for each, numbered."""
    lines = [
        json.dumps(
            {"id": str(n), "text": f"text {n} " + "word " * 20, "metadata": each, "options": ""}
        )
        for n, each in enumerate(metadata)
    ]
    path = tmp_path / "made.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines) + end, "utf-8")
    return path


def test_pages_come_in_order_whatever_the_order_of_their_lines(tmp_path: Path) -> None:
    """As a resumed run leaves them; half a line at the end is passed over, of twins the later."""
    metadata = [{"source": s, "page": p} for s, p in (("b", 1), ("a", 0), ("b", 0))]
    twin = json.dumps({"id": "1", "text": "later", "metadata": {"source": "a", "page": 0}})
    pages = shown(written(tmp_path, metadata, f'{twin}\n{{"id": "9", "te'))
    assert [(page.source, page.number) for page in pages] == [("b", 0), ("b", 1), ("a", 0)]
    assert pages[2].readings[0].texts["text"] == "later"
    for wrong in ('{"id": 1}\n', "[]\n", "null\n", '{"id": "", "text": "", "metadata": {}}\n'):
        with pytest.raises(OptionError, match=r"line 4 of .*made\.jsonl is no record"):
            RecordFile(written(tmp_path, metadata, wrong))
    with pytest.raises(OptionError, match="can't be read"):
        RecordFile(tmp_path / "missing.jsonl")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OptionError, match="pipe: it is no file: a pipe is read once"):
        RecordFile(tmp_path / "pipe")


def test_a_document_that_is_another_now_is_not_shown_as_the_old_one(
    tmp_path: Path, pdf: Path
) -> None:
    """One of another size or number of pages has no picture; one that was only touched says so."""
    path = kept(tmp_path, pdf)
    newer = path.stat().st_mtime + 60
    os.utime(pdf, (newer, newer))
    touched, _ = shown(path)
    assert touched.pictures
    assert "was changed after this was kept" in touched.warnings[0]
    pdf.write_bytes(making.pdf("one", "two", size=(300, 100)))
    assert "has another size than when it was read" in shown(path)[0].no_picture
    pdf.write_bytes(making.pdf("one"))
    assert "it had 2 pages when it was read" in shown(path)[0].no_picture


def test_records_from_others_show_no_other_files(tmp_path: Path) -> None:
    """No folder is looked through, and nothing is told of a file that is no document."""
    (tmp_path / "secret").write_text("root:x:0:0")
    (tmp_path / "a.pdf").write_bytes(making.pdf("one"))
    sources = [str(tmp_path), f"{tmp_path}/*.pdf", str(tmp_path / "secret"), "a\0b", "x" * 9000]
    metadata = [{"source": source, "page": 10**30, "page_last": 10**31} for source in sources]
    metadata.append({"source": str(tmp_path / "a.pdf"), "page": 10**30, "x0": float("nan")})
    reasons = [page.no_picture for page in shown(written(tmp_path, metadata))]
    nothing = "there is no such file"
    assert reasons[:5] == [nothing, nothing, "it is no PDF and no image", nothing, nothing]
    assert "there is no such page" in reasons[5]


def test_a_text_that_nobody_could_wait_for_is_shown_as_it_is(tmp_path: Path) -> None:
    """A million letters that would take minutes to be typeset; the page says so, and has them."""
    path = tmp_path / "long.jsonl"
    text = "[" * 1_000_000
    metadata = {"source": "a", "page": 0, "content_format": "markdown"}
    path.write_text(json.dumps({"id": "1", "text": text, "metadata": metadata}) + "\n")
    ((_, page),) = pages_of_records(RecordFile(path), None)
    (reading,) = page.readings
    assert reading.texts == {"markdown": text}
    assert text in reading.shown
    assert reading.note.startswith("shown as it was kept: texts of more than 300,000 letters")
