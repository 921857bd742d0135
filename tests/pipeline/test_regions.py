"""A page read region by region: which regions, how they are shown, what becomes of them."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from got_loaders import Box, GotOcrLoader, OcrRequest, OcrResult, PageResult, ReadOptions, Region
from got_loaders.documents import Record, build
from got_loaders.errors import (
    EngineDeadError,
    ModelNotFoundError,
    PageError,
    RequestTooLongError,
)
from got_loaders.pages import TextLayer, TextPart
from got_loaders.pipeline.reader import ReadJob
from got_loaders.testing import FakeEngine
from got_loaders.types import Page, RegionType
from tests.fakes import FakeDocument, LazyEngine, opener
from tests.pages.making import image

INKS = {"red one": (200, 0, 0), "green two": (0, 140, 0), "blue three": (0, 0, 200)}
BLOCKS = {
    "red one": Box(60, 80, 300, 190),
    "green two": Box(330, 80, 540, 190),
    "blue three": Box(60, 400, 540, 490),
}
"""In points, on a page of 600 x 800."""


def sheet() -> Image.Image:
    """A page of 1200 x 1600 pixels with a block of each ink: lines of words, made of strokes."""
    image = Image.new("RGB", (1200, 1600), "white")
    draw = ImageDraw.Draw(image)
    for name, box in BLOCKS.items():
        left, top, right, bottom = (2 * int(edge) for edge in box)
        for y in range(top, bottom - 19, 40):
            for x in (x for x in range(left, right - 9, 14) if (x - left) // 14 % 6):
                draw.rectangle((x, y, x + 9, y + 19), fill=INKS[name])
            draw.rectangle((left, y, left + 9, y + 19), fill=INKS[name])
            draw.rectangle((right - 9, y, right, y + 19), fill=INKS[name])
    return image


class Sheets(FakeDocument):
    """Pages that show the blocks."""

    def page(self, number: int, *, width: int, height: int, dpi: float | None = None) -> Page:
        """The sheet; a broken page raises."""
        page = super().page(number, width=width, height=height, dpi=dpi)
        return page if number in self.blank else replace(page, image=sheet())


def sheets(total: int = 1, **more: Any) -> Sheets:
    """A document whose layout tells of the blocks."""
    found = tuple(Region(box=box, type="text") for box in BLOCKS.values())
    return Sheets(total, **{"size": (600.0, 800.0), "regions": found, **more})


def inks_of(request: OcrRequest) -> str:
    """A reply: the names of the inks that the request's picture shows, box prompts obeyed."""
    image = request.images[0]
    if request.box is not None:
        image = image.crop(tuple(map(round, request.box)))  # type: ignore[arg-type]  # four numbers
    colors = {color for _, color in image.getcolors(1 << 24) or ()}
    return ", ".join(name for name, ink in INKS.items() if ink in colors)


def reading(*documents: FakeDocument, engine: Any = None, **options: Any) -> ReadJob:
    """A pass over fake documents."""
    names = [document.name for document in documents]
    engine = engine or FakeEngine(inks_of)
    return ReadJob(names, None, engine, ReadOptions(**options), opener=opener(*documents))


def results(*documents: FakeDocument, **options: Any) -> list[PageResult]:
    """What reading them gives."""
    return list(reading(*documents, **options).results())


def built(*documents: FakeDocument, **options: Any) -> list[Record]:
    """The records."""
    return list(build(reading(*documents, **options)))


def texts(found: list[PageResult]) -> list[str]:
    """What was read."""
    return [result.ocr.text if result.ocr else "" for result in found]


@pytest.mark.parametrize("prompt", ["crop", "box"])
def test_each_region_is_read_on_its_own(prompt: str) -> None:
    """In the order of the layout; neither a crop nor a box shows a neighbour's ink."""
    found = results(sheets(), regions="auto", region_prompt=prompt)
    assert texts(found) == list(BLOCKS)
    assert [result.region_index for result in found] == [0, 1, 2]
    assert [result.region.box for result in found if result.region] == list(BLOCKS.values())


def test_a_crop_is_shown_on_a_sheet() -> None:
    """Half the page in size and of its shape: a line alone would be stretched beyond reading."""
    engine = FakeEngine(inks_of)
    boxes = [BLOCKS["red one"], (0, 395, 600, 495), (0, 0, 600, 800)]
    results(sheets(), engine=engine, regions=boxes)
    sizes = [request.images[0].size for request in engine.requests]
    assert sizes[0] == (600, 800)
    for width, height in sizes[1:]:
        assert abs(width / height - 3 / 4) < 0.02
        assert width >= 1200


def test_a_scan_is_laid_out_by_its_picture() -> None:
    """Where the document tells nothing, its picture does: columns first, then what is below."""
    found = results(sheets(regions=None), regions="auto")
    assert texts(found) == list(BLOCKS)
    for result, block in zip(found, BLOCKS.values(), strict=True):
        assert result.region is not None
        assert max(abs(a - b) for a, b in zip(result.region.box, block, strict=True)) < 4


