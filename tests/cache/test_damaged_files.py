"""A damaged cache costs what is in it: no page gets another's text, and clearing always helps."""

from __future__ import annotations

import random
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from got_loaders.cache import ResultCache, clear_cache, inspect_cache
from got_loaders.cache.paths import FILE_NAME
from got_loaders.cli import main
from got_loaders.types import OcrResult

PAGES = 24


def key(number: int) -> bytes:
    """The key of a page."""
    return bytes([number]) * 32


def text(number: int) -> str:
    """What its model read there; long enough that some take pages of the file for themselves."""
    return f"page {number} " * (1 + 300 * (number % 5))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a cache in which nothing is damaged."""
    folder = tmp_path_factory.mktemp("sound")
    with closing(ResultCache(folder, max_bytes=10**9)) as cache:
        for number in range(PAGES):
            cache.put_result(key(number), "model", OcrResult(text=text(number)), lambda: None)
        cache.put_payload(b"spans" * 5, "places", b"spans")
    return (folder / FILE_NAME).read_bytes()


def damage(data: bytes, seed: int) -> bytes:
    """The file with flipped bits, bytes of noise, another end, or pages that changed places."""
    chance = random.Random(seed)
    changed = bytearray(data)
    match seed % 6:
        case 0:
            changed[chance.randrange(100)] ^= 1 << chance.randrange(8)  # in SQLite's own header
        case 1:
            for _ in range(chance.choice((1, 1, 1, 3, 20))):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        case 2:
            start = chance.randrange(len(changed))
            changed[start : start + 40] = chance.randbytes(min(40, len(changed) - start))
        case 3:
            del changed[chance.randrange(len(changed)) :]
        case _:
            first, second = (4096 * chance.randrange(len(changed) // 4096) for _ in "ab")
            one, other = changed[first : first + 4096], changed[second : second + 4096]
            changed[first : first + 4096], changed[second : second + 4096] = other, one
    return bytes(changed)


def check(folder: Path, data: bytes) -> int:
    """How many pages are still found in the file ``data``, all of them with their own text."""
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / FILE_NAME).write_bytes(data)
    with suppress(sqlite3.Error):
        inspect_cache(folder)
    with closing(ResultCache(folder, max_bytes=10**9)) as cache:
        results = [cache.get_result(key(number)) for number in range(PAGES)]
        cache.get_payload(b"spans" * 5)
        done = threading.Event()
        cache.put_result(key(PAGES), "model", OcrResult(text="new"), done.set)
        assert done.wait(60)
        again = cache.get_result(key(PAGES))
    assert again is None or again.text == "new"
    for number, result in enumerate(results):
        assert result is None or (result.text, result.model) == (text(number), "model")
    clear_cache(folder)
    assert inspect_cache(folder).results == 0
    return sum(result is not None for result in results)


def test_what_is_sound_is_found(sound: bytes, tmp_path: Path) -> None:
    """Lest the others pass where nothing is ever found."""
    assert check(tmp_path, sound) == PAGES


@pytest.mark.parametrize("part", range(4))
def test_no_page_gets_another_s_text(sound: bytes, tmp_path: Path, part: int) -> None:
    """What is found is what was kept for this page; errors go to the log, and clearing helps."""
    found = [check(tmp_path, damage(sound, seed)) for seed in range(100 * part, 100 * part + 100)]
    assert any(0 < count < PAGES for count in found)


@pytest.mark.slow
def test_no_page_gets_another_s_text_in_ten_thousand_files(sound: bytes, tmp_path: Path) -> None:
    """The same, often."""
    for seed in range(1000, 11_000):
        check(tmp_path, damage(sound, seed))


def test_rows_that_changed_places_are_not_found(tmp_path: Path) -> None:
    """Neither where keys, nor where models were exchanged, nor where a payload was."""
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as cache:
        for number in range(4):
            model = f"model {number}"
            cache.put_result(key(number), model, OcrResult(text=text(number)), lambda: None)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        first, second = (
            connection.execute("SELECT payload FROM readings WHERE key = ?", (key(n),)).fetchone()
            for n in (0, 1)
        )
        connection.execute("UPDATE readings SET payload = ? WHERE key = ?", (*second, key(0)))
        connection.execute("UPDATE readings SET payload = ? WHERE key = ?", (*first, key(1)))
        connection.execute("UPDATE readings SET model = 'model 3' WHERE key = ?", (key(2),))
        connection.commit()
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as cache:
        results = [cache.get_result(key(number)) for number in range(4)]
    assert [result is not None for result in results] == [False, False, False, True]


ODD = ["NULL", "'yesterday'", "x'00ff'", "9e999", "-1e300"]


def rewrite(folder: Path, column: str, value: str) -> None:
    """Put a value of another kind into each row, as damage or another program would."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.executescript(
            "CREATE TABLE odd AS SELECT * FROM readings; DROP TABLE readings; "
            "ALTER TABLE odd RENAME TO readings; "
            f"UPDATE readings SET {column} = {value}"
        )


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("column", ["used", "model", "payload"])
def test_a_value_of_another_kind_costs_its_page_s_result_at_most(
    column: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A time that is none costs nothing; the command line shows what it can, and clears."""
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as cache:
        cache.put_result(key(0), "model", OcrResult(text=text(0)), lambda: None)
    rewrite(tmp_path, column, value)
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as cache:
        result = cache.get_result(key(0))
    assert (result is not None) == (column == "used")
    assert main(["cache", "--cache", str(tmp_path)]) == 0
    assert main(["cache", "clear", "--cache", str(tmp_path)]) == 0
    assert "is empty" in capsys.readouterr().out
    assert inspect_cache(tmp_path).results == 0


def test_a_name_that_is_no_text_ends_no_read(
    sound: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as a table's in the schema: the log says that reading goes on without the cache."""
    damaged = sound.replace(b"readings_by_use", b"readings_\xff\xfe_use")
    assert damaged != sound
    check(tmp_path, damaged)
    assert len(caplog.messages) <= 1


def test_clearing_a_cache_of_another_version_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The log advises nobody to; who does all the same is told that it was removed uncounted."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with closing(ResultCache(tmp_path, max_bytes=10**9)):
        pass
    assert "another version" in caplog.text
    assert "cache clear" not in caplog.text
    assert main(["cache", "--cache", str(tmp_path)]) != 0
    shown = capsys.readouterr().err
    assert "another version" in shown
    assert "cache clear" not in shown
    assert main(["cache", "clear", "--cache", str(tmp_path)]) == 0
    assert "another version" in capsys.readouterr().out


FOREIGN = [
    "CREATE TABLE people (name)",
    "CREATE TABLE readings (sensor, value); PRAGMA user_version = 1",
    "CREATE TABLE people (name); PRAGMA user_version = 99",
    "CREATE VIEW readings AS SELECT 1 AS key; PRAGMA user_version = 1",
    "PRAGMA encoding = 'UTF-16'; CREATE TABLE people (name)",
]


@pytest.mark.parametrize("schema", FOREIGN)
def test_another_program_s_database_is_left_as_it_is(
    schema: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its name is not ours alone: it is neither written to nor cleared, and nobody advises to."""
    file = tmp_path / FILE_NAME
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(schema)
    before = file.read_bytes()
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as cache:
        cache.put_result(key(0), "model", OcrResult(text="new"), lambda: None)
        assert cache.get_result(key(0)) is None
    assert "another program" in caplog.text
    assert "cache clear" not in caplog.text
    for command in (["cache"], ["cache", "clear"]):
        assert main([*command, "--cache", str(tmp_path)]) != 0
        shown = capsys.readouterr().err
        assert "another program" in shown
        assert "cache clear" not in shown
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_the_log_shows_a_folder_s_name_as_a_printable_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is in it."""
    folder = tmp_path / "odd\x1b[31m\nname"
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(b"no database" * 100)
    with closing(ResultCache(folder, max_bytes=10**9)):
        pass
    assert "\\x1b[31m\\nname" in caplog.text
    assert "\x1b" not in caplog.text
