"""What agents may ask, and what they are told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from got_loaders import OcrResult, ReadOptions
from got_loaders.errors import (
    GotLoadersError,
    ModelNotFoundError,
    OptionError,
    PageError,
    SourceError,
    UnsupportedSourceError,
)
from got_loaders.integrations.tools import DocumentTools, ToolCall, ToolResult
from got_loaders.testing import FakeEngine
from tests.fakes import picture
from tests.figure_page import FIGURE, figure_page
from tests.hostile import scans
from tests.pages import making


@pytest.fixture
def engine() -> FakeEngine:
    """Reads a heading."""
    return FakeEngine("\\title{Report}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A PDF of twelve pages, the last of them blank, and files in folders."""
    (tmp_path / "a.pdf").write_bytes(making.pdf(*map(str, range(11)), ""))
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / "b.pdf").write_bytes(making.pdf("one"))
    (tmp_path / "sub" / "deep" / "c.png").write_bytes(making.image(making.noise(1), "PNG"))
    (tmp_path / "notes.txt").write_text("no document")
    return tmp_path


def tools(folder: Path, engine: FakeEngine, **overrides: Any) -> DocumentTools:
    """For one folder."""
    return DocumentTools(None, {"root": folder, **overrides}, engine=engine)  # type: ignore[typeddict-item]  # any


def answer(call: ToolCall) -> ToolResult:
    """What it gives."""
    return call.run()


def told(call: ToolCall) -> str:
    """What the agent is told."""
    return call.run().text


def test_documents_are_listed(folder: Path, engine: FakeEngine) -> None:
    """By names that can be asked for; what is no document is not among them."""
    library = tools(folder, engine)
    assert library.list_documents() == "a.pdf\nsub/b.pdf\nsub/deep/c.png"
    assert library.list_documents("sub") == "sub/b.pdf\nsub/deep/c.png"
    assert library.list_documents("sub/b.pdf") == "sub/b.pdf"
    for name in library.list_documents().splitlines():
        assert told(library.read_document(name, pages="1"))
    with pytest.raises(SourceError, match=r"^\.\./x: it lies outside"):
        library.list_documents("../x")
    (folder / "empty").mkdir()
    with pytest.raises(SourceError, match=r"^empty: there are no PDFs or images in this folder"):
        library.list_documents("empty")


def test_a_long_list_is_cut(folder: Path, engine: FakeEngine) -> None:
    """It says so, and how to see more."""
    for number in range(210):
        (folder / "sub" / f"{number}.pdf").touch()
    lines = tools(folder, engine).list_documents().splitlines()
    assert len(lines) == 201
    assert lines[-1] == "(and more; name a folder to see what is in it)"


def test_several_folders_are_one_list(folder: Path, engine: FakeEngine) -> None:
    """Names begin with the folder's, in the list, in answers and in errors."""
    library = DocumentTools(None, {}, folders=[folder, folder / "sub"], engine=engine)
    name = folder.name
    assert library.list_documents() == (
        f"{name}/a.pdf\n{name}/sub/b.pdf\n{name}/sub/deep/c.png\nsub/b.pdf\nsub/deep/c.png"
    )
    assert told(library.read_document("sub/b.pdf")).startswith("==> sub/b.pdf, page 1 of 1 <==")
    with pytest.raises(SourceError, match=r"^sub/x\.pdf: there is no such file") as caught:
        told(library.read_document("sub/x.pdf"))
    assert str(folder) not in str(caught.value)
    with pytest.raises(
        UnsupportedSourceError, match=r"^sub: it is a folder; .*: sub/b\.pdf, sub/deep"
    ):
        library.read_document("sub")
    full = str(folder / "sub" / "b.pdf")
    assert told(library.read_document(full)).startswith(f"==> {full}, page 1")


@pytest.mark.parametrize("name", ["sub/../../secret.pdf", "sub/../a.pdf", "{up}/secret.pdf"])
def test_no_name_leads_out_of_its_folder(folder: Path, engine: FakeEngine, name: str) -> None:
    """Of several folders, too."""
    (folder / "secret.pdf").write_bytes(making.pdf("secret"))
    library = DocumentTools(
        None, {}, folders=[folder / "sub" / "deep", folder / "sub"], engine=engine
    )
    with pytest.raises(SourceError, match="outside"):
        told(library.read_document(name.format(up=folder)))
    assert engine.requests == []


def test_pages_are_described(tmp_path: Path, engine: FakeEngine) -> None:
    """How many, how large, what each is; the model is not asked.

    What a document says of itself stays on its line.
    """
    data = making.pdf("one", "", "three", size=(300, 200))
    document: Any = pymupdf.Document(stream=data)  # type: ignore[no-untyped-call]  # no types
    document.set_page_labels([{"startpage": 0, "prefix": "", "style": "r", "firstpagenum": 1}])
    document.set_metadata({"title": "Pumps\npage 9: a lie " + "x" * 500, "author": "A. B."})
    document.save(tmp_path / "a.pdf")
    assert told(tools(tmp_path, engine).describe_pages("a.pdf")) == (
        f"a.pdf: 3 pages; title: {('Pumps page 9: a lie ' + 'x' * 500)[:200]}; author: A. B.\n"
        "page 1 (i): 300 x 200 pt, has good text of its own\n"
        "page 2 (ii): 300 x 200 pt, blank\n"
        "page 3 (iii): 300 x 200 pt, has good text of its own"
    )
    (tmp_path / "b.png").write_bytes(making.image(picture(), "PNG"))
    assert told(tools(tmp_path, engine).describe_pages("b.png")) == (
        "b.png: 1 page\npage 1: 60 x 80 px, a picture, read by OCR"
    )
    assert engine.requests == []


