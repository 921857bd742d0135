"""Downloads of a process that is ended or killed, and of its children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from got_loaders.sources.download import DownloadPolicy
from got_loaders.sources.source import Source
from got_loaders.sources.temp_files import TempFiles
from got_loaders.sources.temp_folders import make_folder, remove_abandoned_folders
from tests.pages import making

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals and locks")

ROOT = Path(__file__).parents[2]
PDF = making.pdf("one", "two", "three")

LOADER = """
import sys
from got_loaders import GotOcrLoader
from got_loaders.testing import FakeEngine
loader = GotOcrLoader(sys.argv[1], engine=FakeEngine("READ"), url_hosts=["127.0.0.1"])
for document in loader.lazy_load():
    print("read", flush=True)
    sys.stdin.readline()
"""
COMMAND = """
import sys, time
from got_loaders.cli import console_main
from got_loaders.testing import FakeEngine
def answer(request):
    print("read", flush=True)
    sys.stdin.readline()
    return "READ"
console_main(["read", sys.argv[1], "--url-hosts", "127.0.0.1"], engine=FakeEngine(answer))
"""


class Handler(BaseHTTPRequestHandler):
    """Gives a PDF of three pages; below /slow only its beginning."""

    def do_GET(self) -> None:  # the library's name
        self.send_response(200)
        self.send_header("Content-Length", str(len(PDF)))
        self.end_headers()
        if self.path != "/slow":
            self.wfile.write(PDF)
            return
        self.wfile.write(PDF[:100])
        self.server.begun.set()  # type: ignore[attr-defined]  # set below
        self.server.go_on.wait(60)  # type: ignore[attr-defined]  # set below

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A web server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.begun, running.go_on = threading.Event(), threading.Event()  # type: ignore[attr-defined]  # ours
        threading.Thread(target=running.serve_forever).start()
        yield running
        running.go_on.set()  # type: ignore[attr-defined]  # ours
        running.shutdown()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, of this process and of those that it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def start(code: str, server: ThreadingHTTPServer, path: str) -> subprocess.Popen[bytes]:
    """A process that reads a URL."""
    return subprocess.Popen(
        [sys.executable, "-c", code, f"http://127.0.0.1:{server.server_port}{path}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=heed_signals,
    )


def heed_signals() -> None:
    """Those that whoever runs the tests may have had ignored, as nohup does."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def wait_until_reading(process: subprocess.Popen[bytes]) -> None:
    """Until its first page is read."""
    assert process.stdout is not None
    assert process.stdout.readline() == b"read\n"


def end(process: subprocess.Popen[bytes], number: int) -> int:
    """Send a signal, wait, close the pipes; the exit code."""
    process.send_signal(number)
    with process:
        return process.wait(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_that_is_told_to_end_leaves_nothing(
    folder: Path, server: ThreadingHTTPServer, number: int
) -> None:
    """While it reads a page, and while it downloads; the exit code is what shells expect."""
    process = start(COMMAND, server, "/a.pdf")
    wait_until_reading(process)
    assert list(folder.glob("got_loaders-*/download-*"))
    assert end(process, number) == 128 + number
    assert list(folder.iterdir()) == []
    process = start(COMMAND, server, "/slow")
    assert server.begun.wait(60)  # type: ignore[attr-defined]  # ours
    assert end(process, number) == 128 + number
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_killed_process_left_goes_with_the_next_download(
    folder: Path, server: ThreadingHTTPServer, number: int
) -> None:
    """Python does nothing at these signals; what a living process uses stays."""
    killed, living = (start(LOADER, server, "/a.pdf") for _ in range(2))
    for process in (killed, living):
        wait_until_reading(process)
    assert end(killed, number) == -number
    assert len(list(folder.iterdir())) == 2
    files = TempFiles(DownloadPolicy(hosts=("127.0.0.1",)), lambda: False)
    url = f"http://127.0.0.1:{server.server_port}/a.pdf"
    source = files.fetch(Source(name=url, url=url))
    assert source.path is not None
    assert len(list(folder.glob("*/download-*"))) == 2
    files.close()
    living.communicate(b"\n\n\n")
    assert living.returncode == 0
    assert list(folder.iterdir()) == []


def test_what_is_not_ours_is_not_touched(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Folders that were never locked, links to others, files of that name."""
    other = tmp_path_factory.mktemp("other")
    (other / "valuable").touch()
    (folder / "got_loaders-url-link").symlink_to(other)
    (folder / "got_loaders-url-file").touch()
    (folder / "got_loaders-mine").mkdir()
    (folder / ".got_loaders-url-new").mkdir()
    before = sorted(folder.rglob("*"))
    used, lock = make_folder()
    assert used.stat().st_mode & 0o777 == 0o700
    remove_abandoned_folders()
    assert sorted({*folder.rglob("*")} - {used}) == before
    assert (other / "valuable").exists()
    assert lock is not None
    os.close(lock)
    remove_abandoned_folders()
    assert not used.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_s_downloads_are_its_own(folder: Path, server: ThreadingHTTPServer) -> None:
    """It removes them when it closes, and leaves its parent's alone."""
    files = TempFiles(DownloadPolicy(hosts=("127.0.0.1",)), lambda: False)
    url = f"http://127.0.0.1:{server.server_port}/a.pdf"
    ours = files.fetch(Source(name=url, url=url)).path
    assert ours is not None
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        theirs = files.fetch(Source(name=url, url=url)).path
        alive = theirs is not None and theirs.exists() and theirs.parent != ours.parent
        files.close()
        os.write(write, b"yes" if alive and not theirs.parent.exists() else b"no!")  # type: ignore[union-attr]  # alive
        os._exit(0)
    os.close(write)
    assert os.read(read, 3) == b"yes"
    os.close(read)
    os.waitpid(child, 0)
    assert ours.exists()
    files.close()
    assert list(folder.iterdir()) == []


def test_a_read_that_is_abandoned_at_the_end_of_a_process_leaves_nothing(
    folder: Path, server: ThreadingHTTPServer
) -> None:
    """Nobody has closed its generator."""
    code = LOADER.replace("for document in", "kept = iter(").replace(
        ".lazy_load():", ".lazy_load())"
    )
    code = code[: code.index("    print")] + "next(kept)\nprint('read', flush=True)\n"
    process = start(code, server, "/a.pdf")
    wait_until_reading(process)
    with process:
        pass
    assert process.returncode == 0
    assert list(folder.iterdir()) == []
