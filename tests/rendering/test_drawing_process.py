"""The processes that draw: what they may do, and what becomes of a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from got_loaders.rendering import confine
from got_loaders.rendering.worker import DrawingError, client, draw
from got_loaders.rendering.worker.values import Drawn
from tests.rendering.drawn import SCORE

pytest.importorskip("verovio", reason="the extra render is not installed")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
confined = pytest.mark.skipif(not confine.can_confine(), reason="this system has no Landlock")
BROKEN = SCORE.replace("4E\t4e", "4E").encode()
"""verovio ends its process over it."""


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    client.close_all()


def pid() -> int:
    """The process of verovio."""
    worker = client._workers.get("verovio")
    assert worker is not None
    assert worker._process is not None
    return worker._process.pid


def test_a_crash_is_a_reason_and_the_next_drawing_works() -> None:
    """A library that ends its process costs one picture."""
    whole = draw("verovio", SCORE.encode())
    first = pid()
    with pytest.raises(DrawingError, match="ended the process of verovio"):
        draw("verovio", BROKEN)
    assert draw("verovio", SCORE.encode()) == whole
    assert pid() != first


def test_a_library_that_does_not_load_is_a_reason_without_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that lacks a part of the system is said so, not where it looked for it."""
    (tmp_path / "verovio.py").write_text("raise ImportError('/home/me/libfoo.so: no such file')")
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    client.close_all()
    with pytest.raises(DrawingError) as caught:
        draw("verovio", SCORE.encode())
    client.close_all()
    assert str(caught.value) == "verovio is installed, but can't be used: ImportError"


def test_a_drawing_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """No text holds up a report."""
    draw("verovio", SCORE.encode())
    monkeypatch.setattr(client, "LIMIT_S", 0.05)
    score = "**kern\n" + "16cc 16ee\n" * 50_000 + "*-\n"
    with pytest.raises(DrawingError, match=r"longer than 0.05 s and was given up"):
        draw("verovio", score.encode())


@on_linux
def test_a_process_that_draws_has_little_to_lose() -> None:
    """Its memory is bounded; it can write no file, gain no rights, and reach no network."""
    draw("verovio", SCORE.encode())
    limits = Path(f"/proc/{pid()}/limits").read_text()
    assert "Max file size             0 " in limits
    assert "Max data size             1500000000 " in limits
    environment = Path(f"/proc/{pid()}/environ").read_text()
    assert "PYTEST_CURRENT_TEST" not in environment
    if confine.can_confine():
        assert "NoNewPrivs:\t1" in Path(f"/proc/{pid()}/status").read_text()
    if os.geteuid() == 0:  # others may be kept from it
        assert Path(f"/proc/{pid()}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


@on_linux
def test_no_process_stays_behind() -> None:
    """However the program ends, the processes that draw end with it."""
    code = (
        "import os\nfrom got_loaders.rendering.music import music\n"
        "from got_loaders.rendering.worker import client\nmusic('**kern\\n4c\\n*-\\n')\n"
        "print(client._workers.get('verovio')._process.pid, flush=True)\nos._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    process = Path(f"/proc/{int(done.stdout)}")
    deadline = time.monotonic() + 60
    while process.exists() and "\nState:\tZ" not in (process / "status").read_text():
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    "said",
    [b"", b"[]", b'{"svgs": 1, "pdf": null}', b'{"svgs": [1], "pdf": null}', b"[" * 100_000,
     b'{"svgs": [], "pdf": "*"}', b"\xff"],
)  # fmt: skip
def test_what_a_process_says_is_not_trusted(said: bytes) -> None:
    """A text that has taken the process over gets a reason, not an error, into the library."""
    with pytest.raises(DrawingError, match="no pictures"):
        Drawn.from_bytes(said)


def run_confined(readable: list[str], *command: str) -> subprocess.CompletedProcess[str]:
    """A command that may open these files alone."""
    what = {
        "parent": os.getpid(),
        "limits": {},
        "readable": ["/usr", "/lib", "/lib64", "/etc/ld.so.cache", *readable],
        "writable": [],
    }
    program = [sys.executable, "-I", "-S", confine.__file__, json.dumps(what)]
    return subprocess.run([*program, *command], capture_output=True, check=False, text=True)


@confined
def test_only_files_that_are_named_can_be_opened(tmp_path: Path) -> None:
    """What a confined program, and what it starts, may read is a list; it may write nothing."""
    named, other = tmp_path / "named.txt", tmp_path / "other.txt"
    named.write_text("named")
    other.write_text("other")
    cat = "/bin/cat"
    assert run_confined([str(named)], cat, str(named)).stdout == "named"
    assert run_confined([str(named)], cat, str(other)).stdout == ""
    assert run_confined([str(tmp_path)], "/bin/sh", "-c", f"{cat} /etc/passwd").stdout == ""
    run_confined([str(tmp_path)], "/bin/sh", "-c", f"echo x > {named}; echo x > {tmp_path}/new")
    assert named.read_text() == "named"
    assert not (tmp_path / "new").exists()
