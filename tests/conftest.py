"""What holds for all tests.

What is logged, and from which level on, is the same for each, whatever one before it, or a library
that it used, left of levels.

tqdm guards its bars by a lock that it shares with forked children. Here the lock is this process's
own, so that no child can hold it, and a test can ask whether anybody does.
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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Levels of logging as in a new process, before any fixture sets others."""
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("got_loaders").setLevel(logging.NOTSET)
