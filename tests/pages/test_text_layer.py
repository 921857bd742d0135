"""A page's own text: good or not and why, where it stands, and all of it."""

from __future__ import annotations

import os
import re
import signal
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from got_loaders.errors import PageError
from got_loaders.pages import PageDocument, TextLayer
from got_loaders.pages.text_layer.assign_lines import MAX_BLOCKS
from got_loaders.pages.worker.pool import Pool
from got_loaders.types import REGION_TYPES, Box, Page
from tests.pages import making
from tests.pages.making import opened, pymupdf, soon
from tests.pages.pids import pids

CORPUS = sorted(making.CORPUS.glob("*.pdf")) if making.CORPUS.is_dir() else []
needs_corpus = pytest.mark.skipif(
    not CORPUS, reason="the corpus of awkward documents is not beside the repository"
)
on_linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")

FIRST = "The harbour was quiet in the early morning and nobody watched the boats go out. " * 6
SECOND = "In the evening the same boats came home again, heavy with fish and with water. " * 6


def layer(data: bytes, number: int = 0) -> TextLayer:
    """The text layer of a page."""
    with opened(making.of_bytes(data)) as document:
        return document.text_layer(number)


def article(turn: int = 0, crop: tuple[float, ...] | None = None) -> bytes:
    """A title over two columns, shown upright whatever the page's rotation."""
    with pymupdf.open() as document:
        sideways = turn % 180 != 0
        width, height = (842, 595) if sideways else (595, 842)
        page = document.new_page(width=width, height=height)
        page.set_rotation(turn)
        for box, text, size in (
            ((100, 75, 500, 120), "Boats of the Northern Harbour", 22),
            ((70, 130, 285, 400), FIRST, 11),
            ((310, 130, 525, 400), SECOND, 11),
        ):
            place = pymupdf.Rect(box) * page.derotation_matrix
            left = page.insert_textbox(place, text, fontsize=size, rotate=turn)
            assert left >= 0
        if crop is not None:
            page.set_cropbox((pymupdf.Rect(crop) * page.derotation_matrix).normalize())
        data: bytes = document.tobytes()
    return data


def with_inherited_boxes(data: bytes) -> bytes:
    """The same document; boxes and rotation of its page are those of the page tree's root."""
    with pymupdf.open(stream=data) as document:
        page = document[0].xref
        root = int(document.xref_get_key(page, "Parent")[1].split()[0])
        for key in ("CropBox", "MediaBox", "Rotate"):
            kind, value = document.xref_get_key(page, key)
            if kind != "null":
                document.xref_set_key(root, key, value)
                document.xref_set_key(page, key, "null")
        inherited: bytes = document.tobytes()
    return inherited


def ink_hull(page: Page, near: Box) -> Box:
    """The hull of what is dark in and around ``near``, in page units."""
    scale = page.image.width / page.info.width
    left, top = max(0, near.x0 - 8) * scale, max(0, near.y0 - 8) * scale
    spot = (int(left), int(top), int((near.x1 + 8) * scale), int((near.y1 + 8) * scale))
    dark = page.image.convert("L").crop(spot).point(lambda shade: 255 * (shade < 128)).getbbox()
    assert dark is not None
    x0, y0, x1, y1 = dark
    hull = Box(spot[0] + x0, spot[1] + y0, spot[0] + x1, spot[1] + y1)
    return hull.scaled(1 / scale, 1 / scale)


