"""A run over an archive is killed at random moments; nothing that was read is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.pages import making

ROOT = Path(__file__).parents[2]
FILES, PAGES = 10, 20

ARCHIVIST = """
    import os, sys, time
    from concurrent.futures import ThreadPoolExecutor
    from got_loaders.cli import console_main
    from got_loaders.cache.keys import request_key
    from got_loaders.types import OcrResult

    log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    class Engine:
        fingerprint = "model"

        def __init__(self):
            self.pool = ThreadPoolExecutor(3)

        def submit(self, request):
            return self.pool.submit(self.read, request_key(request, "model").hex())

        def read(self, key):
            os.write(log, f"{key}\\n".encode())
            time.sleep(0.02)
            return OcrResult(text=f"read {key}", num_tokens=1)

        def close(self):
            pass

    console_main(sys.argv[1:], engine=Engine())
"""
COMMAND = ["read", "in", "--jsonl", "out", "--resume", "--cache-dir", "kept", "--quiet"]


def started(folder: Path) -> subprocess.Popen[bytes]:
    """The run, begun or taken up again."""
    code = [sys.executable, "-c", textwrap.dedent(ARCHIVIST), *COMMAND]
    return subprocess.Popen(code, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)})


def reads(folder: Path) -> list[str]:
    """What the model was asked, in order."""
    log = folder / "log"
    return log.read_text().splitlines() if log.exists() else []


def records(folder: Path) -> list[str]:
    """What each line of the file tells of: all lines are whole."""
    out = folder / "out"
    content = out.read_bytes() if out.exists() else b""
    assert not content or content.endswith(b"\n")
    return [json.loads(line)["text"].removeprefix("read ") for line in content.splitlines()]


def kept(folder: Path) -> set[str]:
    """What is in the store, which is intact."""
    file = folder / "kept" / "readings.sqlite"
    if not file.exists():
        return set()
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not tables.fetchall():  # killed before it was made
            return set()
        query = "SELECT key FROM readings WHERE model <> 'drafts'"
        return {key.hex() for (key,) in connection.execute(query)}


@pytest.mark.skipif(os.name == "nt", reason="kills by POSIX signals")
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_again_and_again_reads_every_page_once(
    tmp_path: Path, kills: int
) -> None:
    """After the last restart the file holds each page once; only what was in flight at a kill was
    read again, and the store is intact throughout."""
    (tmp_path / "in").mkdir()
    for number in range(FILES):
        texts = (f"file {number} page {page}" for page in range(PAGES))
        (tmp_path / "in" / f"{number}.pdf").write_bytes(making.pdf(*texts))
    dice = random.Random(20261127)
    for _ in range(kills):
        before = len(reads(tmp_path))
        known = kept(tmp_path) | set(records(tmp_path))
        run = started(tmp_path)
        deadline = time.monotonic() + dice.uniform(0.1, 30)
        wanted = dice.choice([0, 1, 3, 8, 15, 20])
        while len(reads(tmp_path)) - before < wanted and time.monotonic() < deadline:
            if run.poll() is not None:
                break
            time.sleep(0.002)
        time.sleep(dice.uniform(0, 0.04))
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert not known & set(reads(tmp_path)[before:])
        assert set(records(tmp_path)) <= kept(tmp_path)
    assert started(tmp_path).wait(120) == 0
    found = records(tmp_path)
    assert len(found) == len(set(found)) == FILES * PAGES
    asked = Counter(reads(tmp_path))
    assert set(asked) == set(found) == kept(tmp_path)
    assert max(asked.values()) <= 1 + kills
    assert asked.total() <= FILES * PAGES + 3 * kills  # three at a time are in the model
