"""One engine per configuration and process, loaded once, replaced when it died."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from typing import ClassVar

import pytest

from got_loaders.engine import EngineConfig, LocalEngine, shared_engine
from got_loaders.engine.registry import MAX_RELOADS, SharedEngine
from got_loaders.engine.replicated import ReplicatedEngine
from got_loaders.errors import EngineDeadError, EngineError
from got_loaders.types import OcrRequest
from tests.engine.pictures import page

REQUEST = OcrRequest(images=(page(1),), max_new_tokens=4)


def config(max_context: int) -> EngineConfig:
    """A configuration that no other test shares."""
    return EngineConfig(model="tiny", device="cpu", max_context=max_context)


def kill(engine: SharedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """End an engine against its will, as an error in its decode step does."""

    def broken() -> None:
        raise ValueError("a broken step")

    assert isinstance(engine, LocalEngine)
    monkeypatch.setattr(engine._loop._runner, "decode", broken)
    error = engine.submit(REQUEST).exception(timeout=60)
    assert isinstance(error, EngineDeadError)
    assert not engine.alive


def test_many_threads_get_one_engine() -> None:
    """However many ask at the same time, the model is loaded once."""
    engines: list[SharedEngine] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        engines.append(shared_engine(config(4001)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engines) == 8
    assert len({id(engine) for engine in engines}) == 1
    engines[0].close()


def test_auto_is_resolved_before_engines_are_compared() -> None:
    """ "auto" and what it stands for share one engine."""
    auto = shared_engine(EngineConfig(model="tiny", max_context=4002, device="cpu"))
    named = shared_engine(
        EngineConfig(model="tiny", max_context=4002, device="cpu", dtype="float32")
    )
    assert auto is named
    auto.close()


def test_a_closed_engine_is_forgotten_and_its_memory_freed() -> None:
    """After close the next call loads a new engine, and the old model is gone."""
    first = shared_engine(config(4003))
    assert isinstance(first, LocalEngine)
    first.submit(REQUEST).result(60)
    model = weakref.ref(first._loop._runner._decoder._norm)  # type: ignore[attr-defined]  # a look inside
    first.close()
    gc.collect()
    assert model() is None
    second = shared_engine(config(4003))
    assert second is not first
    assert second.submit(REQUEST).result(60).num_tokens == 4
    second.close()


def test_an_engine_that_died_is_replaced_three_times_in_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A dead engine stays dead and a new one is loaded; the fourth death in a row is final."""
    dead = shared_engine(config(4004))
    for _ in range(MAX_RELOADS):
        kill(dead, monkeypatch)
        fresh = shared_engine(config(4004))
        assert fresh is not dead
        dead = fresh
    kill(dead, monkeypatch)
    with pytest.raises(EngineDeadError, match=r"in a row.*a broken step"):
        shared_engine(config(4004))


def test_an_answered_request_starts_the_count_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deaths with work done in between are not in a row."""
    for _ in range(MAX_RELOADS + 2):
        engine = shared_engine(config(4005))
        assert engine.submit(REQUEST).result(60).num_tokens == 4
        kill(engine, monkeypatch)
    shared_engine(config(4005)).close()


def test_a_dead_engine_keeps_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that died is gone when the next one is loaded."""
    engine = shared_engine(config(4008))
    assert isinstance(engine, LocalEngine)
    runner = engine._loop._runner
    parts = [weakref.ref(runner._decoder._norm), weakref.ref(runner._backend.cache)]  # type: ignore[attr-defined]  # a look inside
    del runner
    kill(engine, monkeypatch)
    monkeypatch.undo()
    fresh = shared_engine(config(4008))
    gc.collect()
    assert [part() for part in parts] == [None, None]
    fresh.close()


def test_failed_loads_are_no_deaths(monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that fails is tried again at the next call, however often."""
    kill(shared_engine(config(4009)), monkeypatch)

    def fails(_: EngineConfig) -> LocalEngine:
        raise EngineError("no room for now")

    with monkeypatch.context() as patched:
        patched.setattr("got_loaders.engine.registry.LocalEngine", fails)
        for _ in range(MAX_RELOADS + 2):
            with pytest.raises(EngineError, match="no room for now"):
                shared_engine(config(4009))
    engine = shared_engine(config(4009))
    assert engine.alive
    engine.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_never_uses_its_parents_engine() -> None:
    """In a child the parent's engine refuses, and closing it there leaves the parent's alone."""
    engine = shared_engine(config(4006))
    child = os.fork()
    if child == 0:  # no assertion may escape into the child's copy of pytest
        try:
            engine.submit(REQUEST)
        except EngineDeadError as error:
            engine.close()
            os._exit(0 if "parent" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert engine.submit(REQUEST).result(60).num_tokens == 4
    engine.close()


class SlowToLoad:
    """An engine that is loaded once its companions are loading, too; "mps" is not to be had."""

    meeting = threading.Barrier(3)
    closed: ClassVar[list[str]] = []
    fingerprint = "slow"

    def __init__(self, config: EngineConfig) -> None:
        self.device = str(config.device)
        self.meeting.wait(60)
        if self.device == "mps":
            raise EngineError("no such device after all")

    def close(self) -> None:
        self.closed.append(self.device)


@pytest.mark.parametrize("broken", [False, True])
def test_copies_are_loaded_at_the_same_time(broken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight GPUs take hardly longer to load than one; where one copy fails, none is left over."""
    monkeypatch.setattr("got_loaders.engine.replicated.LocalEngine", SlowToLoad)
    monkeypatch.setattr(EngineConfig, "resolved", lambda self: self)
    config = EngineConfig(model="tiny", device=("cpu", "mps" if broken else "cpu", "cpu"))
    if broken:
        with pytest.raises(EngineError, match="no such device after all"):
            ReplicatedEngine(config)
        assert SlowToLoad.closed == ["cpu", "cpu"]
    else:
        ReplicatedEngine(config)
        assert SlowToLoad.closed == []


def test_several_devices_have_a_copy_each() -> None:
    """Requests are spread over the copies, and each answers as one alone would."""
    several = shared_engine(EngineConfig(model="tiny", device=("cpu", "cpu"), max_context=4007))
    assert isinstance(several, ReplicatedEngine)
    futures = [several.submit(REQUEST) for _ in range(6)]
    assert len({future.result(60).token_ids for future in futures}) == 1
    assert {future.result().model for future in futures} == {several.fingerprint}
    assert all(engine.num_completed for engine in several._engines)
    several.close()
    with pytest.raises(EngineDeadError):
        several.submit(REQUEST)
