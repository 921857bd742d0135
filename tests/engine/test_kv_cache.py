"""The cache keeps what was stored when it grows and when rows leave."""

from __future__ import annotations

import torch

from got_loaders.engine.kv_cache import KVCache


def filled(rows: int, length: int) -> KVCache:
    cache = KVCache(layers=2, heads=3, head_size=4, device=torch.device("cpu"), dtype=torch.float32)
    cache.reserve(rows, length)
    cache.rows = rows
    for row in range(rows):
        cache.keys[:, row] = row + 1
        cache.values[:, row] = -(row + 1)
    return cache


def test_growing_keeps_what_is_stored() -> None:
    """More rows and more tokens leave the old ones as they were, and the new ones finite."""
    cache = filled(2, 10)
    cache.reserve(5, 1000)
    assert cache.keys.shape[1] >= 5
    assert cache.keys.shape[3] >= 1000
    assert (cache.keys[:, 1, :, :10] == 2).all()
    assert (cache.values[:, 0, :, :10] == -1).all()
    assert cache.keys.isfinite().all()


def test_the_last_row_fills_the_gap() -> None:
    """Rows stay without gaps when one leaves."""
    cache = filled(3, 4)
    assert cache.release(0) == 2
    assert cache.rows == 2
    assert (cache.keys[:, 0] == 3).all()
    assert cache.release(1) == 1
    assert (cache.keys[:, 0] == 3).all()


def test_room_that_is_there_is_used() -> None:
    """Reserving what is there allocates nothing."""
    cache = filled(4, 100)
    before = cache.keys.data_ptr()
    cache.reserve(3, 50)
    assert cache.keys.data_ptr() == before
