"""A run that was killed and is started again, on a real cluster."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pymupdf
import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'got-loaders[ray]'")

from got_loaders import GotOcrLoader
from got_loaders.ray import read_dataset
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's sockets and processes
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

FILES, PAGES = 6, 4
HALF = FILES * PAGES // 2


def count(folder: Path) -> int:
    """How many files are in it."""
    return sum(1 for _ in folder.iterdir())


def noting_engine(asked: str, limit: int | None = None) -> FakeEngine:
    """Leaves a file in ``asked`` for each request; after ``limit`` of them it answers no more."""

    def reply(_: OcrRequest) -> str:
        if limit is not None and count(Path(asked)) >= limit:
            threading.Event().wait()
        Path(asked, uuid.uuid4().hex).touch()
        return "text"

    return FakeEngine(reply)


def read(archive: str, out: str, asked: str, limit: int | None = None) -> None:
    """Begin a run, or go on with it."""
    dataset = read_dataset(
        archive,
        engine=partial(noting_engine, asked, limit),
        resume_from=out,
        pages_per_task=PAGES,
        engine_options={"num_cpus": 0.5},
    )
    dataset.write_parquet(out)


def read_half(address: str, archive: str, out: str, asked: str) -> None:
    """What the process does that is killed."""
    import ray

    ray.init(address=address, log_to_driver=False)
    read(archive, out, asked, limit=HALF)


def until(met: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Wait for what the process does."""
    pause, end = threading.Event(), time.monotonic() + 240
    while not met():
        assert process.poll() is None
        assert time.monotonic() < end
        pause.wait(0.01)


def test_a_killed_run_goes_on_with_what_is_missing(cluster: Any, tmp_path: Path) -> None:
    """None of the pages that were written is read again, and each is there once in the end."""
    pd = pytest.importorskip("pandas")
    archive, out, first, second = (tmp_path / name for name in ("in", "out", "1", "2"))
    for folder in (archive, first, second):
        folder.mkdir()
    for number in range(FILES):
        with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
            for _ in range(PAGES):
                document.new_page().insert_text((72, 72), "some words", fontsize=30)
            document.save(archive / f"{number}.pdf")
    paths = [str(folder) for folder in (archive, out, first)]
    call = f"from {__name__} import read_half; read_half({cluster.address!r}, *{paths})"
    process = subprocess.Popen([sys.executable, "-c", call], stderr=subprocess.DEVNULL)
    try:
        until(lambda: count(first) >= HALF and list(out.glob("*.parquet")), process)
    finally:
        process.kill()
        process.wait()
    begun = {path.name.partition("_")[0] for path in out.iterdir()}
    (out / "killed.parquet").write_bytes(b"PAR1: its end is missing")
    read(str(archive), str(out), str(second))
    rows = pd.concat(
        pd.read_parquet(path).assign(run=path.name.partition("_")[0])
        for path in out.glob("[0-9a-zA-Z]*")
    )
    written = rows["run"].isin(begun).sum()
    assert 0 < written <= count(first)
    assert count(second) == FILES * PAGES - written
    loader = GotOcrLoader(archive, engine=FakeEngine("text"))
    expected = sorted(str(each.id) for each in loader.lazy_load())
    assert sorted(pd.read_parquet(out)["id"]) == sorted(rows["id"]) == expected