def iou(a: Box, b: Box) -> float:
    """Intersection over union."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    common = max(across, 0) * max(down, 0)
    return common / (a.width * a.height + b.width * b.height - common)


def flat(text: str) -> str:
    """Letters and digits only, without accents: what no joining of lines or letters changes.

    Addresses of links are left out, which the page does not show.
    """
    text = re.sub(r"\\href\{(?:[^{}]|\{\})*\}", " ", text)
    bare = re.sub(r"\\(?:begin|end)\{\w+\}(?:\{[|l]+\})?|\\[a-z]+\*?(?:\{\})?", " ", text)
    kinds = ("Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No")
    plain = unicodedata.normalize("NFKD", bare).replace("\u0131", "i")
    return "".join(c for c in plain if unicodedata.category(c) in kinds)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (40, 60, 560, 500)])
def test_a_good_page_is_read_in_order_with_its_places(
    turn: int, crop: tuple[float, ...] | None
) -> None:
    """Title, left column, right column; each box is that of the ink on the rendered page."""
    data = article(turn, crop)
    for each in (data,) if crop is None else (data, with_inherited_boxes(data)):
        check_article(each)


def check_article(data: bytes) -> None:
    """What the test above promises."""
    with opened(making.of_bytes(data)) as document:
        read, regions = document.text_layer(0), document.regions(0)
        page = document.page(0, width=1024, height=1024)
    assert read.good, read.reason
    assert read.reason == ""
    title, left, right = read.parts
    assert (title.region.type, title.text) == ("title", title.text)
    assert "Boats of the Northern Harbour" in title.text
    assert left.text == FIRST.strip()
    assert right.text == SECOND.strip()
    assert regions == tuple(part.region for part in read.parts)
    for part in read.parts:
        assert part.region.skew == 0
        assert iou(part.region.box, ink_hull(page, part.region.box)) >= 0.8


def test_text_that_is_turned_on_the_page_says_so() -> None:
    """The skew is the angle of its lines, and its letters are all there."""
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((72, 72, 500, 300), FIRST, fontsize=11)
        page.insert_textbox((530, 72, 580, 700), "Up the margin it goes, slowly", rotate=90)
        read = layer(document.tobytes())
    (margin,) = [part for part in read.parts if part.region.box.x0 > 520]
    assert margin.region.skew == -90
    assert margin.text == "Up the margin it goes, slowly"


def test_a_page_without_text_says_so() -> None:
    """A blank page, and a scan."""
    assert layer(making.pdf("")) == TextLayer(good=False, reason="the page has no text of its own")
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image(page.rect, stream=making.image(making.noise(1), "PNG"))
        data = document.tobytes()
    with opened(making.of_bytes(data)) as document:
        assert not document.text_layer(0).good
        assert document.regions(0) is None


def scan(*, mode: int = 0, before: bool = False, text: str = FIRST) -> bytes:
    """A page-wide picture with text under, or over it."""
    with pymupdf.open() as document:
        page = document.new_page()
        picture = making.image(Image.new("RGB", (200, 280), "ivory"), "PNG")
        if not before:
            page.insert_image(page.rect, stream=picture)
        page.insert_textbox((72, 72, 500, 300), text, fontsize=11, render_mode=mode)
        if before:
            page.insert_image(page.rect, stream=picture)
        data: bytes = document.tobytes()
    return data


@pytest.mark.parametrize(
    ("data", "words"),
    [(scan(mode=3), "invisible"), (scan(before=True), "under a picture")],
    ids=["invisible", "covered"],
)
def test_text_that_cannot_be_seen_is_not_good(data: bytes, words: str) -> None:
    """It may be anything; the reason says so, the text is given all the same."""
    with opened(making.of_bytes(data)) as document:
        read = document.text_layer(0)
        assert document.regions(0) is None
    assert not read.good
    assert words in read.reason
    assert flat("".join(part.text for part in read.parts)) == flat(FIRST)


def test_text_outside_the_page_is_not_of_the_page() -> None:
    """Where most of it is cut off, the page is not good."""
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 72), "seen", fontsize=11)
        page.insert_text((72, 2000), "one two three", fontsize=11)
        page.insert_text((-900, 72), "four five six", fontsize=11)
        read = layer(document.tobytes())
    assert not read.good
    assert "outside" in read.reason
    assert [part.text for part in read.parts] == ["seen"]


def test_images_have_no_text_layer() -> None:
    """The same questions can be asked of every document."""
    with opened(making.of_bytes(making.frames("TIFF", "red", "blue"))) as document:
        assert document.regions(1) is None
        read = document.text_layer(1)
        assert (read.good, read.parts) == (False, ())
        assert "image" in read.reason


@pytest.mark.parametrize("data", [making.pdf("x"), making.frames("PNG", "red")], ids=["pdf", "png"])
def test_a_page_that_is_not_there_is_an_error(data: bytes) -> None:
    """As when it is rendered."""
    with opened(making.of_bytes(data)) as document:
        for ask in (document.text_layer, document.regions):
            with pytest.raises(PageError, match="doc, page 8: there is no such page"):
                ask(7)


def test_a_damaged_page_is_an_error() -> None:
    """It names the page; the next one is read."""
    data = making.raw_pdf("/MediaBox[0 0 9 9]", "/MediaBox[0 0 9 9]")
    data = data.replace(b"/Kids[3 0 R 4 0 R]", b"/Kids[9 0 R 4 0 R]")
    with opened(making.of_bytes(data)) as document:
        with pytest.raises(PageError, match="doc, page 1: the PDF is damaged here"):
            document.text_layer(0)
        assert document.text_layer(1).parts == ()


def test_encrypted_documents_have_text_too() -> None:
    """The password is asked for once."""
    source = making.of_bytes(making.locked_pdf("pässwörd", "a secret"))
    with opened(source, password="pässwörd") as document:
        assert [part.text for part in document.text_layer(0).parts] == ["a secret"]


def test_a_table_is_a_table() -> None:
    """Cell by cell, with its rules as part of its place."""
    rows = [["Fish", "Boats", "Tons"], ["Cod", "12", "340"], ["Herring", "7", "95"]]
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((72, 72, 520, 180), FIRST, fontsize=11)
        for y in range(4):
            page.draw_line((72, 200 + 24 * y), (432, 200 + 24 * y))
        for x in range(4):
            page.draw_line((72 + 120 * x, 200), (72 + 120 * x, 272))
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                page.insert_text((80 + 120 * x, 216 + 24 * y), cell, fontsize=11)
        page.insert_textbox((72, 300, 520, 420), SECOND, fontsize=11)
        read = layer(document.tobytes())
    assert [part.region.type for part in read.parts] == ["text", "table", "text"]
    lines = [text for text in read.parts[1].text.split("\n") if "&" in text]
    assert lines == [f"{' & '.join(row)} \\\\" for row in rows]
    assert iou(read.parts[1].region.box, Box(72, 200, 432, 272)) >= 0.8


@on_linux
def test_a_worker_that_only_renders_stays_light(pool: Pool) -> None:
    """The layout model is loaded when a text is first asked for, and not before."""

    def loaded() -> bool:
        return "onnxruntime" in Path(f"/proc/{pids(pool)[0]}/maps").read_text()

    with opened(making.of_bytes(article()), pool=pool) as document:
        document.page(0, width=64, height=64)
        assert not loaded()
        assert document.text_layer(0).good
        assert loaded()


@pytest.mark.parametrize("turn", [0, 90])
def test_reading_the_text_does_not_change_the_picture(turn: int, pool: Pool) -> None:
    """Neither the page nor how it is drawn: pixel by pixel."""
    with opened(making.of_bytes(article(turn)), pool=pool) as document:
        before = document.page(0, width=400, height=400)
        document.text_layer(0)
        document.regions(0)
        after = document.page(0, width=400, height=400)
        assert after.info == before.info
        assert after.image.tobytes() == before.image.tobytes()


@pytest.mark.skipif(os.name == "nt", reason="stops processes by POSIX signals")
def test_a_worker_that_dies_over_a_text_costs_that_page_only(pool: Pool) -> None:
    """The error names it, and the next question is answered by a new worker."""
    with (
        opened(making.of_bytes(article()), pool=pool) as document,
        ThreadPoolExecutor(1) as threads,
    ):
        (pid,) = pids(pool)
        os.kill(pid, signal.SIGSTOP)
        requests = pool._workers[0]._requests
        pending = threads.submit(document.text_layer, 0)
        assert soon(lambda: pool._workers[0]._requests > requests)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(PageError, match=r"doc, page 1: .*ended the process"):
            pending.result(60)
        assert document.text_layer(0).good


def crowded(count: int) -> bytes:
    """A page of very many short texts, drawn one by one, and as many lines."""
    steps = [
        f"BT /F 4 Tf {5 + n % 300 * 6} {5 + n // 300 * 5} Td (w{n % 10}) Tj ET"
        for n in range(count)
    ]
    steps += [f"{n % 2000} 0 m {n % 1999} 2000 l S" for n in range(count // 10)]
    with pymupdf.open() as document:
        page = document.new_page(width=2000, height=2000)
        xref = document.get_new_xref()
        document.update_object(xref, "<<>>")
        document.update_stream(xref, " ".join(steps).encode())
        font = document.get_new_xref()
        document.update_object(font, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
        document.xref_set_key(page.xref, "Resources", f"<</Font<</F {font} 0 R>>>>")
        document.xref_set_key(page.xref, "Contents", f"{xref} 0 R")
        data: bytes = document.tobytes()
    return data


def test_a_hostile_page_ends(pool: Pool) -> None:
    """Thousands of texts and lines: all the words, in few parts; 100,000: an error, at once."""
    with opened(making.of_bytes(crowded(20_000)), pool=pool) as document:
        read = document.text_layer(0)
        assert document.regions(0) is None
    assert 0 < len(read.parts) <= MAX_BLOCKS
    assert sum(part.text.count("w") for part in read.parts) == 20_000
    with opened(making.of_bytes(crowded(100_000)), pool=pool) as document:
        for ask in (document.text_layer, document.regions):
            with pytest.raises(PageError, match="doc, page 1: its text is too scattered"):
                ask(0)


def page_letters(path: Path, number: int, *, whole: bool) -> Counter[str]:
    """What PyMuPDF itself reads on a page, with what is cut off it if ``whole``."""
    with pymupdf.open(path) as document:
        if document.needs_pass:
            document.authenticate("openpassword")
        page = document[number]
        page.remove_rotation()
        clip = pymupdf.INFINITE_RECT() if whole else None
        flags = pymupdf.TEXT_PRESERVE_WHITESPACE | (0 if whole else pymupdf.TEXT_MEDIABOX_CLIP)
        return Counter(flat(page.get_text("text", flags=flags, clip=clip)))


def test_words_in_no_order_are_all_there() -> None:
    """A map or a drawing: hundreds of labels anywhere."""
    with pymupdf.open() as document:
        page = document.new_page()
        for n in range(400):
            page.insert_text((10 + n * 37 % 550, 20 + n * 91 % 800), f"w{n}", fontsize=4)
        read = layer(document.tobytes())
    found = re.findall(r"w\d+", " ".join(part.text for part in read.parts))
    assert sorted(found) == sorted(f"w{n}" for n in range(400))


def spelt(text: str) -> str:
    """A part with the numbers of its items, which the list counts by itself, written out."""
    if not text.startswith(r"\begin{enumerate}"):
        return text
    first, *items = text.split(r"\item")
    return first + " ".join(f"{n} {item}" for n, item in enumerate(items, 1))


def check(document: PageDocument, path: Path, number: int) -> None:
    """Everything that holds for any page."""
    read = document.text_layer(number)
    info = document.info(number)
    assert read.good is (not read.reason)
    assert len(read.parts) <= MAX_BLOCKS
    for part in read.parts:
        box = part.region.box
        assert part.region.type in REGION_TYPES
        assert 0 <= box.x0 < box.x1 <= info.width + 0.01
        assert 0 <= box.y0 < box.y1 <= info.height + 0.01
    regions = document.regions(number)
    assert regions is None or regions == tuple(part.region for part in read.parts)
    letters = Counter(flat(" ".join(spelt(part.text) for part in read.parts)))
    assert page_letters(path, number, whole=False) <= letters
    assert letters <= page_letters(path, number, whole=True)


@needs_corpus
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_real_documents_keep_every_letter(path: Path) -> None:
    """All that PyMuPDF reads on a page is in the parts; boxes lie on the page."""
    password = "openpassword" if "password" in path.name else None
    with opened(making.of_path(path), password=password) as document:
        for number in range(min(2, document.total)):
            check(document, path, number)
