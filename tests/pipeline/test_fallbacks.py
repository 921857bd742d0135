"""A second try where reading went wrong: in tiles, or with the page's own text; never a third."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from got_loaders import Box, OcrRequest, OcrResult, PageResult, ReadOptions, Region
from got_loaders.documents import build
from got_loaders.errors import EngineDeadError, PageError
from got_loaders.pages import CrashCounter, TextLayer, TextPart
from got_loaders.pipeline.reader import ReadJob
from got_loaders.sources import Source
from got_loaders.testing import FakeEngine
from tests.fakes import A4, FakeDocument, number_of, opener

How = Callable[[ReadJob], list[PageResult]]

LOOP = OcrResult(text="la la", finish_reason="repetition", confidence=0.4)
CUT = OcrResult(text="half", finish_reason="length")
OWN = TextLayer(
    good=True,
    reason="",
    parts=(
        TextPart(region=Region(box=Box(50, 50, 500, 100)), text="own first"),
        TextPart(region=Region(box=Box(50, 400, 500, 500)), text="own second"),
    ),
)


def sync(reading: ReadJob) -> list[PageResult]:
    """All results, by ``run``."""
    return list(reading.results())


def in_a_loop(reading: ReadJob) -> list[PageResult]:
    """All results, by ``arun``."""

    async def collect() -> list[PageResult]:
        return [result async for result in reading.aresults()]

    return asyncio.run(collect())


both = pytest.mark.parametrize("how", [sync, in_a_loop])


def reading(document: FakeDocument, engine: FakeEngine, **options: Any) -> ReadJob:
    """A pass over a fake document."""
    options = {"on_error": "keep", **options}
    return ReadJob(document.name, None, engine, ReadOptions(**options), opener=opener(document))


def whole_and_tiles(whole: Any, tiles: Any) -> FakeEngine:
    """An engine that answers differently when it sees a page in tiles."""
    return FakeEngine(lambda request: tiles if request.crop_to_patches else whole)


@both
def test_a_reading_in_circles_is_asked_again_in_tiles(how: How) -> None:
    """Once; what comes of it is the result, and says that it is a second one."""
    engine = whole_and_tiles(LOOP, "in tiles")
    (result,) = how(reading(FakeDocument(1), engine))
    assert result.ocr is not None
    assert (result.ocr.text, result.ocr.finish_reason) == ("in tiles", "stop")
    assert result.retried
    assert [request.crop_to_patches for request in engine.requests] == [False, True]


@both
@pytest.mark.parametrize("tiles", [LOOP, CUT, "", RuntimeError("no")])
def test_a_second_try_that_is_no_better_changes_nothing(how: How, tiles: Any) -> None:
    """The first reading stays, marked."""
    engine = whole_and_tiles(LOOP, tiles)
    (result,) = how(reading(FakeDocument(1), engine))
    assert result.ocr == LOOP
    assert result.retried
    assert result.error is None
    assert len(engine.requests) == 2


@both
def test_the_order_stays(how: How) -> None:
    """Pages that are asked again come in their places."""
    engine = whole_and_tiles(LOOP, "in tiles")
    found = how(reading(FakeDocument(9), engine))
    assert [result.info.number for result in found] == list(range(9))
    assert len(engine.requests) == 18


def test_a_document_says_that_it_was_asked_again() -> None:
    """In its metadata; others have no such key."""
    for engine, told in ((whole_and_tiles(LOOP, "x"), True), (FakeEngine("x"), None)):
        (record,) = build(reading(FakeDocument(1), engine))
        assert record.metadata.get("ocr_retried") is told


@pytest.mark.parametrize(
    "options",
    [
        {"crop_to_patches": True},
        {"crop_to_patches": False},
        {"max_patches": 1},
        {"box": (0, 0, 300, 300)},
        {"color": "red"},
        {"multi_page": 2},
    ],
)
def test_what_can_not_be_shown_otherwise_is_not_asked_again(options: dict[str, Any]) -> None:
    """Tiles that were seen already, and requests that tiles don't go with."""
    engine = FakeEngine(LOOP)
    pages = 2 if "multi_page" in options else 1
    (result,) = reading(FakeDocument(pages), engine, **options).results()
    assert (result.ocr, result.retried) == (LOOP, False)
    assert len(engine.requests) == 1


def test_a_second_look_is_a_new_one() -> None:
    """Even at a square page, which would be one tile."""
    engine = whole_and_tiles(LOOP, "in tiles")
    list(reading(FakeDocument(1, size=(300, 300)), engine).results())
    assert engine.requests[1].min_patches > 1


def test_a_box_prompt_is_asked_again_as_a_crop() -> None:
    """Tiles know no boxes."""
    found = (Region(box=Box(60, 60, 300, 400)),)
    engine = FakeEngine(LOOP)
    options = {"regions": "auto", "region_prompt": "box"}
    list(reading(FakeDocument(1, regions=found), engine, **options).results())
    first, second = engine.requests
    assert (first.box is None, second.box is None) == (False, True)
    assert second.crop_to_patches


def test_a_file_was_asked_again_if_a_page_was() -> None:
    """Whichever it is."""

    def reply(request: OcrRequest) -> OcrResult | str:
        return LOOP if number_of(request) == 1 and not request.crop_to_patches else "text"

    (record,) = build(reading(FakeDocument(3), FakeEngine(reply), mode="single"))
    assert record.metadata["ocr_retried"] is True