def test_given_boxes_are_read_in_their_order() -> None:
    """On every page."""
    boxes = [BLOCKS["blue three"], tuple(BLOCKS["red one"])]
    found = results(sheets(2), regions=boxes)
    assert texts(found) == ["blue three", "red one"] * 2
    assert [result.info.number for result in found] == [0, 0, 1, 1]


def test_boxes_by_page() -> None:
    """A page that is not named is read as a whole."""
    found = results(sheets(2), regions={1: [BLOCKS["green two"]]})
    assert texts(found) == [", ".join(BLOCKS), "green two"]
    assert found[0].region is None


def test_a_region_outside_the_page() -> None:
    """is an error of its own: the other regions are read."""
    outside = (700, 0, 800, 100)
    found = results(sheets(), regions=[BLOCKS["red one"], outside], on_error="keep")
    assert [result.origin for result in found] == ["ocr", "failed"]
    assert "lies outside the page" in str(found[1].error)
    with pytest.raises(PageError, match="outside"):
        results(sheets(), regions=[outside])
    assert texts(results(sheets(), regions=[outside, BLOCKS["red one"]], on_error="skip")) == [
        "red one"
    ]


def test_a_region_document() -> None:
    """holds the region's text, and says which it is and where it stands."""
    first, second, _ = built(sheets(), mode="region")
    assert (first.text, second.text) == ("red one", "green two")
    assert {key: second.metadata[key] for key in ("page", "region_index", "region_type")} == {
        "page": 0,
        "region_index": 1,
        "region_type": "text",
    }
    assert [second.metadata[edge] for edge in Box._fields] == list(BLOCKS["green two"])
    assert first.id != second.id
    assert built(sheets(), mode="region")[1].id == second.id


def test_a_page_document_joins_its_regions() -> None:
    """In order, an empty line between; its metadata names no single region."""
    (record,) = built(sheets(), regions="auto")
    assert record.text == "\n\n".join(BLOCKS)
    assert not {"x0", "region_index", "region_type"} & set(record.metadata)


def test_dropped_types_are_not_read() -> None:
    """The model is not asked for them."""
    kinds: tuple[RegionType, ...] = ("header", "text", "footer")
    found = tuple(
        Region(box=box, type=kind) for box, kind in zip(BLOCKS.values(), kinds, strict=True)
    )
    engine = FakeEngine(inks_of)
    (record,) = built(
        sheets(regions=found), engine=engine, regions="auto", drop=("header", "footer")
    )
    assert record.text == "green two"
    assert len(engine.requests) == 1


def test_a_page_of_which_all_is_dropped() -> None:
    """stays: empty, and said to be blank."""
    found = (Region(box=BLOCKS["red one"], type="header"),)
    (record,) = built(sheets(regions=found), regions="auto", drop="header")
    assert (record.text, record.metadata["ocr_origin"]) == ("", "blank")


def test_too_many_regions_are_one() -> None:
    """A page in more pieces than ``max_regions`` is read as a whole."""
    (result,) = results(sheets(), regions="auto", max_regions=2)
    assert result.region == Region(box=Box(0, 0, 600, 800))
    assert texts([result]) == [", ".join(BLOCKS)]


def test_a_blank_page_has_no_regions() -> None:
    """Nobody looks for any."""
    engine = FakeEngine(inks_of)
    (record,) = built(sheets(blank=[0]), engine=engine, mode="region")
    assert record.metadata["ocr_origin"] == "blank"
    assert engine.requests == []


def test_a_page_that_can_not_be_rendered_is_one_error() -> None:
    """The pages around it are read."""
    found = results(sheets(3, broken=[1]), regions="auto", on_error="keep")
    assert [result.origin for result in found] == ["ocr"] * 3 + ["failed"] + ["ocr"] * 3


def test_progress_counts_pages() -> None:
    """Not regions."""
    events: list[tuple[int, int]] = []
    results(sheets(2), regions="auto", progress=lambda e: events.append((e.done, e.total)))
    assert events == [(1, 2), (2, 2)]


def test_progress_tells_of_what_failed() -> None:
    """A page of which a region failed is reported by that region."""
    told: list[str] = []
    options = {"regions": [(700, 0, 800, 9), BLOCKS["red one"]], "on_error": "keep"}
    results(sheets(), progress=lambda event: told.append(event.result.origin), **options)
    assert told == ["failed"]


def test_the_window_counts_regions() -> None:
    """Pages in many pieces fill it sooner: what waits in an engine stays bounded."""
    found = (Region(box=BLOCKS["red one"]),) * 20
    engine = LazyEngine()
    results(sheets(30, regions=found), engine=engine, regions="auto")
    assert len(engine.futures) == 600
    assert max(engine.in_flight) <= 32 + 20


