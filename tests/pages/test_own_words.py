"""A page's own words: in order, placed as the page is shown, quick, and never worth a page."""

from __future__ import annotations

import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from got_loaders.errors import PageError
from got_loaders.pages import PageDocument, PageWord, PageWords
from got_loaders.pages.own_words import words_from_json, words_to_json
from got_loaders.pages.pdf.plain_words import MAX_WORDS, read_words
from got_loaders.pages.text_layer.mupdf_page import MAX_TEXT
from got_loaders.pages.worker import handle
from got_loaders.pages.worker.crash_counter import CrashCounter
from got_loaders.pages.worker.pool import Pool
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.types import Box
from tests.fakes import FakeDocument
from tests.pages import making
from tests.pages.making import CORPUS, opened, pymupdf, soon
from tests.pages.pids import pids

COLUMNS = "alpha beta\ngamma", "delta\nepsilon zeta"


def columns_pdf(rotation: int = 0, crop: tuple[float, float, float, float] | None = None) -> bytes:
    """Two columns side by side, one after the other in the file, the second one hidden."""
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        for text, x, mode in ((COLUMNS[0], 20, 0), (COLUMNS[1], 160, 3)):
            page.insert_text((x, 60), text.split("\n"), fontsize=12, render_mode=mode)
        if crop is not None:
            page.set_cropbox(pymupdf.Rect(crop))
        page.set_rotation(rotation)
        data: bytes = document.tobytes()
    return data


def words_of(data: bytes) -> PageWords:
    """Those of the first page."""
    with opened(making.of_bytes(data)) as document:
        return document.words(0)


def test_words_come_in_the_order_of_the_file() -> None:
    """Columns follow one another, hidden words are there, too, and lines and blocks are known."""
    words = words_of(columns_pdf())
    assert " ".join(word.text for word in words.words) == "alpha beta gamma delta epsilon zeta"
    assert words.text == "alpha beta\ngamma\n\ndelta\nepsilon zeta"
    assert words
    assert not PageWords()
    assert words_from_json(words_to_json(words.words)) == words


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_lie_where_the_page_shows_them(rotation: int) -> None:
    """Boxes are those of the page as it is shown, turned and cropped; what is off it is no word."""
    crop = (10, 20, 150, 180)  # without the second column
    with opened(making.of_bytes(columns_pdf(rotation, crop))) as document:
        info, words = document.info(0), document.words(0)
        image = document.page(0, width=280, height=320).image
    assert [word.text for word in words.words] == ["alpha", "beta", "gamma"]
    zoom = image.width / info.width
    for word in words.words:
        assert word.box.clipped(info.width, info.height) == word.box
        place = image.convert("L").crop(word.box.scaled(zoom, zoom))
        assert place.point(lambda shade: shade < 128).getbbox(), word


def test_words_are_clipped_to_a_part_of_the_page() -> None:
    """A region's words are those whose middle lies in it."""
    words = words_of(columns_pdf())
    assert words.within(Box(0, 0, 140, 200)).text == COLUMNS[0]
    assert words.within(Box(140, 0, 300, 200)).text == COLUMNS[1]
    assert not words.within(Box(0, 150, 300, 200))


def test_an_image_has_no_words_and_nobody_asks_for_them(pool: Pool) -> None:
    """For images the worker is not asked; one that is asked all the same has none."""
    with opened(making.of_bytes(making.frames("PNG", "red")), pool=pool) as document:
        before = pool._workers[0]._requests
        assert not document.words(0)
        assert pool._workers[0]._requests == before
        assert document._request("words", 0)[0] == {"words": []}


class StandInPage:
    """PyMuPDF's page, as far as words are read from it; ``rows`` are what it says."""

    rotation = 0

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = rows
        self.rect = pymupdf.Rect(0, 0, 100, 100)

    def set_rotation(self, _: int) -> None:
        """It has none."""

    def get_textpage(self, **_: object) -> StandInPage:
        """Itself."""
        return self

    def extractWORDS(self) -> list[tuple[Any, ...]]:  # noqa: N802  # PyMuPDF's name
        """What it was told to say."""
        return self.rows


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[StandInPage]:
    """A page that is not made another class of."""
    from contextlib import nullcontext

    from got_loaders.pages.pdf import plain_words

    monkeypatch.setattr(plain_words, "page_as_shown", lambda _, page: nullcontext(page))
    return StandInPage


def test_what_nobody_sees_is_taken_out_of_words(stand_in: type[StandInPage]) -> None:
    """Control characters go, and words of nothing else, as do those at no place at all."""
    inf, nan = float("inf"), float("nan")
    rows = [
        (1, 1, 9, 9, "a\x00b\u00adc", 0, 0, 0),
        (1, 1, 9, 9, "\u200e\ufeff", 0, 0, 1),
        (nan, 1, 9, 9, "nan", 0, 0, 2),
        (1, 1, inf, 9, "inf", 0, 0, 3),
        (101, 1, 120, 9, "off", 0, 0, 4),
        (1, 1, 9, 9, "\ud800x", 1, 2, 0),
    ]
    words = read_words(pymupdf, stand_in(rows))
    assert words == [
        PageWord("abc", Box(1, 1, 9, 9), 0, 0),
        PageWord("\ufffdx", Box(1, 1, 9, 9), 1, 2),
    ]


