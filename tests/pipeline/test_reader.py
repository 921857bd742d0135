"""read and aread: in order, lazy, bounded, and honest about what fails."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

import got_loaders
from got_loaders import PageResult, ReadOptions, aread, read
from got_loaders.errors import (
    EngineDeadError,
    EngineError,
    MissingDependencyError,
    ModelNotFoundError,
    OptionError,
    PageError,
    PasswordError,
    RequestTooLongError,
    SourceError,
)
from got_loaders.pipeline.reader import ReadJob
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, OcrRequest, ProgressEvent, Region
from tests.fakes import (
    BackwardsEngine,
    FakeDocument,
    HeldEngine,
    LazyEngine,
    number_of,
    opener,
    says_number,
)
from tests.pages.making import locked_pdf, pdf

How = Callable[[ReadJob], list[PageResult]]


def sync(reading: ReadJob) -> list[PageResult]:
    """All results, by ``run``."""
    return list(reading.results())


def in_a_loop(reading: ReadJob) -> list[PageResult]:
    """All results, by ``arun``."""

    async def collect() -> list[PageResult]:
        return [result async for result in reading.aresults()]

    return asyncio.run(collect())


both = pytest.mark.parametrize("how", [sync, in_a_loop])


def reading(
    *documents: FakeDocument, engine: Any = None, source: object = None, **options: Any
) -> ReadJob:
    """A pass over fake documents."""
    names = [document.name for document in documents] if source is None else source
    engine = FakeEngine(says_number) if engine is None else engine
    return ReadJob(names, None, engine, ReadOptions(**options), opener=opener(*documents))


def texts(results: list[PageResult]) -> list[str | None]:
    """What was read, None for what was not."""
    return [result.ocr.text if result.ocr else None for result in results]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "pages"}, "mode='pages'"),
        ({"fromat": True}, "'fromat' is not an option"),
        ({"model": "tiny", "engine": FakeEngine()}, "exclude each other"),
        ({"model": 3}, "model=3"),
        ({"engine": "htp://gpu:8000"}, "did you mean 'http://gpu:8000'"),
        ({"engine": "gpu:8000"}, "did you mean 'http://gpu:8000'"),
        ({"engine": "tiny"}, "a model is named by model="),
        ({"model": "tiny", "engine": "http://a:secret@gpu"}, "'http://…@gpu' exclude each other"),
        ({"engine": 3}, "engine=3"),
        ({"options": {}}, "options={}"),
    ],
)
@pytest.mark.parametrize("function", [read, aread])
def test_wrong_arguments_raise_at_the_call(
    function: Callable[..., object], arguments: dict[str, Any], message: str
) -> None:
    """A misspelt option raises where it is written, not when the first page is asked for."""
    with pytest.raises(OptionError, match=message):
        function("doc.pdf", **arguments)


def test_nothing_happens_before_the_first_result() -> None:
    """Making a read opens no document and asks for no engine."""
    document = FakeDocument(2)
    engine = FakeEngine()
    results = reading(document, engine=engine).results()
    assert document.rendered == []
    next(results)
    results.close()
    assert document.rendered
    assert engine.requests


def test_blank_pages_need_no_model() -> None:
    """A model that is not to be had is no trouble until a page has to be read."""
    document = FakeDocument(3, blank=[0, 1, 2])
    files = opener(document)
    results = ReadJob([document.name], "no/such-model", None, ReadOptions(), opener=files).results()
    assert [result.origin for result in results] == ["blank"] * 3
    assert document.closed == 1


@both
def test_results_come_in_page_order(how: How) -> None:
    """However the engine shuffles its answers, pages come in the order that was asked for."""
    with BackwardsEngine() as engine:
        results = how(reading(FakeDocument(40), engine=engine))
    assert texts(results) == [f"page {n}" for n in range(40)]
    assert engine.order != sorted(engine.order)


@both
def test_pages_are_selected(how: How) -> None:
    """``pages`` selects and orders; a page that isn't there is a PageError."""
    document = FakeDocument(9)
    assert texts(how(reading(document, pages="9,1-2"))) == ["page 8", "page 0", "page 1"]
    with pytest.raises(PageError, match=r"doc\.pdf.*10"):
        how(reading(FakeDocument(9), pages="10"))


