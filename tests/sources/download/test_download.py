"""Downloads from a server on this machine, good and bad ones."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources.download import DownloadPolicy, fetch
from tests.sources.download.recording import BODY, Names
from tests.sources.download.servers import Script, ok, says, serving

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LOOPBACK = ("127.0.0.1",)


def load(
    folder: Path,
    script: Script,
    *,
    max_bytes: int = 1000,
    seconds: float = 5.0,
    stopped: Callable[[], bool] = lambda: False,
) -> bytes:
    """What ``fetch`` stores of this server's answer."""
    rules = DownloadPolicy(hosts=LOOPBACK, max_bytes=max_bytes, seconds=seconds)
    with serving(script) as port:
        return fetch(f"http://127.0.0.1:{port}/a.pdf", folder, rules, stopped=stopped).read_bytes()


def refused(folder: Path, script: Script, **options: float) -> SourceError:
    """The error that this server's answer gives; no file is left behind."""
    with pytest.raises(SourceError) as caught:
        load(folder, script, **options)  # type: ignore[arg-type]  # the names say which
    assert list(folder.iterdir()) == []
    assert (caught.value.source or "").startswith("http://127.0.0.1:")
    assert str(caught.value).startswith(f"{caught.value.source}: ")
    return caught.value


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of an ordinary web server with one file, ``a.pdf``."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(BODY * 10_000)
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_a_file_is_downloaded(site: str, tmp_path: Path) -> None:
    """Every download is a new file of its own in the folder, whatever the URL is called."""
    rules = DownloadPolicy(hosts=LOOPBACK)
    paths = [fetch(f"{site}/a.pdf?../../x#page=2", tmp_path, rules) for _ in range(2)]
    assert len(set(paths)) == 2
    for path in paths:
        assert path.parent == tmp_path
        assert path.read_bytes() == BODY * 10_000


def test_a_missing_file_is_an_error(site: str, tmp_path: Path) -> None:
    """The status is said with its name."""
    with pytest.raises(SourceError, match=r"b\.pdf: the server answers 404 Not Found$"):
        fetch(f"{site}/b.pdf", tmp_path, DownloadPolicy(hosts=LOOPBACK))


def test_this_machine_is_not_read_unless_allowed(site: str, tmp_path: Path) -> None:
    """Without the rule, the very same URL is refused."""
    with pytest.raises(SourceRefusedError, match=r"pass url_hosts=\['127\.0\.0\.1'\]"):
        fetch(f"{site}/a.pdf", tmp_path, DownloadPolicy())


