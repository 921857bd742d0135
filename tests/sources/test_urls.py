"""URLs as sources of loader, reader, parser and ``read``: fetched by the rules, read like files."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from langchain_core.documents.base import Blob

from got_loaders import (
    GotOcrLoader,
    GotOcrParser,
    GotOcrReader,
    ReadOptions,
    aread,
    draw_location,
    read,
)
from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.temp_files import MAX_FILES
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrResult
from tests.pages import making

HOSTS = ("127.0.0.1",)
PDF = making.pdf("one", "two")


class Server:
    """A web server on this machine. ``files`` are what it has, ``asked`` what was asked of it.

    It is silent until ``go_on``; ``silent`` counts the requests that wait for that.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {
            "/a%20b.pdf": PDF,
            "/page.html": b"<!doctype html><p>Log in",
        }
        self.asked: list[str] = []
        self.silent = 0
        self.go_on = threading.Event()
        self.go_on.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the library's name
                server.asked.append(self.path)
                server.silent += 1
                server.go_on.wait(60)
                server.silent -= 1
                path = self.path.partition("?")[0]
                if path == "/away":
                    self.send_response(302)
                    self.send_header("Location", "http://169.254.169.254/latest/meta-data")
                    self.end_headers()
                    return
                data = server.files.get(path)
                self.send_response(404 if data is None else 200)
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever)
        self._thread.start()

    def url(self, path: str) -> str:
        """The address of a file."""
        return f"http://127.0.0.1:{self._http.server_port}{path}"

    def close(self) -> None:
        """End it."""
        self.go_on.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server; temporary files go into a folder of their own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    server = Server()
    yield server
    server.close()


@pytest.fixture
def engine() -> FakeEngine:
    """Reads a word."""
    return FakeEngine("word")


def left(tmp_path: Path) -> list[Path]:
    """Temporary files that are there."""
    return list((tmp_path / "temporary").rglob("*"))


def test_a_url_is_read_like_a_file(server: Server, engine: FakeEngine, tmp_path: Path) -> None:
    """By all three; ``source`` is the URL as it was given, and nothing stays on the disk."""
    url = server.url("/a%20b.pdf?token=1")
    loaded = GotOcrLoader(url, engine=engine, url_hosts=HOSTS).load()
    reader = GotOcrReader(engine=engine, url_hosts=HOSTS).load_data(url)
    parsed = GotOcrParser(engine=engine, url_hosts=HOSTS).parse(Blob(path=url))
    for documents in (loaded, reader, parsed):
        assert [document.metadata["source"] for document in documents] == [url, url]
        assert [document.metadata["page"] for document in documents] == [0, 1]
    assert reader[0].metadata["file_name"] == "a b.pdf"
    assert reader[0].metadata["file_type"] == "application/pdf"
    assert left(tmp_path) == []
    assert len(server.asked) == 3


def test_this_machine_is_refused_unless_it_is_named(server: Server, engine: FakeEngine) -> None:
    """Nothing is asked of it; the error tells how to allow it."""
    url = server.url("/a%20b.pdf")
    with pytest.raises(SourceRefusedError, match=r"127\.0\.0\.1 is not a public one.*url_hosts"):
        list(read(url, engine=engine))
    with pytest.raises(SourceRefusedError, match="urls=False"):
        list(read(url, engine=engine, url_hosts=HOSTS, urls=False))
    assert server.asked == []


def test_a_redirect_to_where_it_must_not_go_is_refused(server: Server, engine: FakeEngine) -> None:
    """A cloud's metadata is not reached through a server that is allowed."""
    with pytest.raises(SourceRefusedError, match=r"redirected to .*169\.254\.169\.254"):
        list(read(server.url("/away"), engine=engine, url_hosts=HOSTS))


def test_bad_addresses_cost_themselves_only(server: Server, engine: FakeEngine) -> None:
    """In a list each has its error in its place."""
    urls = [
        server.url("/gone.pdf"),
        server.url("/page.html"),
        server.url("/a%20b.pdf"),
        "http://user:secret@127.0.0.1/a.pdf",
        "http://10.1.2.3/a.pdf",
    ]
    results = list(read(urls, engine=engine, url_hosts=HOSTS, on_error="keep"))
    errors = [result.error for result in results]
    assert errors[2:4] == [None, None]
    told = [str(errors[0]), str(errors[1]), *map(str, errors[4:])]
    for error, words in zip(
        told, ["404", "text that begins with '<!doctype html>", "user", "not a public"], strict=True
    ):
        assert words in error
    assert "secret" not in "".join(told)
    assert "secret" not in repr(results)


