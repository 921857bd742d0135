"""The option ``corrections``: what people put right stands in the place of what was read."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document

from got_loaders import PageResult, ReadOptions, read
from got_loaders.documents import Record, build
from got_loaders.documents.provenance.locate import locate
from got_loaders.errors import OptionError, PageError
from got_loaders.options.serialization import options_from_json, options_to_json
from got_loaders.pages import TextLayer, TextPart
from got_loaders.pipeline import ReadJob
from got_loaders.results.corrections import (
    Corrected,
    Correction,
    corrected_of,
    reading_digest,
    save_corrections,
)
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, OcrRequest, OcrResult, Region
from tests.fakes import FakeDocument, number_of, opener
from tests.pages import making

BOXES = (Box(50, 50, 500, 250), Box(50, 260, 500, 460))
REGIONS = tuple(Region(box=box) for box in BOXES)
CHANGED = "a correction was left out: the page has changed since, or is read otherwise"

Reply = Callable[[OcrRequest], str | OcrResult | Exception]


def says(request: OcrRequest) -> str:
    """A reply in the model's mark-up, another for each page and size of picture."""
    return f"\\section*{{Reprot {number_of(request)}}}\n\n{request.images[0].width} \\( x \\)"


def job(
    document: FakeDocument | None = None,
    reply: Reply | str = says,
    name: str = "doc.pdf",
    **options: Any,
) -> ReadJob:
    """A job that reads three pages, unless it is of another document."""
    document = document or FakeDocument(3, regions=REGIONS)
    engine = FakeEngine(reply)
    return ReadJob(name, None, engine, ReadOptions(**options), opener=opener(document))


def results(*args: Any, **options: Any) -> list[PageResult]:
    """What it reads."""
    return list(job(*args, **options).results())


def records(*args: Any, **options: Any) -> list[Record]:
    """The records of it."""
    return list(build(job(*args, **options)))


def correction(*read: PageResult, text: str = "# Report", form: Any = "markdown") -> Correction:
    """One of a result, or of a page's as one text."""
    corrected = corrected_of(*read)
    assert corrected is not None
    return Correction(corrected=corrected, form=form, text=text)


TYPED = "# Report\n\nof *1* $x$\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_a_corrected_page_says_what_was_typed() -> None:
    """As Markdown as it stands, in each other form written from that; and only that page changes,
    which keeps its id. The result says that it was corrected, and by whom it had been read."""
    plain = results()
    corrected = results(corrections=[correction(plain[1], text=TYPED)])
    first, page, last = corrected
    assert (first, last) == (plain[0], plain[2])
    assert (page.origin, page.markdown, page.document_id) == (
        "corrected",
        TYPED,
        plain[1].document_id,
    )
    assert page.text == "Report\n\nof 1 x\n\na\tb\n1\t2"
    assert page.html.startswith("<h1>Report</h1>\n<p>of <em>1</em> ")
    assert "\\section*{Report}" in page.latex
    assert page.ocr is not None
    assert (page.ocr.confidence, page.ocr.finish_reason, page.ocr.model) == (None, "stop", "fake")
    assert (page.agreement, page.retried, page.error) == (None, False, None)
    assert "corrected by hand" in page._repr_markdown_()
    assert "corrected" in repr(page)


def test_metadata_says_that_it_was_corrected() -> None:
    """Whatever is left out of it; what is known of a reading alone is not there any more."""
    made = [correction(results()[1])]
    before = records()
    after = records(corrections=made, omit_metadata=("ocr_origin", "moddate", "ocr_draft_share"))
    assert [record.id for record in after] == [record.id for record in before]
    assert [record.text for record in after] == [before[0].text, "# Report", before[2].text]
    assert [record.metadata.get("ocr_origin") for record in after] == [None, "corrected", None]
    gone = {"ocr_mode", "ocr_finish_reason", "ocr_confidence"}
    assert before[1].metadata.keys() - after[1].metadata.keys() == gone
    assert after[1].metadata["ocr_model"] == "fake"


@pytest.mark.parametrize("form", ["raw", "markdown", "latex", "html", "text"])
@pytest.mark.parametrize("output", ["markdown", "latex", "text"])
def test_a_digest_of_any_form_will_do(form: Any, output: Any) -> None:
    """What was looked at may have been another form than the one that is asked for now: it is the
    same reading, as long as the model is asked for it in the same way."""
    page = results()[0]
    shown = page.ocr.text if form == "raw" and page.ocr else getattr(page, form, "")
    of = Corrected(id=page.document_id, page=0, region=None, of=form, digest=reading_digest(shown))
    made = [Correction(corrected=of, form="markdown", text="right")]
    record = records(corrections=made, output=output, format=True)[0]
    assert record.metadata["ocr_origin"] == "corrected"
    assert record.text == "right"


