"""What holds for all tests.

tqdm guards its bars by a lock that is shared with forked children. A child that ends while it holds
it, as may happen to tqdm's own monitor under load, stops every later bar of its parent for ever,
and with it the loading of models. Children of tests end at once: here the lock is no child's.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

tqdm: Any = importlib.import_module("tqdm")  # it has no types
tqdm.tqdm.set_lock(threading.RLock())
tqdm.tqdm.monitor_interval = 0