@pytest.mark.parametrize(("length", "kept"), [(1, MAX_WORDS), (1000, MAX_TEXT // 1000)])
def test_a_page_has_so_many_words_at_most(
    stand_in: type[StandInPage], length: int, kept: int
) -> None:
    """Of more the first ones are kept; they fit into a message, however they are spelt."""
    rows = [(1.123, 1.123, 9.123, 9.123, "\U0001d400" * length, 99, 99, 0)] * (kept + 5)
    words = read_words(pymupdf, stand_in(rows))
    assert len(words) == kept
    import json

    from got_loaders.pages.protocol import MAX_HEADER

    assert len(json.dumps({"words": words_to_json(words)})) < MAX_HEADER


def pages_of(document: PageDocument) -> list[PageWords]:
    """As the pipeline asks for them."""
    return [OpenPage(document, number).own_words for number in range(document.total)]


@pytest.mark.skipif(os.name == "nt", reason="stops a process by POSIX signals")
@pytest.mark.parametrize("crash", [signal.SIGSEGV, None], ids=["crash", "hang"])
def test_words_that_end_the_worker_cost_a_hint(
    crash: int | None, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading goes on without, no page of the document is asked again, and nothing else counts."""
    monkeypatch.setattr("got_loaders.pages.document.WORDS_LIMIT_S", 0.5 if crash is None else 30.0)
    counter = CrashCounter()
    source = making.of_bytes(making.pdf("one", "two"))
    with opened(source, pool=pool, crash_counter=counter) as document, ThreadPoolExecutor(1) as ex:
        assert document.words(0).text == "one"
        (pid,) = pids(pool)
        os.kill(pid, signal.SIGSTOP)
        requests = pool._workers[0]._requests
        pending = ex.submit(pages_of, document)
        assert soon(lambda: pool._workers[0]._requests > requests)
        if crash is not None:
            os.kill(pid, crash)
            os.kill(pid, signal.SIGCONT)
        assert pending.result(60) == [PageWords(), PageWords()]
        assert counter.words_given_up
        assert counter.count == 0
        assert document.page(1, width=16, height=16).image.size
    with opened(source, pool=pool, crash_counter=counter) as again:
        assert not again.words(0)


def test_a_hint_has_less_time_than_a_page() -> None:
    """A document's limit is kept where it is shorter, and the document stays the same one."""
    spec = handle.DocumentSpec(path=None, data=b"", password=None)
    hurried = spec.hurried(handle.WORDS_LIMIT_S)
    assert (hurried.limits.page_seconds, hurried.id) == (5.0, spec.id)
    assert hurried.hurried(60.0).limits.page_seconds == 5.0


def test_whatever_fails_is_a_page_without_words(caplog: pytest.LogCaptureFixture) -> None:
    """An open page never raises for a hint, and a document need not have one to give."""
    assert OpenPage(FakeDocument(1), 0).own_words == PageWords()

    class Failing(FakeDocument):
        def words(self, number: int) -> PageWords:
            raise PageError(f"page {number}: too odd")

    with caplog.at_level(logging.DEBUG, "got_loaders"):
        assert not OpenPage(Failing(4), 3).own_words
    assert [(each.levelname, each.message) for each in caplog.records] == [
        ("DEBUG", "reading it without a hint: page 3: too odd")
    ]
    with opened(making.of_bytes(making.pdf("one"))) as document:
        document.close()
        with pytest.raises(PageError, match="closed"):
            document.words(0)
        assert not OpenPage(document, 0).own_words


def test_the_layout_model_is_never_asked(pool: Pool) -> None:
    """The worker does not load it for words."""
    with opened(making.of_bytes(making.pdf("one")), pool=pool) as document:
        assert document.words(0).text == "one"
        (pid,) = pids(pool)
        maps = Path(f"/proc/{pid}/maps")
        if maps.exists():
            assert "onnxruntime" not in maps.read_text("utf-8")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")
def test_real_files_have_the_words_that_people_read() -> None:
    """Columns are not mixed, a hidden layer is there, and a scan has none."""
    found = {
        "multicolumn-latex": "Two-Column Document with Lorem Ipsum",
        "invisible-text-layer": "Visible heading line\n\nInvisible OCR text layer",
        "filing-rotated-90": "Edgar in the early fourteenth-century",
        "scan": "",
    }
    for name, text in found.items():
        with opened(making.of_path(CORPUS / f"{name}.pdf")) as document:
            words = document.words(0)
        assert text in words.text
        assert bool(words) == bool(text)