def test_what_the_model_would_have_written_is_taken_for_it() -> None:
    """A correction of the raw text is mark-up where the reading was, and plain where it was not."""
    made = [correction(results()[0], text="\\title{A}", form="raw")]
    assert results(corrections=made)[0].markdown == "# A"
    made = [correction(results(format=False)[0], text="5*3 \\title{A}", form="raw")]
    page = results(format=False, corrections=made)[0]
    assert (page.markdown, page.text) == (r"5\*3 \title{A}", r"5*3 \title{A}")


def test_a_page_s_own_text_may_be_corrected() -> None:
    """It is mark-up, also where a plain reading is asked for."""
    layer = TextLayer(good=True, parts=(TextPart(region=REGIONS[0], text="\\section*{Onw}"),))
    document = FakeDocument(1, layers={0: layer})
    options: dict[str, Any] = {"text_layer": "auto", "format": False}
    (page,) = results(document, **options)
    made = [correction(page, text="\\section*{Own}", form="raw")]
    (page,) = results(document, corrections=made, **options)
    assert (page.origin, page.markdown) == ("corrected", "## Own")
    assert page.ocr is not None
    assert page.ocr.model == ""


def test_a_page_that_has_changed_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    """A warning names it, and its metadata say so."""
    made = [correction(results()[1])]
    caplog.clear()
    page = results(reply="another text", corrections=made)[1]
    assert (page.origin, page.markdown, page.info.warnings) == ("ocr", "another text", (CHANGED,))
    assert [r.getMessage() for r in caplog.records] == [f"doc.pdf, page 2: {CHANGED}"]
    record = records(reply="another text", corrections=made)[1]
    assert record.metadata["page_warnings"] == CHANGED


def test_regions_are_corrected_one_by_one_or_together() -> None:
    """One keeps its place on the page; all of a page's together become one text, of the page."""
    plain = results(pages="1", regions="auto")
    made = [correction(plain[1], text="below")]
    first, second = results(pages="1", regions="auto", corrections=made)
    assert (first.origin, second.origin) == ("ocr", "corrected")
    assert (second.region, second.region_index) == (plain[1].region, 1)
    assert second.location.box == BOXES[1]
    (record,) = records(pages="1", regions="auto", corrections=made)
    assert record.text == f"{plain[0].markdown}\n\nbelow"
    assert record.metadata["ocr_origin"] == "corrected"
    assert record.metadata["ocr_confidence"] == 1.0  # of what was read
    made.append(correction(*plain, text="all of it"))
    (page,) = results(pages="1", regions="auto", corrections=made)
    assert (page.markdown, page.region, page.region_index) == ("all of it", None, None)


def test_regions_that_are_documents_are_corrected_by_their_own_ids() -> None:
    """``mode="region"``: the others, and their ids, stay."""
    plain = results(pages="1", mode="region")
    made = [correction(plain[1], text="below")]
    assert made[0].corrected.region == 1
    before = records(pages="1", mode="region")
    after = records(pages="1", mode="region", corrections=made)
    assert after[0] == replace(before[0], metadata=after[0].metadata)
    assert (after[1].id, after[1].text) == (before[1].id, "below")
    assert after[1].metadata["region_index"] == 1


def test_a_region_that_is_gone_is_a_page_that_has_changed(caplog: pytest.LogCaptureFixture) -> None:
    """Its correction is left out and named; those of the other regions are put in."""
    plain = results(pages="1", regions="auto")
    made = [correction(result) for result in plain]
    document = FakeDocument(3, regions=REGIONS[:1])
    caplog.clear()
    (page,) = results(document, pages="1", regions="auto", corrections=made)
    assert (page.origin, page.info.warnings) == ("corrected", (CHANGED,))
    assert caplog.messages == [f"doc.pdf, page 1, region 2: {CHANGED}"]


def test_blank_and_failed_pages_may_be_written_by_hand() -> None:
    """Then they count as neither: ``on_error="raise"`` goes on, ``drop_blank`` keeps them. An
    empty correction takes a text away."""
    document = FakeDocument(3, blank=[0], broken=[1])
    plain = results(document, on_error="keep")
    assert [page.origin for page in plain] == ["blank", "failed", "ocr"]
    texts = ("blank", "failed", "")
    made = [correction(page, text=text) for page, text in zip(plain, texts, strict=True)]
    after = results(document, corrections=made)
    assert [page.origin for page in after] == ["corrected"] * 3
    assert [page.markdown for page in after] == list(texts)
    assert [page.error for page in after] == [None] * 3
    kept = records(document, corrections=made, drop_blank=True)
    assert [record.text for record in kept] == ["blank", "failed"]
    with pytest.raises(PageError, match="page 2: broken"):
        results(document, corrections=made[:1])


