"""The engine in front of the store reads what is not there, once."""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from got_loaders.cache import CachedEngine, ResultCache
from got_loaders.cache.keys import request_key
from got_loaders.cache.paths import FILE_NAME
from got_loaders.errors import EngineDeadError, EngineError
from got_loaders.testing import FakeEngine
from got_loaders.types import (
    Engine,
    EngineInfo,
    OcrRequest,
    OcrResult,
    get_engine_info,
    get_max_batch_size,
)
from tests.cache.making import READING, SlowEngine, asked


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultCache]:
    """A new store."""
    store = ResultCache(tmp_path, max_bytes=10**9)
    yield store
    store.close()


def behind(store: ResultCache, engine: Engine) -> CachedEngine:
    """``engine`` behind the store."""
    return CachedEngine(lambda: engine, engine.fingerprint, store)


def test_nothing_is_read_twice(store: ResultCache) -> None:
    """The second answer is equal, and says that it was kept."""
    fake = FakeEngine(READING)
    engine = behind(store, fake)
    first, second = (engine.submit(asked()).result(60) for _ in range(2))
    assert first == second == READING
    assert (first.cached, second.cached) == (False, True)
    assert len(fake.requests) == 1
    assert engine.submit(asked(1)).result(60) == READING
    assert len(fake.requests) == 2
    assert isinstance(engine, Engine)


def test_how_much_the_engine_can_do_is_told_on(store: ResultCache) -> None:
    """As soon as it is there; nobody who asks makes it load."""
    engine = behind(store, FakeEngine(READING, fingerprint="m@1", max_batch_size=300))
    assert (engine.max_batch_size, engine.info) == (None, None)
    assert get_max_batch_size(engine) is None
    assert get_engine_info(engine) == EngineInfo(model="m@1", fingerprint="m@1")
    engine.submit(asked()).result(60)
    assert get_max_batch_size(engine) == 300
    assert get_engine_info(engine).max_batch_size == 300


def test_a_model_is_not_loaded_for_what_is_there(store: ResultCache) -> None:
    """What gives the engine is called at the first miss, once."""
    calls: list[int] = []

    def load() -> Engine:
        calls.append(1)
        return FakeEngine(READING)

    behind(store, FakeEngine(READING)).submit(asked()).result(60)
    engine = CachedEngine(load, "fake", store)
    assert engine.submit(asked()).result(0) == READING
    assert calls == []
    for number in (1, 2):
        engine.submit(asked(number)).result(60)
    assert calls == [1]


def test_an_answer_is_there_before_it_is_given(store: ResultCache) -> None:
    """Whoever has seen it can be killed at once: it is not read again."""
    behind(store, FakeEngine(READING)).submit(asked()).result(60)
    with_own_file = ResultCache(store.file.parent, max_bytes=10**9)
    never = FakeEngine(AssertionError("asked"))
    assert behind(with_own_file, never).submit(asked()).result(0) == READING
    with_own_file.close()


@pytest.mark.parametrize("error", [EngineError("too long"), EngineDeadError("dead")])
def test_errors_are_not_kept(store: ResultCache, error: EngineError) -> None:
    """They reach who asked, and the next one asks again."""
    fake = FakeEngine(error)
    engine = behind(store, fake)
    with pytest.raises(type(error)):
        engine.submit(asked()).result(60)
    fake.reply = READING
    assert engine.submit(asked()).result(60) == READING


def test_an_engine_that_refuses_is_heard_by_all_who_wait(store: ResultCache) -> None:
    """The one who asks gets what ``submit`` raises; those who share it, too."""
    entered, go_on = threading.Event(), threading.Event()

    class Refusing(SlowEngine):
        def submit(self, request: OcrRequest) -> Future[OcrResult]:
            entered.set()
            assert go_on.wait(60)
            raise EngineError("full")

    engine = behind(store, Refusing())
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(engine.submit, asked())
        assert entered.wait(60)
        second = engine.submit(asked())
        go_on.set()
        with pytest.raises(EngineError, match="full"):
            first.result(60)
        with pytest.raises(EngineError, match="full"):
            second.result(60)


def test_many_threads_that_ask_for_the_same_share_one_reading(store: ResultCache) -> None:
    """Each gets an answer, and the model is asked once a page."""
    slow = SlowEngine()
    engine = behind(store, slow)
    with ThreadPoolExecutor(32) as threads:
        futures = list(threads.map(lambda n: engine.submit(asked(n % 4)), range(64)))
    assert len(slow.futures) == 4
    for future in slow.futures:
        future.set_result(READING)
    assert {future.result(60).text for future in futures} == {"read"}


