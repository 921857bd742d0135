"""The server as a process: how it starts, what it prints, how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from got_loaders.cli import main
from got_loaders.testing import FakeEngine
from tests.server.engines import PATIENCE
from tests.server.pages import question

ROOT = Path(__file__).parents[2]
PATH = "/v1/chat/completions"

PROGRAM = """
import sys, threading
from concurrent.futures import Future
from got_loaders.cli import console_main
from got_loaders.types import OcrResult

class Engine:
    fingerprint = "held"
    futures = []
    def submit(self, request):
        future = Future()
        self.futures.append(future)
        print("asked", flush=True)
        return future
    def close(self):
        pass

def answer():
    for line in sys.stdin:
        Engine.futures[-1].set_result(OcrResult(text=line.strip()))

threading.Thread(target=answer, daemon=True).start()
console_main(["serve", "--port", "0", *sys.argv[1:]], engine=Engine())
"""
"""A server whose engine answers with a line of standard input, when that comes."""


class Process:
    """A running one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.printed = ""
        assert process.stderr is not None
        while "ready" not in self.printed:
            line = process.stderr.readline()
            assert line, self.printed
            self.printed += line
        match = re.search(r"http://\S+:\d+", self.printed)
        assert match is not None
        self.url = match[0]

    def wait_asked(self) -> None:
        """Until the engine has a request."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "asked\n"

    def answer(self, text: str) -> None:
        """Let the engine answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def next_line(self) -> str:
        """What it prints next on standard error."""
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        self.printed += line
        return line

    def end(self) -> int:
        """Its exit code."""
        assert self.process.stderr is not None
        code = self.process.wait(PATIENCE)
        self.printed += self.process.stderr.read()
        assert "Traceback" not in self.printed
        return code


def heed_interruptions() -> None:
    """Undo what a process that runs in the background inherits."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def started(*flags: str, **environment: str) -> Iterator[Process]:
    """Start it, and wait until it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *flags],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        preexec_fn=heed_interruptions if os.name == "posix" else None,
    )
    with process:
        try:
            yield Process(process)
        finally:
            process.kill()


def test_sigterm_finishes_what_runs() -> None:
    """What was asked is answered, who asks afterwards is told to ask elsewhere; it ends with 0."""
    with (
        started() as server,
        httpx.Client(base_url=server.url, timeout=PATIENCE) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        running = threads.submit(httpx.post, server.url + PATH, json=question(), timeout=PATIENCE)
        server.wait_asked()
        assert client.get("/ready").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.next_line() == "got-loaders: closing; 1 requests are finished first\n"
        refused = client.post(PATH, json=question())
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "closing")
        assert refused.headers["retry-after"] == "1"
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200
        server.answer("finished")
        answer = running.result(PATIENCE).json()
        assert answer["choices"][0]["message"]["content"] == "finished"
        assert server.end() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_grace_time_ends(number: signal.Signals, code: int) -> None:
    """What is not done by then is cancelled, and told so."""
    with started("--grace", "0.2") as server:
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(
                httpx.post, server.url + PATH, json=question(), timeout=PATIENCE
            )
            server.wait_asked()
            server.process.send_signal(number)
            answer = running.result(PATIENCE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "closing")
        assert server.end() == code


def test_a_second_signal_ends_it_at_once() -> None:
    """What runs is told so, and nothing is printed that looks like a breakdown."""
    with started() as server, ThreadPoolExecutor(1) as threads:
        running = threads.submit(httpx.post, server.url + PATH, json=question(), timeout=PATIENCE)
        server.wait_asked()
        server.process.send_signal(signal.SIGTERM)
        assert "closing" in server.next_line()
        server.process.send_signal(signal.SIGTERM)
        assert running.result(PATIENCE).status_code == 503
        assert server.end() == 0
        assert server.printed.count("\n") == 3


def test_a_key_is_taken_from_a_file_or_the_environment(tmp_path: Path) -> None:
    """The lines of a file are keys, remarks and blanks aside; without one the variable's value."""
    file = tmp_path / "keys.txt"
    file.write_text("# ours\n\nfile-key-1\nfile-key-2\n")
    given = {"GOT_LOADERS_API_KEY": "variable-key"}
    with started("--host", "0.0.0.0", "--api-key-file", str(file), **given) as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        for key, status in (("file-key-2", 200), ("variable-key", 401), ("# ours", 401)):
            answer = httpx.get(f"{url}/v1/models", headers={"x-api-key": key})
            assert answer.status_code == status
        server.process.terminate()
        assert server.end() == 0
        assert "file-key" not in server.printed


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--host", "0.0.0.0"], "pass --api-key-file"),
        (["--host", "nobody.invalid", "--api-key-file", "KEYS"], "can't listen there"),
        (["--api-key-file", "EMPTY"], "there is no key in"),
        (["--max-body-bytes", "0"], "--max-body-bytes 0: expected"),
        (["--grace", "-1"], "--grace -1: expected"),
        (["--root", "nowhere"], "--root nowhere: there is no such folder"),
    ],
)
def test_a_server_that_can_not_start_says_why(
    flags: list[str],
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line, with the flag that is wrong; nothing is loaded."""
    monkeypatch.delenv("GOT_LOADERS_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "KEYS").write_text("long-enough-key")
    (tmp_path / "EMPTY").write_text("\n# nothing\n")
    assert main(["serve", *flags], engine=FakeEngine()) in (1, 2)
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_a_port_in_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """One line says which."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)], engine=FakeEngine()) == 1
    error = capsys.readouterr().err
    assert error == (
        f"got-loaders: host 127.0.0.1, port {port}: can't listen there: Address already in use\n"
    )


LOADING = """
import sys, threading
from got_loaders.engine import EngineConfig
from got_loaders.server import run as module
from got_loaders.server.settings import ServerSettings
made = module.create_app
module.create_app = lambda *args: made(*args, load_engine=lambda _: threading.Event().wait())
print("exit", module.run(ServerSettings(port=0), EngineConfig(), announce=lambda text: print(
    text, file=sys.stderr, flush=True)))
"""
"""A server whose model takes for ever to load."""


def test_a_server_that_still_loads_ends_at_once() -> None:
    """A download of a gigabyte is not waited for."""
    command = [sys.executable, "-c", LOADING]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stderr is not None
        match = re.search(rb"http://\S+:\d+", process.stderr.readline())
        assert match is not None
        answer = httpx.get(match[0].decode() + "/ready", timeout=PATIENCE)
        assert answer.json()["error"]["code"] == "loading"
        process.terminate()
        out, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, b"exit 0\n")


class BrokenEngine(FakeEngine):
    """Dead from the start."""

    alive = False


def test_a_server_without_an_engine_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no model can be loaded the process ends with 1, and says why."""
    assert main(["serve", "--port", "0"], engine=BrokenEngine()) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "got-loaders: the engine that was passed in is dead or closed"