def test_what_a_file_is_is_told_from_its_content(server: Server, engine: FakeEngine) -> None:
    """A login page is no PDF, whatever it is called."""
    server.files["/report.pdf"] = server.files["/page.html"]
    with pytest.raises(UnsupportedSourceError, match="neither a PDF nor an image"):
        list(read(server.url("/report.pdf"), engine=engine, url_hosts=HOSTS))
    server.files["/report.html"] = making.frames("PNG", "red")
    assert len(list(read(server.url("/report.html"), engine=engine, url_hosts=HOSTS))) == 1


def test_a_large_file_is_refused(server: Server, engine: FakeEngine, tmp_path: Path) -> None:
    """By the same option as on disk."""
    url = server.url("/a%20b.pdf")
    with pytest.raises(SourceRefusedError, match="max_file_bytes=100"):
        list(read(url, engine=engine, url_hosts=HOSTS, max_file_bytes=100))
    assert left(tmp_path) == []


def test_a_slow_server_is_given_up(server: Server, engine: FakeEngine) -> None:
    """After ``max_url_seconds``."""
    server.go_on.clear()
    with pytest.raises(SourceError, match="max_url_seconds"):
        list(read(server.url("/a%20b.pdf"), engine=engine, url_hosts=HOSTS, max_url_seconds=0.3))


def test_a_page_is_read_again_without_another_download(
    server: Server, engine: FakeEngine, tmp_path: Path
) -> None:
    """A reading that went in circles is tried once more, from the file that is there."""
    engine.reply = OcrResult(text="la la la", finish_reason="repetition")
    results = list(read(server.url("/a%20b.pdf"), engine=engine, url_hosts=HOSTS))
    assert all(result.retried for result in results)
    assert len(server.asked) == 1
    assert left(tmp_path) == []


def test_long_lists_leave_few_files_behind(
    server: Server, engine: FakeEngine, tmp_path: Path
) -> None:
    """While a read lasts, so many are there at most; then none."""
    server.files["/p.png"] = making.frames("PNG", "red")
    urls = [server.url(f"/p.png?{number}") for number in range(MAX_FILES + 20)]
    most = 0
    for _ in read(urls, engine=engine, url_hosts=HOSTS, skip_blank=False):
        most = max(most, sum(path.is_file() for path in left(tmp_path)))
    assert MAX_FILES // 2 < most <= MAX_FILES
    assert left(tmp_path) == []


def test_ending_early_removes_what_was_fetched(
    server: Server, engine: FakeEngine, tmp_path: Path
) -> None:
    """As soon as the generator is closed."""
    results = read(server.url("/a%20b.pdf"), engine=engine, url_hosts=HOSTS)
    next(results)
    assert left(tmp_path) != []
    results.close()
    assert left(tmp_path) == []


def test_who_gives_up_does_not_wait_for_a_silent_server(
    server: Server, engine: FakeEngine, tmp_path: Path
) -> None:
    """Cancelling an async read cuts the connection."""

    async def cancelled() -> None:
        server.go_on.clear()
        results = aread(server.url("/a%20b.pdf"), engine=engine, url_hosts=HOSTS)
        task = asyncio.ensure_future(anext(results))
        async with asyncio.timeout(60):
            while not server.silent:
                await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert server.silent == 1
    assert left(tmp_path) == []


def test_async_reads_fetch_beside_the_loop(
    server: Server, engine: FakeEngine, tmp_path: Path
) -> None:
    """While a slow server answers the loop goes on."""

    async def slow() -> int:
        server.go_on.clear()
        task = asyncio.create_task(collected())
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert not task.done()
        server.go_on.set()
        return await task

    async def collected() -> int:
        url = server.url("/a%20b.pdf")
        return len([result async for result in aread(url, engine=engine, url_hosts=HOSTS)])

    assert asyncio.run(slow()) == 2
    assert left(tmp_path) == []


def test_a_page_of_a_url_is_drawn(server: Server, engine: FakeEngine, tmp_path: Path) -> None:
    """It is downloaded once more, by the rules of the options, and nothing stays on the disk."""
    options = ReadOptions(url_hosts=HOSTS)
    results = list(read(server.url("/a%20b.pdf"), engine=engine, options=options))
    assert draw_location(results, options=options, dpi=72).size == (200 + 12 + 200, 100)
    assert len(server.asked) == 2
    assert left(tmp_path) == []
    with pytest.raises(SourceRefusedError, match="public"):
        results[0].draw()
    server.files["/a%20b.pdf"] = making.pdf("one")
    with pytest.raises(SourceError, match="it had 2 pages when it was read, and has 1 now"):
        results[0].draw(options=options)