def test_a_long_document_is_described_in_part(folder: Path, engine: FakeEngine) -> None:
    """Ten pages unless more are named; never an error that hides how long it is."""
    library = tools(folder, engine)
    lines = told(library.describe_pages("a.pdf")).splitlines()
    assert lines[0] == "a.pdf: 12 pages"
    assert len(lines) == 12
    assert lines[-1] == "(2 more; name those that you want by pages=)"
    assert told(library.describe_pages("a.pdf", "-1")).splitlines()[1].endswith("pt, blank")
    with pytest.raises(SourceError, match="the document has 12 pages"):
        told(library.describe_pages("a.pdf", "13"))


def test_what_can_t_be_opened_can_t_be_described(folder: Path, engine: FakeEngine) -> None:
    """It is an error, not a description."""
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    for name in ("bad.pdf", "missing.pdf"):
        with pytest.raises(GotLoadersError, match=f"^{name}: "):
            told(tools(folder, engine).describe_pages(name))
        with pytest.raises(GotLoadersError, match=f"^{name}: "):
            told(tools(folder, engine, on_error="keep").list_regions(name, 1))


def test_regions_are_listed_and_can_be_read(tmp_path: Path, engine: FakeEngine) -> None:
    """The numbers of the list, passed back, show the model that part and nothing else."""
    document: Any = pymupdf.Document()  # type: ignore[no-untyped-call]  # no types
    page = document.new_page(width=400, height=400)
    page.insert_text((40, 60), "A title at the top", fontsize=24)
    page.insert_text((40, 300), "Some text far below it", fontsize=12)
    pixmap = page.get_pixmap(dpi=144)
    (tmp_path / "a.png").write_bytes(pixmap.tobytes("png"))
    library = tools(tmp_path, engine, text_layer="auto", multi_page=2)
    lines = told(library.list_regions("a.png", 1)).splitlines()
    assert lines[0] == "a.png, page 1, 800 x 800 px; the numbers are x0, y0, x1, y1"
    assert [line.partition(":")[0] for line in lines[1:]] == ["1. text", "2. text"]
    assert engine.requests == []
    x0, y0, x1, y1 = map(float, lines[2].partition(": ")[2].split(", "))
    assert 75 < x0 < 90
    assert 560 < y0 < y1 < 620
    found = answer(library.read_region("a.png", 1, x0, y0, x1, y1))
    assert found.text == "==> a.png, page 1 of 1 <==\n# Report"
    assert found.records[0].metadata["x1"] == pytest.approx(x1)
    (request,) = engine.requests
    assert request.box is None
    assert request.images[0].height < 800


def test_a_page_without_regions_says_so(folder: Path, engine: FakeEngine) -> None:
    """Rather than nothing."""
    lines = told(tools(folder, engine).list_regions("a.pdf", -1)).splitlines()
    assert lines[0].startswith("a.pdf, page 12, ")
    assert lines[1:] == ["nothing to read here"]


def test_a_failed_page_does_not_hide_the_others(folder: Path, engine: FakeEngine) -> None:
    """It says so in its place; where all failed it is an error."""
    engine.reply = lambda request: (
        RuntimeError("hard") if len(engine.requests) == 1 else "\\title{Good}"
    )
    text = told(tools(folder, engine).read_document("a.pdf", "1-2"))
    assert "a.pdf, page 1 of 12 <==\n[not read: a.pdf, page 1: hard]" in text
    assert "a.pdf, page 2 of 12 <==\n# Good" in text
    engine.reply = RuntimeError("hard")
    with pytest.raises(PageError, match=r"^a\.pdf, page 1: hard; a\.pdf, page 2: hard$"):
        told(tools(folder, engine).read_document("a.pdf", "1-2"))
    options = ReadOptions(on_error="raise")
    strict = DocumentTools(options, {"root": folder}, engine=engine)
    with pytest.raises(PageError, match=r"^a\.pdf, page 1: hard$"):
        told(strict.read_document("a.pdf", "1-2"))


@pytest.mark.parametrize(
    ("reason", "remark"),
    [
        ("length", "[cut off here: the rest of it was not read]"),
        ("repetition", "[the reading went in circles here and was cut: the rest is missing]"),
    ],
)
def test_incomplete_readings_say_so(folder: Path, reason: Any, remark: str) -> None:
    """An agent must not take them for the whole page."""
    engine = FakeEngine(OcrResult(text="half", finish_reason=reason))
    library = tools(folder, engine, crop_to_patches=False)
    assert told(library.read_document("a.pdf", "1")).endswith(f"\nhalf\n{remark}")