def test_who_gives_up_costs_the_others_nothing(store: ResultCache) -> None:
    """The model stops when the last one has given up; then it can be asked again."""
    slow = SlowEngine()
    engine = behind(store, slow)
    first, second = engine.submit(asked()), engine.submit(asked())
    assert first.cancel()
    assert not slow.futures[0].cancelled()
    assert second.cancel()
    assert slow.futures[0].cancelled()
    third = engine.submit(asked())
    slow.futures[1].set_result(READING)
    assert third.result(60) == READING


def test_a_checkpoint_that_changed_meanwhile_is_noticed(store: ResultCache) -> None:
    """Its readings are not kept under the other one's name."""
    engine = CachedEngine(lambda: FakeEngine(fingerprint="new"), "old", store)
    with pytest.raises(EngineError, match="the model is new now and was old"):
        engine.submit(asked())


def test_pictures_without_a_key_are_read_each_time(store: ResultCache) -> None:
    """They are no pages; the engine gets them as they are."""
    fake = FakeEngine(READING)
    engine = behind(store, fake)
    for _ in range(2):
        engine.submit(OcrRequest(images=(Image.new("RGBA", (4, 4)),))).result(60)
    assert len(fake.requests) == 2


def test_closing_leaves_the_engine_to_others(store: ResultCache) -> None:
    """It is shared."""
    fake = FakeEngine()
    behind(store, fake).close()
    assert not fake.closed


def test_a_store_that_was_closed_does_not_hold_up_answers(store: ResultCache) -> None:
    """A read that ended early leaves requests behind: they are answered, not kept."""
    slow = SlowEngine()
    future = behind(store, slow).submit(asked())
    store.close()
    slow.futures[0].set_result(READING)
    assert future.result(60) == READING


@pytest.mark.parametrize(
    "odd",
    [
        OcrResult(text="x", confidence=np.float32(0.5)),  # type: ignore[arg-type]  # that is it
        OcrResult(text=b"bytes"),  # type: ignore[arg-type]  # likewise
        OcrResult(text="x", token_ids=(np.int64(3),)),  # type: ignore[arg-type]  # likewise
    ],
)
def test_what_can_t_be_written_down_is_still_an_answer(store: ResultCache, odd: OcrResult) -> None:
    """An engine that somebody wrote need not be exact about its types; nobody waits for ever."""
    engine = behind(store, FakeEngine(odd))
    for _ in range(2):
        assert engine.submit(asked()).result(60) == odd


def test_a_model_s_name_may_be_no_unicode(store: ResultCache) -> None:
    """What the store can't take costs the store, not the reading."""
    engine = behind(store, FakeEngine(READING, fingerprint="m\udcff"))
    for _ in range(2):
        assert engine.submit(asked()).result(60) == READING


def test_a_cached_result_says_who_read_it(store: ResultCache) -> None:
    """The model's own fingerprint, or what the result names."""
    for number, (model, expected) in enumerate([("", "fake"), ("fake", "fake"), ("x", "x")]):
        fake = FakeEngine(OcrResult(text="read", model=model))
        engine = behind(store, fake)
        engine.submit(asked(number)).result(60)
        again = engine.submit(asked(number)).result(60)
        assert (again.cached, again.model) == (True, expected)


def test_what_was_kept_without_a_seal_is_read_anew(tmp_path: Path) -> None:
    """Nobody can tell whether it belongs to this page; the result that replaces it is found."""
    key = request_key(asked(), "fake")
    value = {"text": "old", "finish_reason": "stop", "token_ids": [5], "confidence": 0.25}
    payload = zlib.compress(json.dumps(value | {"num_tokens": 1}).encode("ascii"))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "CREATE TABLE readings (key BLOB NOT NULL UNIQUE, model TEXT NOT NULL, "
            "used REAL NOT NULL, payload BLOB NOT NULL)"
        )
        connection.execute("CREATE INDEX readings_by_use ON readings (used)")
        connection.execute("PRAGMA user_version = 1")
        row = (key, "fake", 1000.0, payload)
        connection.execute("INSERT INTO readings VALUES (?, ?, ?, ?)", row)
        connection.commit()
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as cache:
        first, second = (behind(cache, FakeEngine("new")).submit(asked()).result(60) for _ in "ab")
    assert (first.text, first.cached) == ("new", False)
    assert (second.text, second.cached) == ("new", True)
