"""Results become text, metadata and an id that stay the same from run to run."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Generator, Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from got_loaders.documents import Record, abuild
from got_loaders.documents import build as build_records
from got_loaders.documents.records import RecordBuilder
from got_loaders.markup import (
    escape_html,
    escape_latex,
    escape_markdown,
    to_html,
    to_latex,
    to_markdown,
    to_text,
)
from got_loaders.options import ReadOptions
from got_loaders.results import PageResult
from got_loaders.results.identity import document_id
from got_loaders.types import Box, OcrResult, PageInfo, Region
from tests.fakes import FakeJob

READING = r"\title{A *B*} \( x_1 \)"


def page(number: int = 0, text: str = "text", *, source: str = "doc.pdf", **ocr: Any) -> PageResult:
    """A page that was read."""
    info = PageInfo(
        source=source,
        number=number,
        total=3,
        label=f"L{number}",
        width=595.276,
        height=841.89,
        file_name="doc.pdf",
        file_type="application/pdf",
        document={"title": "T", "author": "", "trapped": "x"},
    )
    return PageResult(
        info=info, ocr=OcrResult(text=text, **{"num_tokens": 10, **ocr}, model="got@1")
    )


def failed(number: int | None = 0, error: str = "broken", *, source: str = "doc.pdf") -> PageResult:
    """A page, or a file, that was not."""
    info = PageInfo(source=source, number=number)
    return PageResult(info=info, origin="failed", error=error)


def blank(number: int = 0) -> PageResult:
    """An empty page."""
    return replace(page(number), ocr=None, origin="blank")


def generated(results: Iterable[PageResult]) -> Generator[list[PageResult]]:
    """As the pipeline gives them: page by page; a page's regions follow each other."""
    for _, page in groupby(results, key=lambda result: (result.info, result.region_index is None)):
        found = list(page)
        yield from [found] if found[0].region_index is not None else ([one] for one in found)


def build(*results: PageResult, **options: Any) -> list[Record]:
    """All records of these results."""
    how = ReadOptions(**options)
    asked = [replace(r, formatted=how.formatted, table_format=how.table_format) for r in results]
    return list(build_records(FakeJob(how, lambda: generated(asked))))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, to_markdown(READING)),
        ({"format": False}, escape_markdown(READING)),
        ({"output": "text"}, READING),
        ({"output": "text", "format": True}, to_text(READING)),
        ({"output": "latex"}, to_latex(READING)),
        ({"output": "html"}, to_html(READING)),
        ({"output": "latex", "format": False}, escape_latex(READING)),
        ({"output": "html", "format": False}, escape_html(READING)),
        ({"output": "raw"}, READING),
        ({"output": "raw", "format": False}, READING),
    ],
)
def test_the_text_is_as_ordered(options: dict[str, Any], expected: str) -> None:
    """Formatted readings are converted; plain ones are only escaped for Markdown."""
    (record,) = build(page(text=READING), **options)
    assert record.text == expected


def test_tables_may_be_html() -> None:
    """Within Markdown, for cells that span."""
    table = r"\begin{tabular}{ll}\multicolumn{2}{c}{a} \\ b & c\end{tabular}"
    (record,) = build(page(text=table), table_format="html")
    assert 'colspan="2"' in record.text


def test_what_a_reading_is_written_in() -> None:
    """Sheet music and the like are named; a plain reading is text, whatever it looks like."""
    notes = "**kern\n4c\n4d\n*-"
    assert build(page(text=notes))[0].metadata["content_kind"] == "music"
    assert build(page(text=notes), format=False)[0].metadata["content_kind"] == "text"
    both = build(page(0), page(1, notes), mode="single")
    assert both[0].metadata["content_kind"] == "music"


def test_a_page_s_own_text_is_mark_up() -> None:
    """It is converted even where plain readings are asked for."""
    own = replace(page(text=r"\section*{A \& B}"), origin="text_layer")
    assert build(own, format=False)[0].text == "## A & B"
    assert build(own, output="text")[0].text == "A & B"
    assert build(own, output="raw", format=False)[0].text == "A & B"
    assert build(own, output="raw")[0].text == r"\section*{A \& B}"