def test_the_environment_changes_nothing(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy, which would undo every judgement, is not used; nor is a password file."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "netrc").write_text("default login bob password geheim")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert fetch(f"{site}/a.pdf", tmp_path, DownloadPolicy(hosts=LOOPBACK)).stat().st_size > 1000
    heads: list[bytes] = []

    def script(connection: socket.socket, head: bytes) -> None:
        heads.append(head)
        connection.sendall(ok(BODY))

    load(tmp_path, script)
    assert b"authorization" not in heads[0].lower()


def test_an_answer_of_unknown_length_is_read_to_its_end(tmp_path: Path) -> None:
    """Chunked, or ended by the server's closing."""
    assert load(tmp_path, says(CHUNKED, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) == b"abcde"
    assert load(tmp_path, says(b"HTTP/1.0 200 OK\r\n\r\nabc")) == b"abc"
    assert load(tmp_path, says(ok(b"abc", b"Content-Encoding: identity"))) == b"abc"


def test_a_redirect_is_followed(tmp_path: Path) -> None:
    """The second request goes over a connection of its own."""
    heads: list[bytes] = []

    def script(connection: socket.socket, head: bytes) -> None:
        heads.append(head.splitlines()[0])
        if b" /a.pdf " in heads[-1]:
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: b\r\nContent-Length: 0\r\n\r\n")
        else:
            connection.sendall(ok(BODY))

    assert load(tmp_path, script) == BODY
    assert heads == [b"GET /a.pdf HTTP/1.1", b"GET /b HTTP/1.1"]


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    """By what the server announces, and by what it sends; the option is named."""
    error = refused(tmp_path, says(ok(b"x" * 1001)))
    assert isinstance(error, SourceRefusedError)
    assert str(error).endswith(": 1001 bytes, more than max_file_bytes=1000")
    error = refused(tmp_path, says(CHUNKED, b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"))
    assert isinstance(error, SourceRefusedError)
    assert str(error).endswith(": more than max_file_bytes=1000")
    assert len(load(tmp_path, says(ok(b"x" * 1000)))) == 1000


def test_an_endless_answer_ends_at_the_limit(tmp_path: Path) -> None:
    """The server may send for ever; it is left alone after ``max_bytes``."""

    def endless(connection: socket.socket, head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 4096)

    error = refused(tmp_path, endless, max_bytes=100_000)
    assert "more than max_file_bytes=100000" in str(error)


def drip(start: bytes, piece: bytes) -> Script:
    """A script that sends a little at a time, for longer than any deadline here."""

    def script(connection: socket.socket, head: bytes) -> None:
        connection.sendall(start)
        for _ in range(3000):
            connection.sendall(piece)
            time.sleep(0.02)

    return script


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
        (CHUNKED + b"1;", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nX-Slow: ", b"x"),
    ],
    ids=["length", "no length", "chunks", "chunk header", "header", "hints", "redirect"],
)
def test_a_slow_drip_ends_at_the_deadline(start: bytes, piece: bytes, tmp_path: Path) -> None:
    """Wherever the server drips: in the body, between chunks, in a header."""
    began = time.monotonic()
    error = refused(tmp_path, drip(start, piece), seconds=0.4)
    assert str(error).endswith(": not downloaded within max_url_seconds=0.4")
    assert time.monotonic() - began < 30  # the server would go on for a minute


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n\r\nabc", ok(b"abc")[:-1]])
def test_silence_ends_at_the_deadline(start: bytes, tmp_path: Path) -> None:
    """Before the answer and within it."""

    def silent(connection: socket.socket, head: bytes) -> None:
        connection.sendall(start)
        connection.recv(1)  # until the client leaves

    error = refused(tmp_path, silent, seconds=0.3)
    assert "max_url_seconds=0.3" in str(error)


def test_redirects_do_not_wind_up_the_clock(tmp_path: Path) -> None:
    """The deadline is over all hops together."""

    def script(connection: socket.socket, head: bytes) -> None:
        time.sleep(0.15)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    assert "max_url_seconds=0.4" in str(refused(tmp_path, script, seconds=0.4))


def test_a_compressed_answer_is_refused(tmp_path: Path) -> None:
    """It could unfold to any size."""
    body = gzip.compress(b"\0" * 10_000)
    error = refused(tmp_path, says(ok(body, b"Content-Encoding: gzip")))
    assert "compresses its answer" in str(error)
    assert not isinstance(error, SourceRefusedError)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (b"401 Go away", "401 Unauthorized; no credentials are sent"),
        (b"403 Go away", "403 Forbidden; no credentials are sent"),
        (b"500 Go away", "the server answers 500 Internal Server Error"),
        (b"206 Go away", "the server answers 206 Partial Content"),
        (b"204 Go away", "the server answers 204 No Content"),
        (b"300 Go away", "the server answers 300 Multiple Choices"),
        (b"304 Go away", "the server answers 304 Not Modified"),
        (b"599 Go away", "the server answers 599"),
    ],
)
def test_any_other_status_is_an_error(status: bytes, words: str, tmp_path: Path) -> None:
    """Its number and name are said, in our words and not in the server's."""
    error = refused(tmp_path, says(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n"))
    assert words in str(error)
    assert "Go away" not in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"x" * 900)[:-100],
        CHUNKED + b"384\r\nabc",
        CHUNKED + b"3\r\nabc\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-secret\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    ],
    ids=["short", "chunk", "no end", "empty", "half", "ssh", "negative", "two", "header"],
)
def test_a_broken_answer_is_an_error(answer: bytes, tmp_path: Path) -> None:
    """Half a document is none; what the server said instead is not repeated."""
    error = refused(tmp_path, says(answer))
    assert str(error).endswith(": the server broke off, or does not speak HTTP")
    assert error.__cause__ is not None


def test_a_caller_can_stop_a_download(tmp_path: Path) -> None:
    """Before it begins, and between two chunks."""
    asked = itertools.count()
    body = says(CHUNKED, *[b"1\r\nx\r\n"] * 50, b"0\r\n\r\n")
    for limit in (0, 4):
        asked = itertools.count()
        with pytest.raises(SourceError, match="the download was stopped"):
            load(tmp_path, body, stopped=lambda: next(asked) >= limit)  # noqa: B023  # used at once
        assert list(tmp_path.iterdir()) == []


def test_a_closed_port_is_a_source_error(tmp_path: Path) -> None:
    """The system's reason is said, the library's error is the cause."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(SourceError, match=r"can't be downloaded: Connection refused$"):
            fetch(url, tmp_path, DownloadPolicy(hosts=LOOPBACK))


def test_the_next_address_is_tried(tmp_path: Path) -> None:
    """A name with an address where nobody listens is read from its other one."""
    names = Names({"wiki.intranet": [["::1", "127.0.0.1"]]})
    rules = DownloadPolicy(hosts=("wiki.intranet",), seconds=5)
    with serving(says(ok(BODY))) as port:
        path = fetch(f"http://wiki.intranet:{port}/", tmp_path, rules, resolve=names)
    assert path.read_bytes() == BODY


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
def test_an_ipv6_address_is_read(tmp_path: Path) -> None:
    """In brackets, with a port, as a Host header has it."""
    heads: list[bytes] = []

    def script(connection: socket.socket, head: bytes) -> None:
        heads.append(head)
        connection.sendall(ok(BODY))

    with serving(script, host="::1") as port:
        path = fetch(
            f"http://[0:0::1]:{port}/", tmp_path, DownloadPolicy(hosts=("::1",), seconds=5)
        )
    assert path.read_bytes() == BODY
    assert b"Host: [::1]:%d\r\n" % port in heads[0]


def test_a_full_disk_is_a_source_error(tmp_path: Path) -> None:
    """The file that can't be finished is removed."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    script = says(ok(b"x" * 300_000))
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        error = refused(tmp_path, script, max_bytes=10**6)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "can't be stored: File too large" in str(error)


def test_a_folder_that_is_gone_is_a_source_error(tmp_path: Path) -> None:
    """The message does not tell where it was."""
    with serving(says(ok(BODY))) as port, pytest.raises(SourceError) as caught:
        fetch(f"http://127.0.0.1:{port}/", tmp_path / "gone", DownloadPolicy(hosts=LOOPBACK))
    assert "can't be stored: No such file or directory" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_nothing_stays_open(tmp_path: Path) -> None:
    """No thread and no socket is left after a download, good or bad."""
    before = threading.active_count()
    with serving(says(ok(BODY))) as port:
        running = threading.active_count()
        fetch(f"http://127.0.0.1:{port}/", tmp_path, DownloadPolicy(hosts=LOOPBACK))
        assert threading.active_count() <= running + 1  # the server's own
    assert threading.active_count() <= before
