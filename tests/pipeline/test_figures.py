"""Figures are kept: their pictures as files or in the text, and a word of them where they stood."""

from __future__ import annotations

import asyncio
import base64
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.documents import Document
from PIL import Image, ImageChops, ImageDraw, ImageStat

from got_loaders import Box, GotOcrLoader, PageResult, ReadOptions, Region, aread, locate, read
from got_loaders.documents import Record, build
from got_loaders.errors import OptionError
from got_loaders.options import ReadOverrides
from got_loaders.pages import TextLayer, TextPart
from got_loaders.pipeline.reader import ReadJob
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, Page, RegionType
from tests.fakes import FakeDocument, opener
from tests.figure_page import figure_page
from tests.layout.scans import scan
from tests.pages.making import image, pymupdf

CHART = Box(100, 300, 500, 550)
CAPTION = Box(120, 560, 480, 580)
TEXT = Box(100, 100, 500, 280)
BELOW = Box(100, 620, 500, 700)
"""In points, on a page of 600 x 800; what stands on it, in this order."""


def regions(*kinds: tuple[Box, RegionType]) -> tuple[Region, ...]:
    """What a document says of its layout."""
    return tuple(Region(box=box, type=kind) for box, kind in kinds)


LAYOUT = regions((TEXT, "text"), (CHART, "figure"), (CAPTION, "caption"), (BELOW, "text"))


def chart() -> Image.Image:
    """Bars in three colours, with an edge all around."""
    picture = Image.new("RGB", (400, 250), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 399, 249), outline="navy", width=2)
    for number, color in enumerate(("teal", "orange", "crimson")):
        draw.rectangle((50 + 110 * number, 60 * number + 30, 120 + 110 * number, 249), color)
    return picture


def photo() -> Image.Image:
    """A picture that no PNG makes small."""
    noise = np.random.default_rng(5).integers(0, 255, (250, 400, 3))
    return Image.fromarray(noise.astype(np.uint8))


class Papers(FakeDocument):
    """Pages of 600 x 800 pixels with a figure, and lines in the places of texts."""

    figure: Callable[[], Image.Image] = staticmethod(chart)
    bare: tuple[int, ...] = ()

    def page(self, number: int, *, width: int, height: int, dpi: float | None = None) -> Page:
        """The sheet; ``bare`` ones have no figure on them."""
        page = super().page(number, width=width, height=height, dpi=dpi)
        sheet = Image.new("RGB", (600, 800), "white")
        draw = ImageDraw.Draw(sheet)
        for box in (TEXT, CAPTION, BELOW):
            for y in range(int(box.y0), int(box.y1) - 9, 20):
                draw.rectangle((box.x0, y, box.x1, y + 7), "black")
        if number not in self.bare:
            sheet.paste(self.figure(), (100, 300))
        return Page(info=page.info, image=sheet)

    def regions(self, number: int) -> tuple[Region, ...] | None:
        """Those of the page that have something on them."""
        found = self.found or ()
        return tuple(r for r in found if r.type != "figure" or number not in self.bare)


def papers(total: int = 1, *, bare: tuple[int, ...] = (), **more: Any) -> Papers:
    """A document that says where its figures are."""
    document = Papers(total, **{"size": (600.0, 800.0), "regions": LAYOUT, **more})
    document.bare = bare
    return document


def words(request: OcrRequest) -> str:
    """A reply: whether the picture shows the chart, else how wide it is."""
    if (np.asarray(request.images[0]) == (0, 128, 128)).all(axis=2).any():
        return "in the chart"
    return f"lines {request.images[0].width}"


def job(document: FakeDocument, engine: Any = None, **options: Any) -> ReadJob:
    """A pass over it."""
    options = {"figures": "keep", **options}
    engine = engine or FakeEngine(words)
    return ReadJob(document.name, None, engine, ReadOptions(**options), opener=opener(document))


def results(document: FakeDocument, **options: Any) -> list[PageResult]:
    """What reading it gives."""
    return list(job(document, **options).results())


def records(document: FakeDocument, **options: Any) -> list[Record]:
    """Its records."""
    return list(build(job(document, **options)))


def kept(found: list[PageResult]) -> list[PageResult]:
    """The results that have a figure."""
    return [result for result in found if result.figure is not None]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def iou(one: Box, other: Box) -> float:
    """How far two boxes are the same: 0 to 1."""
    both = one.intersection_area(other)
    return both / (one.area + other.area - both)