def test_a_page_joins_its_regions() -> None:
    """Confidence by tokens, errors together, an empty line between texts, none for empty ones."""
    regions = [
        replace(page(0, "one"), region=Region(box=Box(0, 0, 9, 9)), region_index=0),
        replace(failed(0, "broken"), info=page(0).info, region_index=1),
        replace(page(0, ""), region=Region(box=Box(0, 20, 9, 29)), region_index=2),
        replace(page(0, "two"), region=Region(box=Box(0, 30, 9, 39)), region_index=3),
    ]
    (record,) = build(*regions, regions="auto")
    assert record.text == "one\n\ntwo"
    assert record.metadata["error"] == "broken"
    assert "x0" not in record.metadata
    assert len(build(*regions, mode="region")) == 4


def test_regions_are_places_of_their_own() -> None:
    """Each region has its id; so has a page that is read in other regions."""
    regions = [
        replace(page(0, "text"), region=Region(box=Box(0, 0, 9, 9)), region_index=index)
        for index in (0, 1)
    ]
    ids = {record.id for record in build(*regions, mode="region")}
    for options in (
        {},
        {"regions": "auto"},
        {"regions": [(0, 0, 9, 9)]},
        {"regions": {0: [(0, 0, 9, 9)]}},
    ):
        ids |= {record.id for record in build(page(0), **options)}
    assert len(ids) == 6


def test_metadata_of_a_page() -> None:
    """Exactly these keys, flat, of plain types; what is not known is absent."""
    (record,) = build(page(1, confidence=0.98765, finish_reason="length"))
    assert record.metadata == {
        "source": "doc.pdf",
        "file_path": "doc.pdf",
        "page": 1,
        "page_label": "L1",
        "total_pages": 3,
        "title": "T",
        "page_width": 595.28,
        "page_height": 841.89,
        "page_unit": "pt",
        "content_format": "markdown",
        "content_kind": "text",
        "ocr_model": "got@1",
        "ocr_mode": "format",
        "ocr_origin": "ocr",
        "ocr_finish_reason": "length",
        "ocr_confidence": 0.99,
    }
    assert record.file == {"file_name": "doc.pdf", "file_type": "application/pdf"}


def test_metadata_is_plain() -> None:
    """Only str, int, float and bool, whatever numbers came in: it is JSON as it stands."""
    numpy = pytest.importorskip("numpy")
    result = page(confidence=numpy.float32(0.5))
    result = replace(result, region=Region(box=Box(numpy.float32(1), 2, 3, 4)))
    (record,) = build(result, output="raw", format=False)
    assert {type(value) for value in record.metadata.values()} <= {str, int, float, bool}
    assert json.loads(json.dumps(record.metadata)) == record.metadata
    assert record.metadata["ocr_mode"] == "plain"


def test_the_label_is_the_number_where_there_is_none() -> None:
    """As people count."""
    result = page(4)
    result = replace(result, info=replace(result.info, label=""))
    assert build(result)[0].metadata["page_label"] == "5"


def test_a_box_is_reported() -> None:
    """In page units, ready to be passed back."""
    (record,) = build(replace(page(), region=Region(box=Box(1.234, 2, 3, 4))), box=(1.234, 2, 3, 4))
    assert [record.metadata[name] for name in ("x0", "y0", "x1", "y1")] == [1.23, 2, 3, 4]


def test_a_group_has_its_last_page() -> None:
    """``page_last`` tells how far a request of several pages goes."""
    result = page(0)
    (record,) = build(replace(result, info=replace(result.info, last_number=2)), multi_page=3)
    assert (record.metadata["page"], record.metadata["page_last"]) == (0, 2)


def test_groups_with_different_ends_are_different_places() -> None:
    """Pages 1 and 2 read together have another id than pages 1 and 3."""
    result = page(0)
    groups = [replace(result, info=replace(result.info, last_number=last)) for last in (None, 1, 2)]
    ids = [build(group, multi_page=2)[0].id for group in groups]
    assert len(set(ids)) == 3
    assert ids[0] == "fb7fa68b-5ea2-56cd-8aec-9f9136cf17e9"


