"""A server's process is killed and started again while clients read; ``test_faults`` is shorter."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import got_loaders
from got_loaders import GotOcrLoader, RemoteEngine
from tests.pages.making import pdf

ROOT = Path(got_loaders.__file__).parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]


def serve(port: int, jobs: Path) -> subprocess.Popen[bytes]:
    """``got-loaders serve``, as users start it."""
    command = [sys.executable, "-m", "got_loaders", "serve", "--model", "tiny", "--device", "cpu"]
    command += ["--port", str(port), "--jobs-dir", str(jobs)]
    null = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, stdout=null, stderr=null)


def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    """Every page comes once, in its place, as an undisturbed read gives it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    source = pdf(*(f"Page {n} of eight" for n in range(8)), size=(400, 200))
    server = serve(port, tmp_path)
    try:
        wait_for(port, server)
        with RemoteEngine(f"http://127.0.0.1:{port}", retry_for=300) as engine:
            whole = GotOcrLoader(source, engine=engine).load()
            documents = []
            for document in GotOcrLoader(source, engine=engine).lazy_load():
                documents.append(document)
                if len(documents) == 3:
                    server.kill()
                    server.wait()
                    server = serve(port, tmp_path)
        assert [document.page_content for document in documents] == [
            document.page_content for document in whole
        ]
        assert [document.metadata["page"] for document in documents] == list(range(8))
    finally:
        os.kill(server.pid, signal.SIGKILL)
        server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Until it listens; its client waits for the model by itself."""
    pause = threading.Event()
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            pause.wait(0.1)
        else:
            return
    pytest.fail("the server ended")