@both
def test_sync_and_async_give_the_same(how: How) -> None:
    """A mixed document reads alike both ways."""

    def mixed() -> ReadJob:
        return reading(FakeDocument(8, broken=[3], blank=[1, 5]), on_error="keep")

    assert how(mixed()) == sync(mixed())


def test_the_first_result_comes_early() -> None:
    """Of 300 pages, fewer than ten are rendered before the first one is given."""
    document = FakeDocument(300)
    results = reading(document, engine=LazyEngine()).results()
    next(results)
    assert len(document.rendered) < 10
    results.close()
    assert document.closed == 1


def test_a_pdf_of_300_pages_streams() -> None:
    """The same with a real PDF: its first page does not wait for the others."""
    engine = FakeEngine()
    results = read(pdf(*(str(n) for n in range(300))), engine=engine)
    assert next(results).info.total == 300
    results.close()
    assert len(engine.requests) < 10


def test_the_window_grows_and_is_bounded() -> None:
    """Pages in flight start at four, grow as results are taken, and never exceed 32."""
    engine = LazyEngine()
    sync(reading(FakeDocument(100), engine=engine))
    assert engine.in_flight[0] == 4
    assert engine.in_flight[:20] == sorted(engine.in_flight[:20])
    assert max(engine.in_flight) == 32


def test_pixels_go_when_a_page_is_done() -> None:
    """Memory stays flat: no picture outlives its result."""
    document = FakeDocument(120)
    with BackwardsEngine() as engine:
        alive = [len(document.live) for _ in reading(document, engine=engine).results()]
    assert max(alive) <= 1  # the engine keeps none, so only the one being handed over
    gc.collect()
    assert len(document.live) == 0


def test_documents_share_the_window() -> None:
    """Small files fill an engine's batch together."""
    engine = LazyEngine()
    files = [FakeDocument(2, name=f"{n}.pdf") for n in range(3)]
    results = reading(*files, engine=engine).results()
    next(results)
    assert engine.in_flight[0] == 4
    assert [len(file.rendered) for file in files] == [2, 2, 0]
    results.close()


def test_breaking_out_cancels() -> None:
    """Leaving the loop cancels what is queued, renders no more and closes the document."""
    engine, document = HeldEngine(), FakeDocument(50)
    for _ in reading(document, engine=engine).results():
        break
    gc.collect()
    assert document.closed == 1
    assert engine.cancelled == [False, True, True, True]
    assert len(document.rendered) == 4


def test_closing_an_async_read_cancels() -> None:
    """So does ``aclose``."""
    engine, document = HeldEngine(), FakeDocument(50)

    async def first_only() -> None:
        results = reading(document, engine=engine).aresults()
        await anext(results)
        await results.aclose()

    asyncio.run(first_only())
    assert document.closed == 1
    assert engine.cancelled == [False, True, True, True]


def test_cancelling_a_task_that_waits_for_the_engine() -> None:
    """A cancelled task cancels its queued pages and ends as cancelled."""
    engine, document = HeldEngine(answers_first=False), FakeDocument(50)

    async def cancel() -> None:
        task = asyncio.create_task(anext_of(reading(document, engine=engine).aresults()))
        async with asyncio.timeout(60):
            while len(engine.futures) < 4:
                await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert document.closed == 1
    assert engine.cancelled == [True] * 4


async def anext_of(results: AsyncGenerator[PageResult]) -> PageResult:
    """The next result; closes the generator when cancelled, as a ``with`` block would."""
    try:
        return await anext(results)
    finally:
        await results.aclose()


