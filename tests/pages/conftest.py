"""A pool of its own for tests that kill workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from got_loaders.pages.worker.pool import Pool


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One worker, ended after the test."""
    pool = Pool(size=1)
    yield pool
    pool.close()
