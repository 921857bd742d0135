"""The store keeps what it was given, within its bound, and never stands in the way."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from got_loaders.cache import ResultCache, clear_cache, inspect_cache, open_cache
from got_loaders.cache.paths import FILE_NAME
from got_loaders.types import OcrResult
from tests.cache.making import READING

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultCache]:
    """A store in a folder that is not there yet."""
    store = ResultCache(tmp_path / "new" / "cache", max_bytes=10**9)
    yield store
    store.close()


def keep(store: ResultCache, key: bytes, result: OcrResult = READING) -> None:
    """Write it, and wait until it is there."""
    done = threading.Event()
    store.put_result(key, "model", result, done.set)
    assert done.wait(60)


def test_what_was_kept_is_found(store: ResultCache, tmp_path: Path) -> None:
    """At once, and by whoever opens the folder later."""
    assert store.get_result(b"k") is None
    keep(store, b"k")
    assert store.get_result(b"k") == READING
    store.close()
    with closing(ResultCache(store.file.parent, max_bytes=10**9)) as later:
        assert later.get_result(b"k") == READING
        assert later.get_result(b"other") is None


def test_the_file_is_for_its_user_alone(store: ResultCache) -> None:
    """It holds what documents say."""
    keep(store, b"k")
    assert stat.S_IMODE(store.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.file.parent.stat().st_mode) == 0o700


def test_a_store_stays_within_its_bound(tmp_path: Path) -> None:
    """What was used least recently goes; what is asked for stays."""
    now = [1000.0]
    rare = OcrResult(text="".join(chr(33 + i * 7 % 90) for i in range(20_000)) * 3)
    with closing(ResultCache(tmp_path, max_bytes=1_000_000, clock=lambda: now[0])) as store:
        for number in range(400):
            now[0] += 7200
            noise = os.urandom(4000).hex()
            keep(store, b"%d" % number, OcrResult(text=noise))
            if number:
                assert store.get_result(b"0") is not None
            if number % 50 == 0:
                assert inspect_cache(tmp_path).used_bytes <= 1_000_000
        keep(store, b"rare", rare)
        assert store.get_result(b"399") is not None
        assert store.get_result(b"1") is None
    info = inspect_cache(tmp_path)
    assert 0 < info.used_bytes <= 1_000_000
    assert 50 < info.results < 300
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2_000_000


def test_an_answer_that_is_larger_than_the_store_is_not_kept(tmp_path: Path) -> None:
    """It would push out everything else."""
    with closing(ResultCache(tmp_path, max_bytes=50_000)) as store:
        keep(store, b"k")
        keep(store, b"huge", OcrResult(text=os.urandom(100_000).hex()))
        assert store.get_result(b"huge") is None
        assert store.get_result(b"k") == READING


def test_a_use_is_written_down_once_an_hour(tmp_path: Path) -> None:
    """Looking up costs no write, but for the first in an hour."""
    now = [1000.0]
    store = ResultCache(tmp_path, max_bytes=10**9, clock=lambda: now[0])
    keep(store, b"k")
    for later in (1500.0, 9000.0, 9500.0):
        now[0] = later
        store.get_result(b"k")
        if later == 9000.0:
            keep(store, b"after it")
    store.close()
    assert inspect_cache(tmp_path).newest == 9000.0


def test_after_closing_nothing_waits(store: ResultCache) -> None:
    """Who is late with an answer is told at once; it is not kept."""
    store.close()
    keep(store, b"late")
    assert store.get_result(b"late") is None
    store.close()


def test_a_damaged_answer_is_read_anew(store: ResultCache) -> None:
    """It counts as absent, and is replaced."""
    keep(store, b"k")
    with closing(sqlite3.connect(store.file)) as connection:
        connection.execute("UPDATE readings SET payload = x'00'")
        connection.commit()
    assert store.get_result(b"k") is None
    keep(store, b"k")
    assert store.get_result(b"k") == READING


@pytest.mark.parametrize("content", [b"this is no database " * 100, b"SQLite format 3\0" * 300])
def test_a_damaged_file_costs_the_cache_only(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so once, and how to be rid of it; then it works again."""
    (tmp_path / FILE_NAME).write_bytes(content)
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as store:
        keep(store, b"k")
        assert store.get_result(b"k") is None
    assert len(caplog.messages) == 1
    assert "going on without" in caplog.text
    assert "got-loaders cache clear" in caplog.text
    assert clear_cache(tmp_path) is None
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as store:
        keep(store, b"k")
        assert store.get_result(b"k") == READING


def test_a_store_of_a_later_version_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing in it is touched."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("CREATE TABLE readings (of_another_kind)")
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as store:
        keep(store, b"k")
        assert store.get_result(b"k") is None
    assert "another version" in caplog.text


def test_a_folder_that_can_t_be_made_costs_the_cache_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as below a file."""
    (tmp_path / "file").write_bytes(b"")
    with closing(ResultCache(tmp_path / "file" / "cache", max_bytes=10**9)) as store:
        keep(store, b"k")
        assert store.get_result(b"k") is None
    assert "going on without" in caplog.text


def run(code: str, *argv: str, **options: object) -> str:
    """What a Python program prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *argv],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        **options,  # type: ignore[call-overload]  # a test's own
    )
    return str(done.stdout)