def test_cancelling_waits_for_the_page_that_renders() -> None:
    """The document is not closed under the thread that renders it, however often one cancels."""
    document, engine = FakeDocument(9), HeldEngine(answers_first=False)
    rendering, go_on = threading.Event(), threading.Event()
    closed_before_end: list[int] = []

    def wait(number: int) -> None:
        rendering.set()
        go_on.wait(60)
        closed_before_end.append(document.closed)

    document.before_render = wait

    async def cancel() -> None:
        task = asyncio.create_task(anext_of(reading(document, engine=engine).aresults()))
        await asyncio.to_thread(rendering.wait, 60)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.005)
        assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert closed_before_end == [0]
    assert document.closed == 1
    assert engine.cancelled == [True]


def test_the_event_loop_keeps_ticking() -> None:
    """Slow rendering does not block the loop."""
    document, ticked, waits = FakeDocument(5), threading.Event(), list[bool]()
    document.before_render = lambda number: waits.append(ticked.wait(60))

    async def tick() -> None:
        task = asyncio.create_task(consumed())
        for _ in range(10):
            await asyncio.sleep(0.002)
        assert not task.done()
        ticked.set()
        await task

    async def consumed() -> None:
        async for _ in reading(document).aresults():
            pass

    asyncio.run(tick())
    assert waits == [True] * 5


def test_a_read_may_be_resumed_on_any_thread() -> None:
    """Frameworks call ``next`` from different threads."""
    results = reading(FakeDocument(6)).results()
    found: list[PageResult] = []
    for _ in range(6):
        thread = threading.Thread(target=lambda: found.append(next(results)))
        thread.start()
        thread.join()
    assert texts(found) == [f"page {n}" for n in range(6)]
    results.close()


def broken_engine(request: OcrRequest) -> str | Exception:
    """Can't read page 4."""
    return RuntimeError("out of memory") if number_of(request) == 4 else says_number(request)


@both
def test_raise_raises_in_page_order(how: How) -> None:
    """Pages before the broken one are given; then its error, with source and page."""
    taken: list[PageResult] = []

    def engine(request: OcrRequest) -> str | Exception:
        taken.append(PageResult(info=FakeDocument(9).info(number_of(request))))
        return broken_engine(request)

    with pytest.raises(PageError, match=r"doc\.pdf, page 5: out of memory") as caught:
        how(reading(FakeDocument(9), engine=FakeEngine(engine)))
    assert (caught.value.source, caught.value.page) == ("doc.pdf", 4)
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(PageError, match=r"doc\.pdf, page 3: broken"):
        how(reading(FakeDocument(9, broken=[2]), engine=FakeEngine(broken_engine)))


def test_pages_before_a_broken_one_are_given() -> None:
    """The error waits for its turn."""
    document = FakeDocument(9, broken=[3])
    results = reading(document).results()
    assert [next(results).info.number for _ in range(3)] == [0, 1, 2]
    with pytest.raises(PageError):
        next(results)
    assert 4 not in document.rendered
    assert document.closed == 1


@both
def test_skip_leaves_out_with_a_warning(how: How, caplog: pytest.LogCaptureFixture) -> None:
    """What is left out is in the log, with source and page."""
    with caplog.at_level(logging.WARNING, "got_loaders"):
        document = FakeDocument(7, broken=[2])
        results = how(reading(document, engine=FakeEngine(broken_engine), on_error="skip"))
    assert [result.info.number for result in results] == [0, 1, 3, 5, 6]
    assert "doc.pdf, page 3: broken" in caplog.text
    assert "doc.pdf, page 5: out of memory" in caplog.text


@both
def test_keep_keeps_every_place(how: How) -> None:
    """A failed page stays in its place and says why."""
    document = FakeDocument(7, broken=[2])
    results = how(reading(document, engine=FakeEngine(broken_engine), on_error="keep"))
    assert [result.info.number for result in results] == list(range(7))
    assert [result.origin for result in results if result.origin != "ocr"] == ["failed", "failed"]
    assert results[2].error == "doc.pdf, page 3: broken"
    assert results[4].error == "doc.pdf, page 5: out of memory"
    assert results[4].ocr is None