def test_blank_and_failed_pages_say_so() -> None:
    """Empty text, the origin, the error; nothing of a model that was not asked."""
    empty, lost, unopened = build(blank(0), failed(1), failed(None, "encrypted"))
    assert (empty.text, empty.metadata["ocr_origin"]) == ("", "blank")
    assert "error" not in empty.metadata
    assert lost.metadata == {
        "source": "doc.pdf",
        "file_path": "doc.pdf",
        "page": 1,
        "page_label": "2",
        "content_format": "markdown",
        "content_kind": "text",
        "ocr_origin": "failed",
        "error": "broken",
    }
    assert "page" not in unopened.metadata
    assert unopened.metadata["error"] == "encrypted"
    assert not any(key in empty.metadata for key in ("ocr_model", "ocr_confidence"))


def test_single_joins_a_file() -> None:
    """One record a file, blank pages leave no gap, and no page is named."""
    first, second = build(
        page(0, "one"),
        blank(1),
        page(2, "two"),
        page(0, "other", source="b.pdf"),
        mode="single",
    )
    assert first.text == "one\n\ntwo"
    assert second.text == "other"
    assert first.metadata["total_pages"] == 3
    assert not {"page", "page_label", "page_last"} & first.metadata.keys()
    assert first.id != second.id


def test_single_sums_up() -> None:
    """Confidence by tokens, the finish reason that differs, all errors, what pages share."""
    wide = page(1, "b", confidence=0.5, num_tokens=30, finish_reason="repetition")
    wide = replace(wide, info=replace(wide.info, width=900.0))
    (record,) = build(
        page(0, "a", confidence=0.9, num_tokens=10), wide, failed(2, "e1"), failed(3, "e2"),
        mode="single",
    )  # fmt: skip
    assert record.metadata["ocr_confidence"] == 0.6
    assert record.metadata["ocr_finish_reason"] == "repetition"
    assert record.metadata["error"] == "e1; e2"
    assert record.metadata["ocr_origin"] == "ocr"
    assert "page_width" not in record.metadata


@pytest.mark.parametrize(
    ("results", "origin"),
    [([blank(0), page(1)], "ocr"), ([blank(0), failed(1)], "failed"), ([blank(0)], "blank")],
)
def test_single_has_one_origin(results: list[PageResult], origin: str) -> None:
    """ "ocr" if any page was read, else "failed" if any failed."""
    (record,) = build(*results, mode="single")
    assert record.metadata["ocr_origin"] == origin


def test_a_file_given_twice_is_two() -> None:
    """The same bytes twice in a list do not melt into one."""
    assert len(build(page(0), page(1), page(0), page(1), mode="single")) == 2


def test_ids_name_places() -> None:
    """The same place, the same id: in any run, whatever the text, model, output or resolution."""
    (record,) = build(page(1))
    assert record.id == "0da2d923-e038-51ea-97fc-e32971e2c264"
    assert build(page(1, "changed"), output="text", dpi=300)[0].id == record.id
    others = [
        build(page(2))[0],
        build(page(1, source="b.pdf"))[0],
        build(page(1), mode="single")[0],
        build(page(1), box=(0, 0, 9, 9))[0],
        build(page(1), box=(0, 0, 9, 8))[0],
        build(page(1), color="red")[0],
        build(page(1), multi_page=2)[0],
    ]
    assert len({record.id, *(other.id for other in others)}) == 8


@pytest.mark.parametrize("mode", ["page", "region", "single"])
def test_records_without_text_can_be_left_out(mode: str) -> None:
    """A blank page, and one on which nothing was read; the others stay as they are, and so does
    what failed."""
    results = [page(0), blank(1), page(2, " \n"), page(3), failed(0, source="b.pdf")]
    kept, dropped = build(*results, mode=mode), build(*results, mode=mode, drop_blank=True)
    assert dropped == [record for record in kept if record.text or "error" in record.metadata]
    assert len(dropped) == (2 if mode == "single" else 3)
    assert build(blank(0), blank(1), mode=mode, drop_blank=True) == []
    assert build(*results, mode=mode, drop_blank=False) == kept


def test_nothing_changes_from_run_to_run() -> None:
    """Two runs give equal records."""
    results = [page(0), blank(1), failed(2)]
    assert build(*results) == build(*results)


