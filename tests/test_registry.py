"""One value per key and process: made once, not kept where it failed, not taken over by a fork."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from got_loaders._registry import Registry


def test_many_threads_get_one_value() -> None:
    """Whoever comes while it is made waits for it; other keys do not."""
    registry: Registry[str, object] = Registry()
    made: list[object] = []

    def make() -> object:
        time.sleep(0.02)  # long enough for the others to come
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(16) as threads:
        values = list(threads.map(lambda n: registry.get_or_create(f"{n % 2}", make), range(64)))
    assert len(made) == 2
    assert set(map(id, values)) == set(map(id, made))
    assert registry.get("0") is not registry.get("1")
    assert registry.get("2") is None


def test_a_slow_key_holds_up_no_other() -> None:
    """Each is made under a lock of its own."""
    registry: Registry[str, int] = Registry()
    go_on = threading.Event()

    def slow() -> int:
        assert go_on.wait(60)
        return 1

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(registry.get_or_create, "slow", slow)
        assert registry.get_or_create("quick", lambda: 2) == 2
        assert registry.get("slow") is None
        go_on.set()
        assert first.result(60) == 1


def test_failures_are_not_kept() -> None:
    """The next one who asks tries again."""
    registry: Registry[str, int] = Registry()

    def fails() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            registry.get_or_create("k", fails)
    assert registry.get_or_create("k", lambda: 1) == 1


def test_what_is_not_usable_any_more_is_made_anew() -> None:
    """Such as an engine that died."""
    registry: Registry[str, int] = Registry()
    numbers = iter(range(9))
    for expected in (0, 1, 1):
        value = registry.get_or_create("k", lambda: next(numbers), lambda value: value > 0)
        assert value == expected


def test_a_value_is_discarded_by_itself_alone() -> None:
    """Who holds an old one does not take the new one away."""
    registry: Registry[str, object] = Registry()
    old = registry.get_or_create("k", object)
    registry.discard("k", old)
    assert registry.get("k") is None
    new = registry.get_or_create("k", object)
    registry.discard("k", old)
    assert registry.get("k") is new


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_starts_without() -> None:
    """Though a thread of its parent is making a value; it is told of those that were made."""
    inherited: list[str] = []
    registry: Registry[str, str] = Registry(on_fork=inherited.append)
    registry.get_or_create("made", lambda: "parent's")
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(60)
        return "slow"

    with ThreadPoolExecutor(1) as threads:
        threads.submit(registry.get_or_create, "being made", slow)
        assert begun.wait(60)
        child = os.fork()
        if child == 0:  # no assertion may escape into the child's copy of pytest
            values = [
                registry.get_or_create(key, lambda: "child's") for key in ("made", "being made")
            ]
            os._exit(0 if values == ["child's"] * 2 and inherited == ["parent's"] else 1)
        go_on.set()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert registry.get("made") == "parent's"
    assert inherited == []