@pytest.mark.parametrize("seed", [pytest.param(2, marks=pytest.mark.slow), 6])
def test_the_picture_of_a_scan_s_figure_is_the_figure(seed: int) -> None:
    """On generated scans, level and skewed, what is kept covers the figure: IoU 0.9 or more."""
    page = scan("figure", seed)
    (truth,) = (block for block in page.blocks if block.type == "figure")
    (result,) = kept(list(read(page.image, engine=FakeEngine("x"), figures="keep")))
    assert result.region is not None
    assert result.figure is not None
    assert result.figure.file is not None
    assert iou(truth.ink, result.region.box) >= 0.9
    with Image.open(result.figure.file) as picture:
        assert picture.size == (result.figure.width, result.figure.height)
        level = page.image.convert("L").rotate(page.skew, Image.Resampling.BICUBIC)
        shape = truth.rectangle.width / truth.rectangle.height
        assert picture.width / picture.height == pytest.approx(shape, rel=0.1)
        darkness = ImageStat.Stat(picture.convert("L")).mean[0]
        assert darkness == pytest.approx(ImageStat.Stat(level.crop(truth.ink)).mean[0], abs=25)


def test_the_picture_is_what_stood_there() -> None:
    """To the pixel, for what a PNG holds; nothing of the page around it."""
    (result,) = kept(results(papers()))
    assert result.figure is not None
    assert result.figure.path.endswith(".png")
    with Image.open(result.figure.path) as picture:
        assert ImageChops.difference(picture, chart()).getbbox() is None


def test_the_text_names_it_where_it_stood() -> None:
    """Between what is above and what is below, its caption in the brackets; then what was read."""
    (record,) = records(papers())
    name = record.figures[0].path
    above, image, inside, *below = record.text.split("\n\n")
    assert above.startswith("lines")
    assert image == f"![{below[0]}]({name})"
    assert (inside, len(below)) == ("in the chart", 2)
    assert record.metadata["figure_files"] == name
    assert Path(name).parent == Path("figures")
    assert Path(name).is_file()


def test_without_figures_nothing_is_changed(folder: Path) -> None:
    """A page without one is read as a whole, under the id that it always had; no folder is made."""
    before = records(papers(bare=(0,)), figures="drop")
    assert records(papers(bare=(0,))) == before
    assert list(folder.iterdir()) == []
    assert records(papers())[0].id == before[0].id
    dropped = records(papers(), figures="drop")
    assert "![" not in dropped[0].text
    assert "figure_files" not in dropped[0].metadata


def test_reading_again_adds_no_file_and_writes_none(folder: Path) -> None:
    """A file that is there stays untouched; the same picture on two pages is one file."""
    once = [r.figure for r in kept(results(papers(2)))]
    (file,) = (folder / "figures").iterdir()
    os.utime(file, (1, 1))
    assert [r.figure for r in kept(results(papers(3)))][:2] == once
    assert [each.stat().st_mtime for each in (folder / "figures").iterdir()] == [1]


def test_a_photograph_is_a_webp_and_a_drawing_a_png(folder: Path) -> None:
    """By what it shows; for LaTeX, which knows no WebP, a PNG, and that changes nothing else."""
    document = papers()
    document.figure = photo
    (result,) = kept(results(document))
    assert result.figure is not None
    assert (Path(result.figure.path).suffix, result.figure.media_type) == (".webp", "image/webp")
    (record,) = records(document, output="latex", drop=("figure",))
    assert str(record.metadata["figure_files"]).endswith(".png")
    assert f"{{{record.metadata['figure_files']}}}" in record.text
    assert kept(results(document)) == [result]
    assert len(list((folder / "figures").iterdir())) == 2


def test_inline_figures_are_in_the_text(folder: Path) -> None:
    """As a data URL, and nowhere else: no file, no key."""
    (record,) = records(papers(), figures="inline")
    start = "](data:image/png;base64,"
    data = record.text.partition(start)[2].partition(")")[0]
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert picture.size == (400, 250)
    assert "figure_files" not in record.metadata
    assert list(folder.iterdir()) == []


def test_a_figure_may_be_kept_and_not_read() -> None:
    """With ``drop=("figure",)``: its picture is there, the model is not asked about it."""
    engine = FakeEngine(words)
    found = list(job(papers(), engine, drop=("figure", "header")).results())
    assert [result.origin for result in found] == ["ocr", "blank", "ocr", "ocr"]
    assert len(engine.requests) == 3
    (result,) = kept(found)
    assert result.markdown.startswith("![lines")
    assert result.text.startswith("[lines")
    assert "blank" not in result._repr_markdown_()


def test_other_types_are_left_out_where_regions_are_asked_for() -> None:
    """Where layout is asked for figures alone, a page is read with all that is on it."""
    assert len(results(papers(), drop=("caption", "text"))) == 4
    (record,) = records(papers(), drop=("caption", "text"), regions="auto")
    name = record.metadata["figure_files"]
    assert record.text == f"![figure]({name})\n\nin the chart"