@both
@pytest.mark.parametrize("on_error", ["skip", "keep"])
@pytest.mark.parametrize(
    "kind", [EngineDeadError, ModelNotFoundError, MissingDependencyError, OptionError]
)
def test_what_no_page_could_escape_is_raised(
    how: How, on_error: str, kind: type[Exception]
) -> None:
    """A dead engine is no broken page."""
    with pytest.raises(kind, match="gone"):
        how(reading(FakeDocument(3), engine=FakeEngine(kind("gone")), on_error=on_error))


class RefusingEngine(FakeEngine):
    """Refuses every request in ``submit``."""

    def submit(self, request: OcrRequest, *, listener: object = None) -> Any:
        """Too long."""
        raise RequestTooLongError("286 + 9000 tokens are more than 8192")


@both
def test_a_request_that_is_refused_obeys_on_error(how: How) -> None:
    """Errors of ``submit`` belong to their page."""
    results = how(reading(FakeDocument(2), engine=RefusingEngine(), on_error="keep"))
    assert [result.error for result in results] == [
        f"doc.pdf, page {n}: 286 + 9000 tokens are more than 8192" for n in (1, 2)
    ]
    with pytest.raises(PageError) as caught:
        how(reading(FakeDocument(2), engine=RefusingEngine()))
    assert isinstance(caught.value.__cause__, RequestTooLongError)


@both
def test_files_that_cannot_be_opened(how: How) -> None:
    """Each keeps its place in the list; with "raise" the files before it are given first."""
    source = ["a.pdf", "locked.pdf", "http://example.com/x.pdf", 3, "z.pdf"]

    def read_all(**options: Any) -> list[PageResult]:
        files = [FakeDocument(1, name="a.pdf"), FakeDocument(1, name="z.pdf")]
        return how(reading(*files, source=source, **options))

    results = read_all(on_error="keep")
    assert [r.info.source for r in results] == [*source[:3], "unknown", "z.pdf"]
    assert [r.info.number for r in results] == [0, None, None, None, 0]
    assert [r.origin for r in results] == ["ocr", "failed", "failed", "failed", "ocr"]
    assert "encrypted" in str(results[1].error)
    assert len(read_all(on_error="skip")) == 2
    with pytest.raises(PasswordError):
        read_all()


def test_a_missing_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    """Nothing is read in silence from a path that isn't there."""
    path = tmp_path / "nowhere.pdf"
    with pytest.raises(SourceError, match=r"nowhere\.pdf"):
        list(read(path, engine=FakeEngine()))


def test_passwords_open_and_stay_secret() -> None:
    """The right one opens; no message repeats a wrong one."""
    data = locked_pdf("open sesame")
    assert len(list(read(data, engine=FakeEngine(), password="open sesame"))) == 1
    with pytest.raises(PasswordError) as caught:
        list(read(data, engine=FakeEngine(), password="hunter2"))
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(ReadOptions(password="hunter2"))


def test_a_box_is_clipped_and_scaled() -> None:
    """Page units go in, pixels reach the engine, the clipped box is reported."""
    engine = FakeEngine()
    document = FakeDocument(1, size=(600, 800))
    (result,) = reading(document, engine=engine, box=(60, 80, 9999, 400)).results()
    assert result.region == Region(box=Box(60, 80, 600, 400))
    (request,) = engine.requests
    assert request.box == Box(6, 8, 60, 40)  # the fake's pictures have 60 x 80 pixels
    assert not request.crop_to_patches


def test_a_box_outside_the_page() -> None:
    """is that page's error, and costs no rendering."""
    document = FakeDocument(2)
    with pytest.raises(PageError, match=r"doc\.pdf, page 1: box=.*outside.*595 x 842 pt"):
        list(reading(document, box=(600, 0, 700, 10)).results())
    assert document.rendered == []


def test_an_empty_box_is_blank() -> None:
    """The model is not asked about a region without ink."""
    engine = FakeEngine()
    document = FakeDocument(1, size=(600, 800))
    (result,) = reading(document, engine=engine, box=(400, 500, 600, 800)).results()
    assert result.origin == "blank"
    assert engine.requests == []


