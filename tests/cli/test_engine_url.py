"""``--engine URL``: what reads is on a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from got_loaders.cli import main
from got_loaders.testing import FakeEngine
from tests.engine.remote.stand_in import Reply, Seen, StandIn
from tests.pages.making import pdf


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    """A server that wants the key "hunter2"."""

    async def reply(seen: Seen) -> Reply | None:
        known = seen.headers.get("authorization") == "Bearer hunter2"
        return None if known else Reply.error(401, "unauthorized", "hunter1")

    with StandIn(FakeEngine("read there"), reply) as running:
        yield running


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A file with the key."""
    file = tmp_path / "key"
    file.write_text("# the server's\n\nhunter2\nhunter3\n")
    return str(file)


def test_the_command_line_reads_by_a_server(
    server: StandIn, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The key comes from a file, and ``--resume`` finds what the server's model has read."""
    scan, out = tmp_path / "scan.pdf", tmp_path / "out.jsonl"
    scan.write_bytes(pdf("a", "b"))
    command = ["read", str(scan), "--engine", server.url, "--api-key-file", key]
    assert main([*command, "--jsonl", str(out)]) == 0
    (first, second) = map(json.loads, out.read_text("utf-8").splitlines())
    assert (first["text"], first["metadata"]["ocr_model"]) == ("read there", "fake")
    asked = len(server.reads)
    assert main([*command, "--jsonl", str(out), "--resume"]) == 0
    assert (len(server.reads), out.read_text("utf-8").count("\n")) == (asked, 2)
    assert second["metadata"]["page"] == 1
    capsys.readouterr()


def test_the_doctor_says_whether_a_server_answers(
    server: StandIn, key: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which model, how many requests at once; without the key, what to do."""
    assert main(["doctor", "--engine", f"{server.url}/v1/", "--api-key-file", key]) == 0
    told = capsys.readouterr().out
    assert f"ok  engine: {server.url} answers: fake, 4 requests at once" in told
    assert "the server read 'read there'" in told
    assert main(["doctor", "--engine", server.url]) == 1
    told = capsys.readouterr().out
    assert "problem  engine: " in told
    assert "set GOT_LOADERS_API_KEY" in told
    assert "hunter" not in told
    monkeypatch.setenv("GOT_LOADERS_API_KEY", "hunter2")
    assert main(["doctor", "--engine", server.url]) == 0


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--engine", "gpu:8000"], "--engine gpu:8000: did you mean 'http://gpu:8000'?"),
        (["--engine", "http://a:secret@gpu"], "no user and no password belong into it"),
        (["--engine", "http://gpu", "--model", "tiny"], "--model tiny exclude each other"),
        (["--engine", "http://gpu", "--device", "cpu"], "--device cpu exclude each other"),
        (
            ["--engine", "http://gpu", "--dtype", "bfloat16"],
            "--dtype bfloat16 exclude each other",
        ),
        (
            ["--engine", "http://gpu", "--memory-fraction", "0.5"],
            "--memory-fraction 0.5 exclude each other",
        ),
        (["--memory-fraction", "50"], "memory_fraction=50.0: expected a number above 0, at most 1"),
        (["--api-key-file", "key"], "name one by --engine"),
        (["--engine", "http://gpu", "--api-key-file", "none"], "--api-key-file none: No such file"),
    ],
)
def test_wrong_flags_are_told_before_anything_is_read(
    flags: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line that shows no password."""
    assert main(["read", "scan.pdf", *flags]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "secret" not in told