def test_in_region_mode_a_figure_is_a_record() -> None:
    """With its own place and the caption's words; the others name no file."""
    found = records(papers(), mode="region")
    assert [record.metadata["region_type"] for record in found] == [r.type for r in LAYOUT]
    assert ["figure_files" in record.metadata for record in found] == [False, True, False, False]
    assert found[1].text.startswith(f"![{found[2].text}](figures/")


def test_a_single_document_names_all_its_files_on_lines() -> None:
    """Each once."""
    (record,) = records(papers(2, bare=(0,)), mode="single")
    assert record.metadata["figure_files"] == record.figures[0].path


def test_pages_that_are_read_together_are_those_without_figures() -> None:
    """One with a figure is read alone, by its regions, and the next group begins behind it."""
    found = records(papers(5, bare=(0, 1, 3, 4)), multi_page=2)
    pages = [(r.metadata["page"], r.metadata.get("page_last")) for r in found]
    assert pages == [(0, 1), (2, None), (3, 4)]
    assert [bool(record.figures) for record in found] == [False, True, False]


LAYER = TextLayer(
    good=True,
    parts=(
        TextPart(region=LAYOUT[0], text="own words"),
        TextPart(region=LAYOUT[1], text="labels"),
        TextPart(region=LAYOUT[2], text=r"\textbf{Sales} of"),
    ),
)


def test_a_page_s_own_text_has_its_figures_too() -> None:
    """Nothing is asked of a model; labels stand below their figure, or are dropped with it."""
    engine = FakeEngine()
    document = papers(layers={0: LAYER})
    (record,) = build(job(document, engine, text_layer="auto"))
    name = record.metadata["figure_files"]
    assert record.text == f"own words\n\n![Sales of]({name})\n\nlabels\n\n**Sales** of"
    assert record.metadata["ocr_origin"] == "text_layer"
    (record,) = build(job(document, engine, text_layer="auto", drop=("figure",)))
    assert record.text == f"own words\n\n![Sales of]({name})\n\n**Sales** of"
    assert engine.requests == []


def test_a_figure_that_can_t_be_drawn_does_not_cost_the_page_its_text() -> None:
    """It is not kept, and the page says so."""
    document = FakeDocument(1, size=(600.0, 800.0), broken=[0], layers={0: LAYER})
    (record,) = records(document, text_layer="auto")
    assert record.text == "own words\n\nlabels\n\n**Sales** of"
    assert "could not be drawn" in str(record.metadata["page_warnings"])


def test_a_pdf_s_picture_is_kept_beside_its_own_text(folder: Path) -> None:
    """A real PDF: the words from its text layer, the picture from its page as it is shown."""
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        for y in range(100, 280, 16):
            page.insert_text((80, y), "The words of a paragraph that fills its line.", fontsize=12)
        page.insert_image(CHART, stream=image(chart(), "PNG"))
        for y in range(600, 700, 16):
            page.insert_text((80, y), "And of another one that stands below it.", fontsize=12)
        document.save("own.pdf")
    engine = FakeEngine("bars")
    found = list(read("own.pdf", engine=engine, figures="keep", text_layer="auto"))
    (result,) = kept(found)
    assert result.region is not None
    assert iou(result.region.box, CHART) >= 0.9
    whole = "\n\n".join(each.text for each in found)
    assert whole.index("The words") < whole.index("[figure]") < whole.index("And of")
    assert len(engine.requests) == 1


@pytest.mark.parametrize(("turn", "text_layer"), [(90, "auto"), (180, "ignore")])
def test_on_a_turned_page_the_picture_is_upright(turn: int, text_layer: Any) -> None:
    """As its text is, where the PDF tells; and all of it is there."""
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        for y in range(100, 280, 16):
            page.insert_text((80, y), "The words of a paragraph that fills its line.", fontsize=12)
        page.insert_image(CHART, stream=image(chart(), "PNG"))
        for y in range(600, 700, 16):
            page.insert_text((80, y), "And of another one that stands below it.", fontsize=12)
        page.set_rotation(turn)
        document.save("turned.pdf")
    found = read("turned.pdf", engine=FakeEngine(), figures="keep", text_layer=text_layer)
    (result,) = kept(list(found))
    assert result.figure is not None
    assert result.figure.file is not None
    with Image.open(result.figure.file) as picture:
        assert picture.width / picture.height == pytest.approx(1.6, rel=0.02)
        shown = picture.resize((400, 250))
    assert max(ImageStat.Stat(ImageChops.difference(shown, chart())).mean) < 8