def test_what_databases_refuse_is_gone() -> None:
    """Lone surrogates and NULs, in text and metadata; real characters beyond stay."""
    result = page(0, "a\ud800b\0c \U0001f600")
    result = replace(result, info=replace(result.info, document={"title": "x\udcff"}))
    (record,) = build(result, output="raw")
    assert record.text == "a\ufffdbc \U0001f600"
    assert record.metadata["title"] == "x\ufffd"
    json.dumps(record.metadata, ensure_ascii=False).encode()


def test_records_come_as_results_come() -> None:
    """A page's at once; a file's with the first page of the next."""
    builder = RecordBuilder(ReadOptions())
    assert len(builder.add([page(0)])) == 1
    assert builder.finish() == []
    builder = RecordBuilder(ReadOptions(mode="single"))
    assert builder.add([page(0)]) == []
    assert len(builder.add([page(0, source="b.pdf")])) == 1
    assert len(builder.finish()) == 1
    assert builder.finish() == []


def test_closing_reaches_the_results() -> None:
    """Whoever stops taking records stops the reading, asynchronously, too."""
    closed: list[str] = []

    def results() -> Generator[list[PageResult]]:
        try:
            yield [page(0)]
            yield [page(1)]
        finally:
            closed.append("sync")

    async def aresults() -> AsyncGenerator[list[PageResult]]:
        try:
            yield [page(0)]
            yield [page(1)]
        finally:
            closed.append("async")

    async def first_only() -> Record:
        found = abuild(FakeJob(ReadOptions(), results, aresults))
        first = await anext(found)
        await found.aclose()
        return first

    found = build_records(FakeJob(ReadOptions(), results, aresults))
    first = next(found)
    found.close()
    assert asyncio.run(first_only()) == first
    assert closed == ["sync", "async"]


def test_no_results_no_records() -> None:
    """An empty folder under "skip" gives nothing, in either mode."""
    assert build() == []
    assert build(mode="single") == []


def test_async_records_are_made_beside_the_loop() -> None:
    """Converting a long text would hold up everything else."""
    threads: list[str] = []

    class Watched(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            threads.append(threading.current_thread().name)
            return default

    async def pages() -> AsyncGenerator[list[PageResult]]:
        result = page(0, "text")
        yield [replace(result, info=replace(result.info, document=Watched()))]

    async def made() -> int:
        return len(
            [
                record
                async for record in abuild(FakeJob(ReadOptions(), lambda: generated([]), pages))
            ]
        )

    assert asyncio.run(made()) == 1
    assert threads != []
    assert threading.current_thread().name not in threads


def test_controls_stay_out_of_metadata() -> None:
    """A title may hold anything; a path stays what it is."""
    result = page(0, "x")
    info = replace(result.info, source="a\x1bb", document={"title": "t\x1b]0;pwn\x07"})
    (record,) = build(replace(result, info=info))
    assert record.metadata["title"] == "t]0;pwn"
    assert record.metadata["source"] == "a\x1bb"


def test_keys_can_be_left_out() -> None:
    """What differs after a save, so that an index replaces changed pages alone; that by default."""

    def keys(**options: Any) -> set[str]:
        info = replace(page().info, document={"title": "T", "moddate": "D:2026"})
        (record,) = RecordBuilder(ReadOptions(**options)).add([replace(page(), info=info)])
        return {*record.metadata, *record.file}

    assert keys(omit_metadata=()) - keys() == {"moddate", "ocr_draft_share"}
    kept = keys(omit_metadata=("moddate", "total_pages", "file_type", "ocr_confidence"))
    assert keys() - kept == {"total_pages", "file_type", "ocr_confidence"}


def test_a_url_s_fragment_makes_no_other_id() -> None:
    """``#page=2`` names a part of the same file; the source stays what was given. In a path, and in
    the key of a file in storage, a ``#`` is a letter as any other."""
    urls = [
        "https://example.org/a.pdf",
        "https://example.org/a.pdf#page=2",
        "a.pdf#page=2",
        "a.pdf",
        "s3://bucket/a#1.pdf",
        "s3://bucket/a#2.pdf",
    ]
    results = [PageResult(info=PageInfo(source=url, number=0)) for url in urls]
    ids = [document_id(result, ReadOptions()) for result in results]
    assert ids[0] == ids[1] == "bd539539-ad9f-5e73-a83d-2f8eb4f13efc"  # which never changes
    assert len(set(ids)) == 5
