"""``cache=``: what was read once is not read again, whatever the file is called and for whom."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from got_loaders import GotOcrLoader, GotOcrReader, aread, read
from got_loaders.cache import inspect_cache
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult, ProgressEvent
from tests.pages import making

ROOT = Path(__file__).parents[2]
HEADING = "\\section*{A heading}\n\nand text"


@pytest.fixture
def engine() -> FakeEngine:
    """An engine that counts what it is asked."""
    return FakeEngine(HEADING)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Three pages, each of its own."""
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf("one", "two", "three"))
    return path


def test_a_page_is_read_once_whatever_its_file_is_called(
    pdf: Path, engine: FakeEngine, tmp_path: Path
) -> None:
    """From another path, from bytes, by another framework: the model is not asked again."""
    kept = tmp_path / "kept"
    first = list(read(pdf, engine=engine, cache=kept))
    assert len(engine.requests) == 3
    again = [
        *read(pdf.rename(tmp_path / "b.pdf"), engine=engine, cache=kept),
        *read((tmp_path / "b.pdf").read_bytes(), engine=engine, cache=kept, pages="1"),
    ]
    GotOcrLoader(tmp_path / "b.pdf", engine=engine, cache=kept).load()
    GotOcrReader(engine=engine, cache=kept).load_data(tmp_path / "b.pdf")
    assert len(engine.requests) == 3
    assert [result.ocr and result.ocr.cached for result in first] == [False] * 3
    assert [result.ocr and result.ocr.cached for result in again] == [True] * 4
    assert [result.ocr for result in again[:3]] == [result.ocr for result in first]


def test_documents_from_the_cache_are_the_same(
    pdf: Path, engine: FakeEngine, tmp_path: Path
) -> None:
    """Text, metadata and id: an index notices nothing."""
    loaders = [
        GotOcrLoader(pdf, engine=engine, cache=cache) for cache in (None, tmp_path, tmp_path)
    ]
    plain, first, again = (loader.load() for loader in loaders)
    assert plain == first == again
    assert len(engine.requests) == 6


def test_changing_the_output_reads_nothing_again(
    pdf: Path, engine: FakeEngine, tmp_path: Path
) -> None:
    """What is kept is what the model wrote."""
    list(read(pdf, engine=engine, cache=tmp_path))
    for output in ("latex", "html", "raw", "markdown"):
        documents = GotOcrLoader(pdf, engine=engine, cache=tmp_path, output=output).load()
        assert "A heading" in documents[0].page_content
    assert len(engine.requests) == 3
    list(read(pdf, engine=engine, cache=tmp_path, format=False))  # a plain reading: another one
    assert len(engine.requests) == 6


def test_equal_pages_are_read_once(engine: FakeEngine, tmp_path: Path) -> None:
    """Within a file, too, and though they are asked for at the same time."""
    list(read(making.pdf("same", "same", "same", "other"), engine=engine, cache=tmp_path))
    assert len(engine.requests) == 2


def test_regions_are_kept_one_by_one(pdf: Path, engine: FakeEngine, tmp_path: Path) -> None:
    """A box that was read is not read again when another is added."""
    boxes = [(0, 0, 100, 100)]
    list(read(pdf, engine=engine, cache=tmp_path, regions=boxes))
    asked = len(engine.requests)
    list(read(pdf, engine=engine, cache=tmp_path, regions=[*boxes, (10, 20, 150, 90)]))
    assert 0 < asked <= len(engine.requests) <= 2 * asked


def test_a_second_try_is_kept_as_well(pdf: Path, tmp_path: Path) -> None:
    """A reading that went in circles costs its second try once."""

    def circles(request: OcrRequest) -> OcrResult:
        return OcrResult(text="la " * 9, finish_reason="repetition", num_tokens=9)

    engine = FakeEngine(circles)
    first = list(read(pdf, engine=engine, cache=tmp_path, pages="1"))
    asked = len(engine.requests)
    assert first[0].retried
    assert asked == 2
    assert list(read(pdf, engine=engine, cache=tmp_path, pages="1")) == first
    assert len(engine.requests) == asked


def test_another_model_reads_for_itself(pdf: Path, tmp_path: Path) -> None:
    """Its name, weights and number format are part of the question."""
    one, other = FakeEngine("one", fingerprint="one"), FakeEngine("other", fingerprint="other")
    for engine in (one, other, one, other):
        (result,) = read(pdf, engine=engine, cache=tmp_path, pages="1")
        assert result.ocr is not None
        assert result.ocr.text == engine.reply
    assert (len(one.requests), len(other.requests)) == (1, 1)


