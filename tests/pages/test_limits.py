"""What a document may cost: beyond its limits it gets an error of its own, and no other does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from got_loaders import read
from got_loaders.errors import PageError, SourceError, SourceRefusedError
from got_loaders.pages import CrashCounter, open_document, select_pages
from got_loaders.pages import protocol as wire
from got_loaders.pages.worker.handle import DocumentSpec, WorkerHandle
from got_loaders.pages.worker.pool import Pool
from got_loaders.testing import FakeEngine
from got_loaders.types import Limits
from tests.pages import making
from tests.pages.making import of_bytes, opened
from tests.pages.pids import pids

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds memory")
posix_only = pytest.mark.skipif(os.name == "nt", reason="stops processes by POSIX signals")


def test_a_file_larger_than_the_limit_is_not_opened(pool: Pool) -> None:
    """Its size and the option are named; no worker starts."""
    with pytest.raises(SourceRefusedError, match=r"doc: 9 bytes, more than max_file_bytes=8"):
        open_document(of_bytes(b"123456789"), limits=Limits(file_bytes=8), pool=pool)
    assert pids(pool) == []


def test_a_page_s_pixels_are_bounded(pool: Pool) -> None:
    """Of any frame; other documents in the same worker have limits of their own."""
    data = making.image(Image.new("L", (100, 100), "white"), "PNG")
    small, large = Limits(image_pixels=9_999), Limits(image_pixels=10_000)
    with opened(of_bytes(data), limits=large, pool=pool) as document:
        with pytest.raises(
            SourceRefusedError, match="100 × 100 pixels; more than max_image_pixels"
        ):
            open_document(of_bytes(data), limits=small, pool=pool)
        assert document.page(0, width=9, height=9).image.size == (100, 100)


@linux_only
def test_a_page_s_memory_is_bounded(pool: Pool) -> None:
    """What needs more is an error of that page; the worker goes on."""
    data = making.image(Image.new("RGB", (6000, 6000), "white"), "PNG")
    with (
        opened(of_bytes(data), limits=Limits(page_bytes=90_000_000), pool=pool) as bounded,
        opened(of_bytes(data), pool=pool) as free,
    ):
        with pytest.raises(PageError, match=r"page 1: .*more memory than max_page_bytes"):
            bounded.page(0, width=9, height=9)
        assert free.page(0, width=9, height=9).image.size == (6000, 6000)


@linux_only
def test_what_documents_leave_behind_takes_no_other_s_memory() -> None:
    """A worker that has not enough is replaced, and asked again; what is open stays usable."""
    image = making.image(Image.new("RGB", (3000, 3000), "white"), "PNG")
    with (
        closing(Pool(size=1)) as pool,
        opened(of_bytes(making.pdf("words")), pool=pool) as heavy,
    ):
        heavy.text_layer(0)  # loads a model of some 200 MB
        before = pids(pool)
        limits = Limits(page_bytes=180_000_000)
        with opened(of_bytes(image), limits=limits, pool=pool) as light:
            assert light.page(0, width=9, height=9).image.size == (3000, 3000)
            assert pids(pool) != before
            assert heavy.page(0, width=9, height=9).image.width > 0


@linux_only
@pytest.mark.parametrize(
    ("kept", "page_bytes", "over"), [(0, 4, False), (9, 4, False), (9, 2, True)]
)
def test_a_process_knows_whether_it_keeps_too_much(kept: int, page_bytes: int, over: bool) -> None:
    """More than 3/8 of what a page may take, and 500 MB at least; in hundreds of MB and in GB."""
    code = (
        "from got_loaders.pages.worker.memory_limit import is_over_memory\n"
        f"kept = bytearray({kept} * 100_000_000)\n"
        f"print(is_over_memory({page_bytes} * 1_000_000_000))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str(over)


class SwollenProcess:
    """Says after each request that it keeps too much."""

    is_alive = True

    def request(self, *_: object, **__: object) -> tuple[dict[str, Any], bytearray]:
        """Answer."""
        return {"over_memory": True}, bytearray()

    def close(self) -> None:
        """End."""
        self.is_alive = False


def test_a_worker_that_keeps_too_much_is_replaced() -> None:
    """After its answer, but not between opening a document and what is asked of it."""
    worker, process = WorkerHandle(None, 5000), SwollenProcess()
    worker.process = process  # type: ignore[assignment]  # as far as a slot needs one
    spec = DocumentSpec(path=None, data=b"", password=None)
    worker.request(spec, {"do": "open"})
    assert process.is_alive
    worker.request(spec, {"do": "measure", "page": 0})
    assert not process.is_alive


@posix_only
def test_a_page_s_time_is_bounded_by_the_document_s_limit() -> None:
    """It is not the pool's, which other readers share."""
    pool = Pool(size=1)
    open_document(of_bytes(making.pdf("x")), pool=pool).close()  # now a worker runs
    limits = Limits(page_seconds=3)
    with opened(of_bytes(making.pdf("x")), limits=limits, pool=pool) as document:
        os.kill(pids(pool)[0], signal.SIGSTOP)
        with pytest.raises(PageError, match=r"longer than 3 s"):
            document.page(0, width=9, height=9)
    pool.close()


