"""How the processes of a run tell each other during which pages they died."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from got_loaders.ray.strikes import OneAtATime, Strikes

PAGE = ("a.pdf", 3)


_DIES = """
import os, sys
from pathlib import Path
from got_loaders.ray.strikes import Strikes
with Strikes("run", "a", Path(sys.argv[1])).marked(("b.pdf", None)):
    os._exit(1)
"""


def test_what_a_dead_process_had_is_counted_once(tmp_path: Path) -> None:
    """Only pages that were being read when it died are struck; one that is read is cleared. A
    process that its parent has not taken note of yet is as dead."""
    page = ("b.pdf", None)
    with subprocess.Popen([sys.executable, "-c", _DIES, tmp_path]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays as it is
        Strikes("run", "c", tmp_path)  # comes and goes, and leaves what was not counted
        first = Strikes("run", "b", tmp_path)
        with first.marked(PAGE):
            second = Strikes("run", "a", tmp_path)
            assert second.count_dead() == 1
            assert second.count_dead() == 0
            assert second.of(PAGE) == 0
    assert first.of(page) == second.of(page) == 1
    second.clear(page)
    assert second.of(page) == 0


def test_counts_wait_for_who_died(tmp_path: Path) -> None:
    """Another process that counts what was lost, and ends before the dead one is started again,
    does not take the counts with it; that one does."""
    subprocess.run([sys.executable, "-c", _DIES, tmp_path], check=False)
    other = Strikes("run", "b", tmp_path)
    assert other.count_dead() == 1
    del other
    again = Strikes("run", "a", tmp_path)
    assert again.of(("b.pdf", None)) == 1
    del again
    assert not list(tmp_path.iterdir())


def test_an_engine_that_only_dies_is_told_from_one_that_reads(tmp_path: Path) -> None:
    """Starts in a row are counted for each engine, until it reads; the last reason is told."""
    for deaths in range(3):
        each = Strikes("run", "a", tmp_path)
        assert each.deaths == deaths
        each.note_reason(f"reason {deaths}")
    assert Strikes("run", "b", tmp_path).deaths == 0
    assert each.reason == "reason 2"
    each.has_read()
    assert Strikes("run", "a", tmp_path).deaths == 0


def test_the_folder_goes_with_the_last_process(tmp_path: Path) -> None:
    """It stays while another one may need it; one that all were killed of goes by a later run."""
    first, second = Strikes("run", "a", tmp_path), Strikes("run", "b", tmp_path)
    del first
    assert len(list(tmp_path.iterdir())) == 1
    del second
    assert not list(tmp_path.iterdir())
    failed = Strikes("run", "c", tmp_path)
    failed.leave()  # what a process does that Ray is about to end as if it were killed
    assert not list(tmp_path.iterdir())
    abandoned, fresh = tmp_path / "got_loaders-strikes-old", tmp_path / "got_loaders-strikes-new"
    for folder in (abandoned, fresh):
        folder.mkdir()
        (folder / ("0" * 32)).touch()
    os.utime(abandoned, (0, 0))
    third = Strikes("run", "a", tmp_path)
    assert not abandoned.exists()
    assert fresh.exists()
    assert third.deaths == 0


def test_nothing_is_raised_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A full or forbidden disk for temporary files costs the counting, not the run."""
    (tmp_path / "file").touch()
    strikes = Strikes("run", "a", tmp_path / "file")
    with strikes.marked(PAGE):
        assert strikes.count_dead() == 0
    strikes.note_reason("why")
    strikes.has_read()
    assert (strikes.of(PAGE), strikes.deaths, strikes.reason) == (0, 0, "")


def test_one_alone_waits_for_all_and_all_for_it() -> None:
    """Two that must be alone, and many that need not, all come in, and never at the same time."""
    door = OneAtATime()
    inside, wrong, lock = [0, 0], [], threading.Lock()

    def enter(*, alone: bool) -> None:
        with door.alone() if alone else door.shared():
            with lock:
                inside[alone] += 1
                if inside[1] > 1 or (inside[1] and inside[0]):
                    wrong.append(tuple(inside))
            with lock:
                inside[alone] -= 1

    threads = [
        threading.Thread(target=enter, kwargs={"alone": number % 5 == 0}) for number in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert not wrong