@pytest.mark.parametrize("size", [(954.03, 800), (600, 158.12), (1733.9, 1219.1)])
def test_a_box_as_large_as_a_blank_page_is_blank(size: tuple[float, float]) -> None:
    """Even where, in pixels, rounding puts its end beyond the page's: nothing black lies there."""
    engine = FakeEngine()
    document = FakeDocument(1, blank=[0], size=size)
    (result,) = reading(document, engine=engine, box=(0, 0, *size)).results()
    assert result.origin == "blank"
    assert engine.requests == []


def test_a_box_thinner_than_a_pixel_is_looked_at() -> None:
    """The pixel that it lies in decides, at the very edge, too."""
    document = FakeDocument(1, size=(600, 800))
    edge = math.nextafter(600, 0)
    (result,) = reading(document, box=(edge, 0, 9999, 800)).results()
    assert result.region == Region(box=Box(edge, 0, 600, 800))
    assert result.origin == "blank"


def test_the_options_reach_the_request() -> None:
    """Colour, format and limits are passed on; a reader always stops at repetitions."""
    engine = FakeEngine()
    list(reading(FakeDocument(1), engine=engine, color="red", max_new_tokens=7).results())
    list(reading(FakeDocument(1), engine=engine, output="text").results())
    first, second = engine.requests
    assert (first.color, first.max_new_tokens, first.format) == ("red", 7, True)
    assert (second.color, second.format) == (None, False)
    assert first.stop_on_repetition
    assert second.stop_on_repetition


def test_a_strip_is_seen_in_tiles() -> None:
    """The grid is chosen before rendering, and the engine is told of it."""
    engine = FakeEngine()
    document = FakeDocument(1, size=(1200, 400))
    list(reading(document, engine=engine).results())
    assert document.grids == [(3072, 1024)]
    (request,) = engine.requests
    assert (request.crop_to_patches, request.min_patches, request.max_patches) == (True, 3, 3)


def test_blank_pages_are_not_read() -> None:
    """A blank page is told as such; ``skip_blank=False`` asks the model all the same."""
    results = list(reading(FakeDocument(3, blank=[1])).results())
    assert [result.origin for result in results] == ["ocr", "blank", "ocr"]
    assert results[1].ocr is None
    results = list(reading(FakeDocument(3, blank=[1]), skip_blank=False).results())
    assert [result.origin for result in results] == ["ocr"] * 3


def test_pages_are_read_together() -> None:
    """``multi_page=3`` of seven pages: two requests of three, and the last page alone."""
    engine = FakeEngine()
    document = FakeDocument(7, size=(1200, 400))
    results = list(reading(document, engine=engine, multi_page=3).results())
    spans = [(result.info.number, result.info.last_number) for result in results]
    assert spans == [(0, 2), (3, 5), (6, None)]
    assert [len(request.images) for request in engine.requests] == [3, 3, 1]
    assert [request.multi_page for request in engine.requests] == [True, True, False]
    assert [request.crop_to_patches for request in engine.requests] == [False, False, True]


def test_a_broken_page_of_a_group() -> None:
    """fails alone; blank pages are left out of the request."""
    engine = FakeEngine()
    document = FakeDocument(4, broken=[0], blank=[2])
    results = list(reading(document, engine=engine, multi_page=4, on_error="keep").results())
    assert [(r.info.number, r.info.last_number) for r in results] == [(0, None), (1, 3)]
    assert [r.origin for r in results] == ["failed", "ocr"]
    assert [len(request.images) for request in engine.requests] == [2]
    with pytest.raises(PageError, match="page 1: broken"):
        list(reading(FakeDocument(4, broken=[0]), engine=engine, multi_page=4).results())
    assert len(engine.requests) == 1


def test_a_blank_group() -> None:
    """Pages that are all blank give one blank result."""
    (result,) = reading(FakeDocument(2, blank=[0, 1]), multi_page=2).results()
    assert (result.origin, result.info.last_number) == ("blank", 1)


