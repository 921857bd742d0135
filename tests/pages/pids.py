"""The processes of a pool."""

from __future__ import annotations

from got_loaders.pages.worker.pool import Pool


def pids(pool: Pool) -> list[int]:
    """The ids of those that are running."""
    processes = [worker.process for worker in pool._workers]
    return [process.pid for process in processes if process is not None and process.is_alive]