def test_failed_pages_are_tried_again(pdf: Path, tmp_path: Path) -> None:
    """What was no reading is not kept."""
    engine = FakeEngine(RuntimeError("busy"))
    (failed,) = read(pdf, engine=engine, cache=tmp_path, pages="1", on_error="keep")
    assert "busy" in str(failed.error)
    engine.reply = HEADING
    (good,) = read(pdf, engine=engine, cache=tmp_path, pages="1", on_error="keep")
    assert good.error is None


def test_a_changed_page_is_read_alone(engine: FakeEngine, tmp_path: Path) -> None:
    """The other nineteen are there."""
    texts = [f"page {number}" for number in range(20)]
    list(read(making.pdf(*texts), engine=engine, cache=tmp_path))
    texts[7] = "changed"
    list(read(making.pdf(*texts), engine=engine, cache=tmp_path))
    assert len(engine.requests) == 21


def test_async_reads_from_the_cache(pdf: Path, engine: FakeEngine, tmp_path: Path) -> None:
    """The same results, in order."""

    async def collected() -> list[object]:
        return [result.ocr async for result in aread(pdf, engine=engine, cache=tmp_path)]

    assert asyncio.run(collected()) == asyncio.run(collected())
    assert len(engine.requests) == 3


def test_progress_tells_what_came_from_the_cache(
    pdf: Path, engine: FakeEngine, tmp_path: Path
) -> None:
    """A callable sees it page by page."""
    events: list[ProgressEvent] = []
    for _ in range(2):
        list(read(pdf, engine=engine, cache=tmp_path, progress=events.append))
    assert [e.result.ocr.cached for e in events if e.result.ocr] == [False] * 3 + [True] * 3


def test_reads_that_end_early_leave_a_whole_store(
    pdf: Path, engine: FakeEngine, tmp_path: Path
) -> None:
    """What was given is there; nothing hangs."""
    results = read(pdf, engine=engine, cache=tmp_path)
    next(results)
    results.close()
    assert inspect_cache(tmp_path).results >= 1
    list(read(pdf, engine=engine, cache=tmp_path))
    assert len(engine.requests) <= 4


def test_the_cache_is_bounded(engine: FakeEngine, tmp_path: Path) -> None:
    """``max_cache_bytes`` holds whatever is read."""
    engine.reply = lambda request: os.urandom(4000).hex()
    for part in range(8):
        pages = [f"{part} {number}" for number in range(10)]
        list(read(making.pdf(*pages), engine=engine, cache=tmp_path, max_cache_bytes=200_000))
    assert inspect_cache(tmp_path).used_bytes <= 200_000


def test_a_cache_that_can_t_be_used_costs_nothing_else(
    pdf: Path, engine: FakeEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The pages are read, and the log says why they are not kept."""
    (tmp_path / "file").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        assert len(list(read(pdf, engine=engine, cache=tmp_path / "file" / "x"))) == 3
    assert len(caplog.messages) == 1
    assert "going on without" in caplog.text


def test_true_means_the_user_s_cache_folder(
    pdf: Path, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system keeps such things."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "home"))
    list(read(pdf, engine=engine, cache=True))
    if sys.platform == "linux":
        assert inspect_cache(tmp_path / "home" / "got_loaders").results == 3


SECOND_RUN = """
import json, sys
from got_loaders import GotOcrLoader
documents = GotOcrLoader(sys.argv[1], model="tiny", cache=sys.argv[2], max_new_tokens=40).load()
loaded = [name for name in sys.modules if name.startswith("got_loaders.engine.runner.model_runner")]
print(json.dumps([[d.page_content for d in documents], documents[0].metadata, loaded]))
"""


def test_a_run_that_finds_everything_loads_no_model(pdf: Path, tmp_path: Path) -> None:
    """Another process, with the real tiny model: the same Documents, and no weights in memory."""
    told = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", SECOND_RUN, str(pdf), str(tmp_path / "kept")],
                check=True,
                capture_output=True,
                cwd=ROOT,
            ).stdout
        )
        for _ in range(2)
    ]
    assert told[0][:2] == told[1][:2]
    assert told[0][1]["ocr_model"].startswith("tiny@")
    assert (bool(told[0][2]), bool(told[1][2])) == (True, False)