def test_pictures_that_were_kept_are_no_documents(folder: Path) -> None:
    """A folder that they lie in is read again, by name or pattern, and nothing is added; but who
    names their own folder reads them."""
    figure_page().save("a.png")
    for source in (".", ".", "**/*.png"):
        found = list(read(source, engine=FakeEngine("x"), figures="keep"))
        assert {Path(result.info.source).name for result in found} == {"a.png"}
    (file,) = (folder / "figures").iterdir()
    names = {result.info.file_name for result in read("figures", engine=FakeEngine("x"))}
    assert names == {file.name}
    (folder / "figures" / "own.png").write_bytes(file.read_bytes())
    found = list(read(folder, engine=FakeEngine("x"), figures="keep"))
    assert {result.info.file_name for result in found} == {"a.png", "own.png"}


def test_a_chunk_with_the_picture_leads_to_where_it_stood() -> None:
    """``locate`` knows the figure's box, by the image in the text as by what was read in it."""
    (record,) = records(papers())
    start = record.text.index("![")
    chunk = Document(page_content=record.text[start : start + 40], metadata=record.metadata)
    (place,) = locate(chunk)
    assert (place.region_type, place.box, place.page) == ("figure", CHART, 0)


def test_own_text_in_place_of_a_failed_reading_stands_below_the_figure() -> None:
    """With ``text_layer="fallback"``: region by region, each picture where it was."""
    engine = FakeEngine(lambda _: RuntimeError("no"))
    document = papers(layers={0: LAYER}, regions=LAYOUT[:3])
    (record,) = build(job(document, engine, text_layer="fallback"))
    name = record.metadata["figure_files"]
    assert record.text == f"own words\n\n![Sales of]({name})\n\nlabels\n\n**Sales** of"
    assert record.metadata["ocr_origin"] == "text_layer"


def test_a_reading_that_fails_leaves_the_figure() -> None:
    """Its picture was kept before the model was asked."""
    engine = FakeEngine(lambda _: RuntimeError("no"))
    (record,) = build(job(papers(regions=LAYOUT[1:2]), engine, on_error="keep"))
    assert record.text == f"![figure]({record.metadata['figure_files']})"
    assert "error" in record.metadata


@pytest.mark.parametrize("how", ["file", "no permission", "name"])
def test_a_folder_that_can_t_be_written_to_is_said_once(how: str, folder: Path) -> None:
    """Whatever ``on_error`` says: so it would be with every page."""
    place = {"file": "taken", "no permission": "locked/figures", "name": "x" * 300}[how]
    Path("taken").touch()
    Path("locked").mkdir(mode=0o555)
    if how == "no permission" and os.access("locked", os.W_OK):
        pytest.skip("whoever runs this may write anywhere")
    with pytest.raises(OptionError, match=r"figures_dir='.*: a figure can't be written there: "):
        results(papers(3), figures_dir=place, on_error="keep")


def test_no_link_is_followed_out_of_the_folder(folder: Path) -> None:
    """What is called like a figure, and is a link, is replaced by the picture."""
    (result,) = kept(results(papers()))
    assert result.figure is not None
    file = folder / result.figure.path
    victim = folder / "victim"
    victim.write_text("mine", encoding="utf-8")
    file.unlink()
    file.symlink_to(victim)
    assert kept(results(papers())) == [result]
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not file.is_symlink()
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("./out/my figures", "out/my%20figures/"),
        (".", ""),
        ("Bilder (ä)", "Bilder%20%28%C3%A4%29/"),
    ],
)
def test_the_folder_s_name_is_a_url_in_texts_and_a_path_in_metadata(given: str, path: str) -> None:
    """Blanks and brackets end no link."""
    (record,) = records(papers(), figures_dir=Path(given))
    file = str(record.metadata["figure_files"])
    assert Path(file).is_file()
    assert f"]({path}{Path(file).name})" in record.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"box": (0, 0, 9, 9)}, "figures='keep' goes with .* not with box="),
        ({"color": "red"}, "not with color='red'"),
        ({"regions": [(0, 0, 9, 9)]}, "not with regions="),
        ({"figures": "inline", "output": "latex"}, "figures='keep'"),
        ({"figures_dir": "50% off", "output": "latex"}, "figures_dir='50% off': LaTeX"),
    ],
)
def test_what_figures_do_not_go_with(options: ReadOverrides, message: str) -> None:
    """Of a box that somebody names nobody knows whether it is a figure."""
    how: Any = {"figures": "keep", **options}
    with pytest.raises(OptionError, match=message):
        ReadOptions(**how)


async def _all(**options: Any) -> list[PageResult]:
    return [result async for result in aread(**options)]


def test_async_and_langchain_keep_the_same(folder: Path) -> None:
    """The same text by each way; metadata stays flat."""
    page = figure_page()
    found = asyncio.run(_all(source=page, engine=FakeEngine("x"), figures="keep"))
    (document,) = GotOcrLoader(page, engine=FakeEngine("x"), figures="keep").load()
    assert "\n\n".join(filter(None, (r.markdown for r in found))) == document.page_content
    assert (folder / document.metadata["figure_files"]).is_file()