READ_ONLY = """
    import logging, os, sys, threading
    from pathlib import Path
    from got_loaders.cache import ResultCache
    from got_loaders.types import OcrResult
    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    if os.getuid() == 0:
        os.setuid(65534)
    store = ResultCache(Path(sys.argv[1]), max_bytes=10**9)
    done = threading.Event()
    store.put_result(b"new", "model", OcrResult(text="x"), done.set)
    assert done.wait(60)
    found, new = store.get_result(b"k"), store.get_result(b"new")
    sys.stdout.write(f"{found} {new}\\n")  # at once: the cache's thread logs there, too
    store.close()
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs POSIX permissions")
@pytest.mark.parametrize("left_open", [False, True])
def test_a_read_only_cache_is_read(
    left_open: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is in it is found, also while its owner has it open; the log says that no more is
    kept."""
    folder = tmp_path_factory.mktemp("shared")
    store = ResultCache(folder, max_bytes=10**9)
    keep(store, b"k")
    if not left_open:
        store.close()
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    above = folder
    while above != above.parent:
        above = above.parent
        if not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    out = run(READ_ONLY, str(folder))
    folder.chmod(0o755)
    store.close()
    assert "can't be written to" in out
    assert "text='read'" in out
    assert " None\n" in out


FULL = """
    import logging, resource, sys, threading
    from pathlib import Path
    from got_loaders.cache import ResultCache
    from got_loaders.types import OcrResult
    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    store = ResultCache(Path(sys.argv[1]), max_bytes=10**9)
    for number in range(100):
        done = threading.Event()
        text = "".join(chr(33 + (i * i * number) % 1000) for i in range(5000))
        store.put_result(b"%d" % number, "model", OcrResult(text=text), done.set)
        assert done.wait(60)
    print(store.get_result(b"0") is not None, store.get_result(b"99") is not None)
    store.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on files")
def test_a_full_disk_costs_what_would_have_been_kept(tmp_path: Path) -> None:
    """The log says so once; what is there is still found, and whole."""
    out = run(FULL, str(tmp_path))
    assert out.count("can't be written to") == 1
    assert out.rstrip().endswith("True False")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_readers_of_a_process_share_a_store(tmp_path: Path) -> None:
    """It is open as long as anybody uses it, with the bound that was given last."""
    with open_cache(tmp_path, max_bytes=10**6) as one:
        with open_cache(tmp_path, max_bytes=10**7) as other:
            assert one is other
            assert one.max_bytes == 10**7
        keep(one, b"k")
        assert one.get_result(b"k") == READING
    with open_cache(tmp_path, max_bytes=10**6) as later:
        assert later is not one
        assert later.get_result(b"k") == READING


def test_a_cache_is_never_closed_under_a_user(tmp_path: Path) -> None:
    """Threads that come and go all the time find what they wrote, each while it is in."""

    def work(number: int) -> bool:
        with open_cache(tmp_path, max_bytes=10**9) as cache:
            keep(cache, b"%d" % number)
            return cache.get_result(b"%d" % number) == READING

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(300)))
    assert inspect_cache(tmp_path).results == 300


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_opens_a_store_of_its_own(tmp_path: Path) -> None:
    """Its parent's is left alone."""
    code = """
        import os, sys, threading
        from pathlib import Path
        from got_loaders.cache import open_cache
        from got_loaders.types import OcrResult
        folder = Path(sys.argv[1])
        def keep(store, key):
            done = threading.Event()
            store.put_result(key, "model", OcrResult(text="x"), done.set)
            assert done.wait(60)
        with open_cache(folder, max_bytes=10**9) as store:
            keep(store, b"parent")
            pid = os.fork()
            if not pid:
                with open_cache(folder, max_bytes=10**9) as mine:
                    assert mine is not store
                    assert mine.get_result(b"parent")
                    keep(mine, b"child")
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
            assert store.get_result(b"child")
            keep(store, b"again")
            print(bool(store.get_result(b"again")))
    """
    assert run(code, str(tmp_path)) == "True\n"


def test_the_store_can_be_looked_into_and_emptied(store: ResultCache) -> None:
    """Also while it is in use."""
    folder = store.file.parent
    assert inspect_cache(folder / "elsewhere").results == 0
    keep(store, b"k")
    keep(store, b"l")
    info = inspect_cache(folder)
    assert (info.results, info.models) == (2, (("model", 2),))
    assert info.oldest is not None
    assert clear_cache(folder) == 2
    assert inspect_cache(folder).results == 0
    assert store.get_result(b"k") is None
    keep(store, b"k")
    assert store.get_result(b"k") == READING
    assert clear_cache(folder / "elsewhere") == 0


def test_opening_is_silent(store: ResultCache, caplog: pytest.LogCaptureFixture) -> None:
    """Where all is well nothing is logged."""
    with caplog.at_level(logging.DEBUG):
        keep(store, b"k")
        store.close()
    assert caplog.messages == []