def test_regions_share_what_is_opened_again() -> None:
    """However many of a page went in circles, it is opened and rendered once more, not for each."""
    document = FakeDocument(1, regions=(Region(box=Box(60, 60, 300, 400)),) * 20)
    opened: list[int] = []
    again = opener(document)

    def counting(
        source: Source, *, password: str | None = None, crash_counter: CrashCounter | None = None
    ) -> FakeDocument:
        opened.append(1)
        return again(source, password=password)

    engine = whole_and_tiles(LOOP, "in tiles")
    options = ReadOptions(regions="auto", text_layer="fallback")
    results = list(ReadJob("doc.pdf", None, engine, options, opener=counting).results())
    assert [result.retried for result in results] == [True] * 20
    assert len(opened) == len(document.rendered) == document.closed == 2


@both
def test_own_text_must_be_good_on_all_pages_of_a_request(how: How) -> None:
    """One page's text does not stand for three."""
    document = FakeDocument(3, layers={0: OWN})
    (result,) = how(reading(document, FakeEngine(CUT), multi_page=3, text_layer="fallback"))
    assert (result.origin, result.ocr) == ("ocr", CUT)
    document = FakeDocument(3, layers={0: OWN, 1: OWN, 2: OWN})
    (result,) = how(reading(document, FakeEngine(CUT), multi_page=3, text_layer="fallback"))
    assert result.origin == "text_layer"
    assert result.ocr is not None
    assert result.ocr.text.count("own first") == 3


def test_a_region_is_asked_again_in_tiles() -> None:
    """The region alone, not its page; regions that went well are not."""
    looped = [True]

    def reply(request: OcrRequest) -> OcrResult | str:
        if request.crop_to_patches:
            return "in tiles"
        return LOOP if looped and looped.pop() else "well"

    found = (Region(box=Box(60, 60, 300, 400)), Region(box=Box(100, 100, 300, 400)))
    engine = FakeEngine(reply)
    results = list(reading(FakeDocument(1, regions=found), engine, regions="auto").results())
    assert [result.ocr.text for result in results if result.ocr] == ["in tiles", "well"]
    assert [result.retried for result in results] == [True, False]
    assert engine.requests[0].images[0].size == engine.requests[-1].images[0].size


@both
@pytest.mark.parametrize("answer", [LOOP, CUT, RuntimeError("no")])
def test_own_text_is_the_fallback(how: How, answer: Any) -> None:
    """Where reading failed, went in circles or was cut off, in tiles, too."""
    document = FakeDocument(2, layers={0: OWN, 1: OWN})
    engine = FakeEngine(answer)
    first, second = how(reading(document, engine, text_layer="fallback"))
    assert first.ocr is not None
    assert first.ocr.text == "own first\n\nown second"
    assert first.origin == second.origin == "text_layer"
    assert first.error is None


@both
def test_a_page_that_can_not_be_rendered_falls_back(how: How) -> None:
    """To its own text, even where errors are raised."""
    document = FakeDocument(2, broken=[0], layers={0: OWN})
    options = {"text_layer": "fallback", "on_error": "raise"}
    first, second = how(reading(document, FakeEngine("read"), **options))
    assert (first.origin, second.origin) == ("text_layer", "ocr")


def test_a_reading_that_went_well_stays() -> None:
    """The page's own text is not even looked at."""
    document = FakeDocument(1, layers={0: OWN})
    (result,) = reading(document, FakeEngine("read"), text_layer="fallback").results()
    assert result.origin == "ocr"


@pytest.mark.parametrize("layer", [TextLayer(good=False, reason="bad", parts=OWN.parts), None])
def test_without_good_text_the_reading_stays_as_it_is(layer: TextLayer | None) -> None:
    """Marked, cut or failed."""
    layers = {} if layer is None else {0: layer}
    document = FakeDocument(1, layers=layers)
    (result,) = reading(document, FakeEngine(CUT), text_layer="fallback").results()
    assert (result.origin, result.ocr) == ("ocr", CUT)
    document = FakeDocument(1, layers=layers)
    (result,) = reading(document, FakeEngine(RuntimeError("no")), text_layer="fallback").results()
    assert result.origin == "failed"
    assert "no" in str(result.error)


def test_a_region_falls_back_to_its_own_text() -> None:
    """To what stands in it, no more."""
    found = (Region(box=Box(0, 0, A4[0], 300)), Region(box=Box(0, 300, A4[0], A4[1])))
    document = FakeDocument(1, regions=found, layers={0: OWN})
    options = {"regions": "auto", "text_layer": "fallback", "skip_blank": False}
    results = list(reading(document, FakeEngine(CUT), **options).results())
    assert [result.ocr.text for result in results if result.ocr] == ["own first", "own second"]
    assert [result.region_index for result in results] == [0, 1]


def test_own_text_that_is_out_of_reach_loses_nothing() -> None:
    """A file that is gone by then leaves the reading as it was."""
    document = FakeDocument(1)

    def gone(number: int) -> TextLayer:
        raise PageError("gone", source="doc.pdf", page=number)

    document.text_layer = gone  # type: ignore[method-assign]  # this one document
    (result,) = reading(document, FakeEngine(CUT), text_layer="fallback").results()
    assert result.ocr == CUT


@both
def test_a_dead_engine_ends_a_second_try(how: How) -> None:
    """It concerns all pages, and is raised."""
    engine = whole_and_tiles(LOOP, EngineDeadError("dead"))
    with pytest.raises(EngineDeadError):
        how(reading(FakeDocument(1), engine))