def test_what_the_document_can_not_tell_is_seen() -> None:
    """A layout or a text that raises leaves the page's picture."""
    document = sheets()

    def broken(number: int) -> Any:
        raise PageError("broken", source="doc.pdf", page=number)

    document.regions = broken  # type: ignore[method-assign]  # of this one
    document.text_layer = broken  # type: ignore[method-assign]  # likewise
    assert texts(results(document, regions="auto", text_layer="auto")) == list(BLOCKS)


def test_a_large_region_is_seen_in_tiles() -> None:
    """By its own shape, as a page would be: a strip in two, the page in one view."""
    engine = FakeEngine(inks_of)
    document = sheets(size=(1700.0, 800.0))
    results(document, engine=engine, regions=[(0, 0, 1700, 800)])
    assert engine.requests[0].crop_to_patches
    engine = FakeEngine(inks_of)
    results(sheets(), engine=engine, regions=[(0, 0, 600, 800)])
    assert not engine.requests[0].crop_to_patches


def test_closing_cancels_the_regions() -> None:
    """Whoever stops early leaves nothing running."""
    documents = sheets(40)
    found = reading(documents, regions="auto").results()
    next(found)
    found.close()
    assert documents.closed == 1
    assert len(documents.rendered) < 40


def test_a_page_that_lost_a_region_says_so() -> None:
    """ "skip" leaves out the region; the page, which is not whole, says why."""

    def reply(request: OcrRequest) -> str:
        if "green" in inks_of(request):
            raise RequestTooLongError("too long")
        return inks_of(request)

    options = {"engine": FakeEngine(reply), "on_error": "skip"}
    (record,) = built(sheets(), regions="auto", **options)
    assert record.text == "red one\n\nblue three"
    assert "too long" in str(record.metadata["error"])
    assert len(built(sheets(), mode="region", **options)) == 2
    assert len(results(sheets(), regions="auto", **options)) == 2
    assert (
        results(sheets(), regions="auto", engine=FakeEngine(OSError("no")), on_error="skip") == []
    )


class Counting:
    """An engine that never answers; ``after`` so many requests something happens."""

    fingerprint = "counting"

    def __init__(self, after: int, happens: Callable[[], object]) -> None:
        self.futures: list[Future[OcrResult]] = []
        self._after, self._happens = after, happens

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Count it."""
        if len(self.futures) == self._after:
            self._happens()
        self.futures.append(Future())
        return self.futures[-1]

    def close(self) -> None:
        """Nothing to do."""


def test_what_was_asked_is_cancelled_when_the_engine_dies() -> None:
    """In the middle of a page, too."""

    def die() -> None:
        raise EngineDeadError("dead")

    engine = Counting(2, die)
    with pytest.raises(EngineDeadError):
        results(sheets(), engine=engine, regions="auto")
    assert [future.cancelled() for future in engine.futures] == [True, True]


def test_cancelling_ends_a_page_in_the_middle() -> None:
    """The regions that were not asked about yet are not."""

    async def cancel_after_three() -> Counting:
        loop, reached = asyncio.get_running_loop(), asyncio.Event()
        go_on = threading.Event()

        def happens() -> None:
            loop.call_soon_threadsafe(reached.set)
            go_on.wait(60)

        engine = Counting(3, happens)
        found = tuple(Region(box=BLOCKS["red one"]) for _ in range(50))
        pages = reading(sheets(regions=found), engine=engine, regions="auto").apages()
        task = asyncio.ensure_future(anext(pages))
        await reached.wait()
        task.cancel()
        await asyncio.sleep(0)
        loop.call_later(0.05, go_on.set)
        with pytest.raises(asyncio.CancelledError):
            await task
        return engine

    engine = asyncio.run(cancel_after_three())
    assert len(engine.futures) <= 5
    assert all(future.cancelled() for future in engine.futures)


def test_layout_that_fails_costs_the_layout_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is read as a whole."""

    def broken(page: Image.Image) -> tuple[Region, ...]:
        raise IndexError("a defect")

    monkeypatch.setattr("got_loaders.pipeline.regions.find_regions", broken)
    (result,) = results(sheets(regions=None), regions="auto")
    assert texts([result]) == [", ".join(BLOCKS)]


def test_a_layout_model_that_can_not_be_had_is_one_error(tmp_path: Path) -> None:
    """Not one for each page, whatever ``on_error`` says."""
    (tmp_path / "config.json").write_text("{}")
    for model in (str(tmp_path), str(tmp_path / "missing")):
        with pytest.raises(ModelNotFoundError):
            results(sheets(3), regions="auto", layout_model=model, on_error="keep")