def test_a_failed_group_names_its_pages() -> None:
    """The message has the first and the last."""
    engine = FakeEngine(EngineError("no room"))
    with pytest.raises(PageError, match=r"doc\.pdf, pages 1 to 2: no room"):
        list(reading(FakeDocument(2), engine=engine, multi_page=2).results())


@both
def test_progress_is_told(how: How) -> None:
    """One event a page, failed and skipped ones too; the total grows file by file."""
    events: list[ProgressEvent] = []
    files = [FakeDocument(12, name="a.pdf"), FakeDocument(2, name="b.pdf", broken=[0])]
    how(reading(*files, on_error="skip", progress=events.append))
    assert [event.done for event in events] == list(range(1, 15))
    assert events[0].total == 12
    assert events[-1].total == 14
    assert events[12].result.origin == "failed"


def test_progress_counts_the_pages_of_a_group() -> None:
    """Three pages in two requests are three pages."""
    events: list[ProgressEvent] = []
    list(reading(FakeDocument(3), multi_page=2, progress=events.append).results())
    assert [(event.done, event.total) for event in events] == [(2, 3), (3, 3)]


@both
def test_the_log_tells_what_became_of_each_page(how: How, caplog: pytest.LogCaptureFixture) -> None:
    """A line a file at INFO and a line a page at DEBUG, without a word of what was read."""
    document = FakeDocument(4, broken=[2], blank=[3])
    with caplog.at_level(logging.DEBUG, "got_loaders"):
        how(reading(document, on_error="keep"))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "doc.pdf: 4 of 4 pages"),
        ("DEBUG", "doc.pdf, page 1: ocr, 2 tokens, stop"),
        ("DEBUG", "doc.pdf, page 2: ocr, 2 tokens, stop"),
        ("DEBUG", "doc.pdf, page 3: failed"),
        ("DEBUG", "doc.pdf, page 4: blank"),
    ]


def test_a_progress_bar_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """``progress=True`` draws one bar over all pages; standard output stays clean."""
    list(reading(FakeDocument(3), progress=True).results())
    out, err = capsys.readouterr()
    assert out == ""
    assert "3/3" in err


def test_no_progress_no_noise(capsys: pytest.CaptureFixture[str]) -> None:
    """By default a read writes nothing."""
    list(reading(FakeDocument(3)).results())
    assert capsys.readouterr() == ("", "")


def test_an_injected_engine_stays_open() -> None:
    """Whoever opened an engine closes it."""
    engine = FakeEngine()
    list(reading(FakeDocument(1), engine=engine).results())
    assert not engine.closed


def test_read_and_aread_are_public() -> None:
    """They are names of the package."""
    data = pdf("one", "two")
    assert got_loaders.read is read
    found = list(read(data, engine=FakeEngine("x")))

    async def collect() -> list[PageResult]:
        return [result async for result in aread(data, engine=FakeEngine("x"))]

    assert asyncio.run(collect()) == found
    assert [result.info.number for result in found] == [0, 1]


def test_a_page_that_stays_alone_is_rendered_once() -> None:
    """It is known before that no other page joins its request: it is shown in its tiles at once."""
    document = FakeDocument(3, size=(2384.0, 3370.0))  # A0: several tiles where it goes alone
    engine = FakeEngine(says_number)
    results = list(
        ReadJob(
            document.name, None, engine, ReadOptions(multi_page=2), opener=opener(document)
        ).results()
    )
    assert [result.info.last_number for result in results] == [1, None]
    assert [request.crop_to_patches for request in engine.requests] == [False, True]
    assert document.rendered == [0, 1, 2]


def test_a_page_whose_neighbour_is_broken_is_shown_in_its_tiles() -> None:
    """What goes into one request is planned before it is known that a page can't be rendered."""
    document = FakeDocument(2, size=(2384.0, 3370.0), broken=[1])
    engine = FakeEngine(says_number)
    options = ReadOptions(multi_page=2, on_error="keep")
    job = ReadJob(document.name, None, engine, options, opener=opener(document))
    assert [result.origin for result in job.results()] == ["ocr", "failed"]
    assert [request.crop_to_patches for request in engine.requests] == [True]