def test_what_could_not_be_read_is_not_said_to_have_changed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A server that was away is no reason to correct anew."""
    made = [correction(results()[0])]
    page = results(reply=lambda _: RuntimeError("away"), corrections=made, on_error="keep")[0]
    assert (page.origin, page.error) == ("failed", "doc.pdf, page 1: away")
    assert "there is no reading to hold it against" in caplog.text
    assert CHANGED not in caplog.text


def test_a_second_attempt_is_what_is_corrected() -> None:
    """A page that was read again in tiles is corrected as it came out in the end."""

    def loops(request: OcrRequest) -> str | OcrResult:
        return (
            "in tiles"
            if request.crop_to_patches
            else OcrResult(text="a a", finish_reason="repetition")
        )

    document = FakeDocument(1, size=(842.0, 595.0))
    (page,) = results(document, reply=loops)
    assert page.retried
    (page,) = results(document, reply=loops, corrections=[correction(page, text="right")])
    assert (page.origin, page.markdown, page.retried) == ("corrected", "right", False)


@pytest.mark.parametrize("options", [{"multi_page": 2}, {"box": (50, 50, 500, 400)}])
def test_pages_read_together_and_boxes(options: dict[str, Any]) -> None:
    """They keep what they say of their place."""
    plain = results(**options)
    after = results(corrections=[correction(plain[0])], **options)
    assert after[0].origin == "corrected"
    assert (after[0].location, after[1:]) == (plain[0].location, plain[1:])


def test_files_that_become_one_document(caplog: pytest.LogCaptureFixture) -> None:
    """A page of it is corrected like any other; so is all of it, where nobody told its pages
    apart. ``locate`` finds the pages of what was corrected."""
    plain = results(mode="single")
    (before,) = records(mode="single")
    (after,) = records(mode="single", corrections=[correction(plain[1], text="two")])
    assert after.text == "\n\n".join([plain[0].markdown, "two", plain[2].markdown])
    start = after.text.index("two")
    (place,) = locate(Document(page_content=after.text, metadata=after.metadata), start, start + 3)
    assert place.page == 1
    of = Corrected(
        id=before.id, page=None, region=None, of="markdown", digest=reading_digest(before.text)
    )
    made = [Correction(corrected=of, form="markdown", text="all")]
    caplog.clear()
    (after,) = records(mode="single", corrections=made)
    assert (after.id, after.text, after.metadata["ocr_origin"]) == (before.id, "all", "corrected")
    assert caplog.messages == []
    (place,) = locate(Document(page_content=after.text, metadata=after.metadata))
    assert (place.page, place.page_last) == (0, 2)
    (after,) = records(reply="another", mode="single", corrections=made)
    assert after.text == "another\n\nanother\n\nanother"
    assert caplog.messages == [f"doc.pdf, page 1: {CHANGED}"]


def test_a_correction_may_be_corrected() -> None:
    """By its own text, as a kept record has it, next to the first one; or as before: what was
    corrected says by which reading. The later line counts."""
    (first,) = [correction(results()[0], text="once")]
    (page, *_) = results(corrections=[first])
    key = corrected_of(page)
    assert key == replace(first.corrected)
    again = Correction(
        corrected=replace(first.corrected, of="markdown", digest=reading_digest("once")),
        form="markdown",
        text="twice",
    )
    assert results(corrections=[first, again])[0].markdown == "twice"
    assert results(corrections=[again, first])[0].markdown == "once"
    assert results(corrections=[again])[0].origin == "ocr"
    assert results(corrections=[first, correction(page, text="anew")])[0].markdown == "anew"


def test_other_documents_of_the_same_pages_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Who reads by regions what was corrected by pages hears of it; who reads other pages, or other
    files, does not."""
    made = [correction(page) for page in results()]
    caplog.clear()
    assert {page.origin for page in results(mode="region", corrections=made)} == {"ocr"}
    (message,) = caplog.messages
    assert message.startswith(
        "doc.pdf, page 1: this and 2 more corrections were left out: what was"
    )
    caplog.clear()
    results(box=(50, 50, 500, 400), pages="3", corrections=made)
    assert caplog.messages[0].startswith(
        "doc.pdf, page 3: a correction was left out: what was read"
    )
    caplog.clear()
    results(pages="1", corrections=made)
    results(FakeDocument(3, name="other.pdf"), name="other.pdf", corrections=made)
    assert caplog.messages == []


def test_a_file_that_can_t_be_opened_may_be_written_by_hand() -> None:
    """It has an id as well, and an empty reading."""
    failed = results(name="locked.pdf", on_error="keep")
    made = [correction(failed[0], text="what is in it")]
    for mode in ("page", "single"):
        (record,) = records(name="locked.pdf", mode=mode, on_error="keep")
        assert record.metadata["ocr_origin"] == "failed"
    (record,) = records(name="locked.pdf", corrections=made)
    assert (record.text, record.metadata["ocr_origin"]) == ("what is in it", "corrected")
    assert "error" not in record.metadata


