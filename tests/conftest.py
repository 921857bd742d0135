"""What holds for all tests.

What is logged, and from which level on, is the same for each, whatever one before it, or a library
that it used, left of levels.

tqdm guards its bars by a lock that it shares with forked children. Here the lock is this process's
own, so that no child can hold it, and a test can ask whether anybody does.

Where several processes test, those tests that start processes of their own run one after the other,
from the start: several at once on a few cores make each other late, and they would come last, for
their files hold few tests.
"""

from __future__ import annotations

import importlib
import logging
import threading
from typing import Any

import pytest

tqdm: Any = importlib.import_module("tqdm")  # it has no types
tqdm.tqdm.set_lock(threading.RLock())
tqdm.tqdm.monitor_interval = 0

_WITH_PROCESSES = (
    "tests/ray/",
    "tests/hostile/test_no_telemetry.py",
    "tests/cli/test_killed.py",
    "tests/services/",
    "tests/test_packaging.py",
    "tests/test_deploy.py",
    "tests/cache/test_processes.py",
)
"""Of these the first takes minutes, the others up to one."""

_LONG = ("tests/engine/", "tests/report/browser/", "tests/benchmarks/", "tests/test_docs.py")
"""Files of which some hold few tests that take long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, file by file as before."""

    def turn(item: pytest.Item) -> int:
        with_processes = item.nodeid.startswith(_WITH_PROCESSES)
        return 0 if with_processes else 1 if item.nodeid.startswith(_LONG) else 2

    items.sort(key=turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a process one file after the other, and to one process all that have processes."""
    if config.getvalue("dist") != "loadfile":
        return None
    scheduling = importlib.import_module("xdist.scheduler").LoadFileScheduling

    class OneProcessWithProcesses(scheduling):  # type: ignore[misc, valid-type]  # xdist's, untyped
        def _split_scope(self, nodeid: str) -> Any:
            return "" if nodeid.startswith(_WITH_PROCESSES) else super()._split_scope(nodeid)

    config.option.loadscopereorder = False
    return OneProcessWithProcesses(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Levels of logging as in a new process, before any fixture sets others."""
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("got_loaders").setLevel(logging.NOTSET)