@pytest.mark.parametrize("options", [{}, {"regions": "auto"}, {"regions": [(700, 0, 800, 9)]}])
def test_failed_pages_leave_no_pictures(options: dict[str, Any]) -> None:
    """What failed is kept as an error, not with the pixels that its frames held."""
    document = FakeDocument(12, size=(600, 800))
    engine = FakeEngine(RequestTooLongError("too long"))
    gc.collect()
    gc.disable()
    try:
        found = results(document, engine=engine, on_error="keep", **options)
        engine.requests.clear()
        assert [result.origin for result in found] == ["failed"] * 12
        assert len(document.live) <= 1
    finally:
        gc.enable()


def test_a_stand_in_for_the_regions_is_never_dropped() -> None:
    """Where layout finds too much, nobody knows that the page is only text."""
    (result,) = results(sheets(), regions="auto", max_regions=2, drop="text")
    assert texts([result]) == [", ".join(BLOCKS)]


def test_pages_are_read_together_with_their_neighbours_only() -> None:
    """So that a range says which pages they are."""
    engine = FakeEngine(lambda request: f"{len(request.images)}")
    document = FakeDocument(6, broken=[3])
    found = results(document, engine=engine, multi_page=2, pages=[5, 1, 2, 3, 4], on_error="keep")
    ranges = [(result.info.number, result.info.last_number) for result in found]
    assert ranges == [(5, None), (1, 2), (3, None), (4, None)]


def test_a_region_is_a_place_however_it_was_asked_for() -> None:
    """``mode="region"`` means ``regions="auto"``."""
    one, other = built(sheets(), mode="region"), built(sheets(), mode="region", regions="auto")
    assert [record.id for record in one] == [record.id for record in other]


def layer(*kinds: RegionType, good: bool = True) -> TextLayer:
    """The blocks' names as a page's own text."""
    named = zip(BLOCKS.items(), kinds or ("title", "text", "text"), strict=True)
    parts = tuple(
        TextPart(region=Region(box=box, type=kind), text=f"own {name}")
        for (name, box), kind in named
    )
    return TextLayer(good=good, reason="" if good else "unreadable", parts=parts)


def test_good_text_of_its_own_is_used() -> None:
    """Page by page: the model reads the rest, and each says which it is."""
    engine = FakeEngine("read")
    first, second = built(sheets(2, layers={0: layer()}), engine=engine, text_layer="auto")
    assert first.text == "own red one\n\nown green two\n\nown blue three"
    assert first.metadata["ocr_origin"] == "text_layer"
    assert not {"ocr_model", "ocr_confidence"} & set(first.metadata)
    assert (second.text, second.metadata["ocr_origin"]) == ("read", "ocr")
    assert len(engine.requests) == 1


def test_bad_text_of_its_own_is_not() -> None:
    """The page is read."""
    (record,) = built(sheets(layers={0: layer(good=False)}), text_layer="auto")
    assert record.metadata["ocr_origin"] == "ocr"


def test_own_text_comes_region_by_region_where_wanted() -> None:
    """With its boxes and types; dropped types are dropped."""
    document = sheets(layers={0: layer("header", "title", "table")})
    found = built(document, mode="region", text_layer="auto", drop="header")
    assert [record.text for record in found] == ["own green two", "own blue three"]
    assert [record.metadata["region_type"] for record in found] == ["title", "table"]
    assert [record.metadata["region_index"] for record in found] == [0, 1]


def test_own_text_leaves_groups_in_order() -> None:
    """Pages that are read together are still read together around a page that isn't."""
    engine = FakeEngine(lambda request: f"{len(request.images)} pages")
    document = FakeDocument(5, layers={2: layer()})
    found = results(document, engine=engine, multi_page=2, text_layer="auto")
    assert [result.origin for result in found] == ["ocr", "text_layer", "ocr"]
    assert texts(found)[::2] == ["2 pages", "2 pages"]


def test_a_loader_reads_regions_of_a_real_picture() -> None:
    """From a file's bytes to Documents with boxes in its pixels."""
    loader = GotOcrLoader(image(sheet(), "PNG"), engine=FakeEngine(inks_of), mode="region")
    found = loader.load()
    assert [document.page_content for document in found] == list(BLOCKS)
    assert found[0].metadata["page_unit"] == "px"
    assert abs(found[0].metadata["x1"] - 2 * BLOCKS["red one"].x1) < 8


def test_the_log_says_why_a_page_s_own_text_is_not_used(caplog: pytest.LogCaptureFixture) -> None:
    """Otherwise nobody could tell why a page with text was read."""
    with caplog.at_level(logging.INFO, "got_loaders.pipeline.planner"):
        results(sheets(layers={0: layer(good=False)}), text_layer="auto")
    (record,) = (record for record in caplog.records if record.name.endswith(".planner"))
    assert record.getMessage().startswith("doc.pdf, page 1: its own text is not used: ")