def test_it_is_the_same_asynchronously(tmp_path: Path) -> None:
    """From a file as well, which is read once: what changes in it during a job counts later."""
    file = tmp_path / "c.jsonl"
    save_corrections(
        file, [correction(page, text=f"right {n}") for n, page in enumerate(results())]
    )

    async def run() -> list[str]:
        texts = []
        async for result in job(corrections=file).aresults():
            texts.append(result.markdown)
            file.write_text("not JSON", encoding="utf-8")
        return texts

    assert asyncio.run(run()) == ["right 0", "right 1", "right 2"]
    with pytest.raises(OptionError, match="line 1: it is not JSON"):
        results(corrections=file)


def test_a_file_of_corrections_is_read_before_any_page(tmp_path: Path) -> None:
    """A wrong one costs no reading, and a loader that is made opens nothing."""
    engine = FakeEngine()
    (tmp_path / "a.pdf").write_bytes(making.pdf("a"))
    reading = read(tmp_path / "a.pdf", engine=engine, corrections=tmp_path / "gone.jsonl")
    with pytest.raises(OptionError, match=r"gone\.jsonl"):
        next(reading)
    assert engine.requests == []


def test_options_with_corrections_are_values() -> None:
    """They are equal, pickled, written down as JSON and taken from it; a file stays a file."""
    made = [correction(page) for page in results()]
    options = ReadOptions(corrections=made)
    assert options == ReadOptions(corrections=tuple(made))
    assert options == ReadOptions(corrections=[each.to_json() for each in made])  # type: ignore[misc]  # as JSON has them
    assert pickle.loads(pickle.dumps(options)) == options
    assert options_from_json(json.loads(json.dumps(options_to_json(options)))) == options
    assert options_to_json(ReadOptions(corrections=Path("c.jsonl"))) == {"corrections": "c.jsonl"}


def test_a_result_that_no_job_read_can_t_be_corrected() -> None:
    """It does not say what Document it is in."""
    (page, *_) = results()
    assert corrected_of(replace(page, document_id="")) is None


def test_the_same_page_under_another_name_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Where the same was read of a file that is called so, but lies, or was named, elsewhere."""
    made = [correction(page) for page in results(FakeDocument(3, name="in/a.pdf"), name="in/a.pdf")]
    caplog.clear()
    there = FakeDocument(3, name="/all/in/a.pdf")
    assert {page.origin for page in results(there, name="/all/in/a.pdf", corrections=made)} == {
        "ocr"
    }
    (message,) = caplog.messages
    assert message.startswith(
        "in/a.pdf, page 1: this and 2 more corrections were left out: the same"
    )
    assert "was read of /all/in/a.pdf, whose name" in message
    caplog.clear()
    results(there, name="/all/in/a.pdf", reply="another a.pdf", corrections=made)
    assert caplog.messages == []


@pytest.mark.parametrize("form", ["markdown", "raw"])
def test_a_figure_stays_where_it_is(form: Any) -> None:
    """What was read in it is corrected; each form names it as before, and once."""
    figure = FakeDocument(1, regions=(Region(box=BOXES[0], type="figure"), REGIONS[1]))
    options: dict[str, Any] = {"regions": "auto", "figures": "inline"}
    plain = results(figure, **options)
    assert plain[0].figure is not None
    url = f"![figure]({plain[0].figure.path})"
    assert plain[0].markdown.startswith(url)
    typed = f"{url}\n\nnew" if form == "markdown" else "new"
    made = correction(plain[0], text=typed, form=form)
    (page, _) = results(figure, corrections=[made], **options)
    assert (page.figure, page.markdown) == (plain[0].figure, f"{url}\n\nnew")
    assert page.html.count("<img") == 1
    assert page.html.endswith("<p>new</p>")


@pytest.mark.parametrize("name", ["pics/0123456789abcdef.webp", "0123456789abcdef.png"])
def test_a_figure_that_is_kept_elsewhere_now_is_named_once(name: str) -> None:
    """Also as another kind of file, or inside the text: as ``output`` and ``figures`` want it."""
    figure = FakeDocument(1, regions=(Region(box=BOXES[0], type="figure"), REGIONS[1]))
    options: dict[str, Any] = {"regions": "auto", "figures": "inline"}
    made = correction(results(figure, **options)[0], text=f"![a \\] b]({name})\n\nnew")
    (page, _) = results(figure, corrections=[made], **options)
    assert page.markdown.partition("\n\n")[2] == "new"
    assert page.latex == "[figure]\n\nnew"
