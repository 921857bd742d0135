"""What holds for all tests.

tqdm guards its bars by a lock that it shares with forked children. Here the lock is this process's
own, so that no child can hold it, and a test can ask whether anybody does.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

tqdm: Any = importlib.import_module("tqdm")  # it has no types
tqdm.tqdm.set_lock(threading.RLock())
tqdm.tqdm.monitor_interval = 0