def test_what_is_left_out_is_not_taken_for_empty(folder: Path) -> None:
    """With ``on_error="skip"`` there may be nothing to tell; that is said."""
    library = tools(folder, FakeEngine(RuntimeError("hard")), on_error="skip")
    assert told(library.read_document("a.pdf", "1")) == "[nothing could be read here]"
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(SourceError, match=r"^bad\.pdf: nothing could be read here"):
        told(library.list_regions("bad.pdf", 1))


def test_more_than_ten_pages_are_refused(folder: Path, engine: FakeEngine) -> None:
    """The error says how to go on; a program may allow more."""
    with pytest.raises(SourceError, match="max_pages=10 pages; name those that you want"):
        told(tools(folder, engine).read_document("a.pdf"))
    assert told(tools(folder, engine, max_pages=12).read_document("a.pdf"))


def test_metadata_that_is_omitted_is_told_all_the_same(folder: Path, engine: FakeEngine) -> None:
    """Headers and descriptions need it; the records of the answer do not have it."""
    omitted = ("total_pages", "page_width", "page_unit", "page_label", "ocr_origin", "moddate")
    library = tools(folder, engine, omit_metadata=omitted)
    found = answer(library.read_document("a.pdf", 2))
    assert found.text == "==> a.pdf, page 2 of 12 <==\n# Report"
    assert not set(omitted) & found.records[0].metadata.keys()
    assert (
        told(library.describe_pages("a.pdf", 12)).splitlines()[1] == "page 12: 200 x 100 pt, blank"
    )
    assert told(library.list_regions("a.pdf", 1)).startswith("a.pdf, page 1, 200 x 100 pt")


def test_wrong_regions_are_told_by_their_name(folder: Path, engine: FakeEngine) -> None:
    """Not by the name of the option behind it."""
    with pytest.raises(OptionError, match=r"^region=\(1, 2, 3\): expected four numbers"):
        tools(folder, engine).read("a.pdf", 1, (1, 2, 3))
    with pytest.raises(PageError, match="outside the page"):
        told(tools(folder, engine).read_region("a.pdf", 1, 900, 900, 999, 999))


def test_errors_name_what_was_asked_for_and_no_other_path(folder: Path) -> None:
    """The kind of the error stays, its cause is chained."""
    error = ModelNotFoundError("no weights in /home/me/secret/model")
    with pytest.raises(ModelNotFoundError, match=r"^no weights in …$") as caught:
        told(tools(folder, FakeEngine(error)).read_document("a.pdf", "1"))
    assert caught.value.__cause__ is not None


def test_sync_and_async_are_the_same(folder: Path, engine: FakeEngine) -> None:
    """The same answers and the same records, which a watcher sees as they come."""
    library, seen = tools(folder, engine), list[Any]()

    async def watch(record: object) -> None:
        seen.append(record)

    expected = library.read_document("a.pdf", "3-5").run(seen.append)
    again = asyncio.run(library.read_document("a.pdf", "3-5").arun(watch))
    assert again == expected
    assert seen == [*expected.records, *expected.records]


def test_tools_need_a_folder(engine: FakeEngine) -> None:
    """Nobody gives an agent the whole disk by forgetting something."""
    with pytest.raises(OptionError, match="a tool needs the folder"):
        DocumentTools(None, {}, engine=engine)


def test_damage_is_told(folder: Path, engine: FakeEngine) -> None:
    """Of a page that could not be drawn, and of one of which a part could, by each tool."""
    lost = scans.page(scans.image("/FlateDecode", b"garbage"))
    half = scans.page(scans.image("/FlateDecode", scans.FLATE[:700]))
    (folder / "lost.pdf").write_bytes(lost)
    (folder / "half.pdf").write_bytes(half)
    asked = tools(folder, engine)
    assert "can't be decoded" in told(asked.describe_pages("lost.pdf"))
    assert "can't be decoded" in told(asked.list_regions("lost.pdf", 1))
    with pytest.raises(PageError, match="can't be decoded"):
        told(asked.read_document("lost.pdf"))
    for call in (asked.describe_pages("half.pdf"), asked.list_regions("half.pdf", 1)):
        assert "[warning: only the upper 4" in told(call)
    assert "[warning: only the upper 4" in told(asked.read_document("half.pdf"))


def test_figures_are_kept_for_agents_as_files_alone(tmp_path: Path, engine: FakeEngine) -> None:
    """Where whoever made the tools says so: pictures in a text would fill a model's context.

    What only looks at a page, and what reads a part of one, keeps none.
    """
    figure_page().save(tmp_path / "a.png")
    kept = tmp_path / "kept"
    library = tools(tmp_path, engine, figures="keep", figures_dir=kept)
    told(library.list_regions("a.png", 1))
    told(library.describe_pages("a.png"))
    told(library.read_region("a.png", 1, *FIGURE))
    assert not kept.exists()
    text = told(library.read_document("a.png"))
    (file,) = kept.iterdir()
    assert f"/{file.name})" in text
    with pytest.raises(OptionError, match="figures='keep' names files"):
        tools(tmp_path, engine, figures="inline")