@pytest.fixture
def stopping(pool: Pool) -> Iterator[Pool]:
    """A pool of which each process stops as soon as it is there."""
    done = threading.Event()

    def stop() -> None:
        stopped: set[int] = set()
        while not done.wait(0.002):
            for pid in set(pids(pool)) - stopped:
                os.kill(pid, signal.SIGSTOP)
                stopped.add(pid)

    thread = threading.Thread(target=stop)
    thread.start()
    yield pool
    done.set()
    thread.join()


@posix_only
def test_a_document_that_hangs_time_and_again_is_given_up(stopping: Pool) -> None:
    """After three times it is asked nothing more, also when it is opened again; others are."""
    crash_counter, limits = CrashCounter(), Limits(page_seconds=0.3)
    source = of_bytes(making.pdf("x"))
    for _ in range(3):
        with pytest.raises(SourceError, match=r"longer than 0\.3 s"):
            open_document(source, limits=limits, crash_counter=crash_counter, pool=stopping)
    with pytest.raises(SourceError, match="doc: not tried: 3 times in a row"):
        open_document(source, limits=limits, crash_counter=crash_counter, pool=stopping)
    with pytest.raises(SourceError, match=r"longer than 0\.3 s"):
        open_document(source, limits=limits, crash_counter=CrashCounter(), pool=stopping)


@posix_only
def test_a_text_that_hangs_is_waited_for_once() -> None:
    """Neither the page's regions are, nor its text once more; its picture and other pages are."""
    pool, crash_counter = Pool(size=1, time_limit_s=5.0), CrashCounter()
    source = of_bytes(making.pdf("one", "two"))
    with opened(source, pool=pool, crash_counter=crash_counter) as document:
        os.kill(pids(pool)[0], signal.SIGSTOP)
        with pytest.raises(PageError, match=r"page 1: .* longer than 5 s"):
            document.text_layer(0)
        assert pids(pool) == []
        for ask in (document.regions, document.text_layer):
            with pytest.raises(PageError, match="page 1: its own text took too long before"):
                ask(0)
        assert pids(pool) == []
        assert document.page(0, width=9, height=9).info.number == 0
    with (
        opened(source, pool=pool, crash_counter=crash_counter) as document,
        pytest.raises(PageError, match="page 1: its own text took too long before"),
    ):
        document.regions(0)
    pool.close()


def test_an_answer_clears_the_crash_counter() -> None:
    """Only those in a row count."""
    crash_counter = CrashCounter()
    for lost in (True, True, False, True, True):
        crash_counter.record(crashed=lost)
    assert not crash_counter.tripped
    crash_counter.record(crashed=True)
    assert crash_counter.tripped


@pytest.mark.parametrize(
    ("pages", "fewer"),
    [
        (None, "1-4"),
        (slice(None), "1-4"),
        ("1-", "1-4"),
        (range(5), "1-4"),
        ("9-20", "9-12"),
        ("20-9", "20-17"),
        (slice(2, None, 3), "3,6,9,12"),
        ("1-3,-2,-1", f"1,2,3,{10**9 - 1}"),
    ],
)
def test_more_pages_than_the_limit_are_refused(pages: object, fewer: str) -> None:
    """However they are selected; fewer of many are fine, and a claim of billions costs nothing.

    The error says how many pages there are, and how to name as many as may be read.
    """
    with pytest.raises(
        SourceRefusedError, match="more than max_pages=4 pages; name those"
    ) as error:
        select_pages(pages, 10**9, source="doc", max_pages=4)  # type: ignore[arg-type]  # parametrised
    assert str(error.value).startswith("doc: ")
    assert f"it has {10**9} pages" in str(error.value)
    assert f"as in pages={fewer!r}" in str(error.value)
    assert len(select_pages(fewer, 10**9, source="doc", max_pages=4)) == 4
    assert select_pages("2-3,-1", 10**9, source="doc", max_pages=4) == [1, 2, 10**9 - 1]
    assert select_pages(slice(3), 10**9, source="doc", max_pages=4) == [0, 1, 2]
    assert select_pages(None, 4, source="doc", max_pages=4) == [0, 1, 2, 3]


def test_max_pages_is_said_of_the_file() -> None:
    """The other files of a list are read."""
    files = [making.pdf("one", "two", "three"), making.pdf("one")]
    results = list(read(files, engine=FakeEngine(), max_pages=2, on_error="keep"))
    assert [result.error is None for result in results] == [False, True]
    assert "max_pages=2" in str(results[0].error)


@pytest.mark.parametrize("sizes", [(wire.MAX_HEADER + 1, 0), (2, 10**15)])
def test_a_worker_s_absurd_answer_costs_no_memory(sizes: tuple[int, int], tmp_path: Path) -> None:
    """Nothing is allocated for what a worker only claims to send."""
    (tmp_path / "answer").write_bytes(wire._LENGTHS.pack(*sizes) + b"{}")
    with (
        (tmp_path / "answer").open("rb", buffering=0) as stream,
        pytest.raises(wire.MessageTooLongError),
    ):
        wire.receive(stream, max_payload=10**9)


def test_an_answer_that_is_too_long_is_not_sent(tmp_path: Path) -> None:
    """Not even its beginning: the worker can still say why."""
    with (tmp_path / "answer").open("wb", buffering=0) as stream:
        with pytest.raises(wire.MessageTooLongError):
            wire.send(stream, {"text": "x" * wire.MAX_HEADER})
        assert stream.tell() == 0
