"""The cache keeps what was stored when it grows and when rows leave."""

from __future__ import annotations

import pytest
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


class Tight(KVCache):
    """A cache on a device that holds only so many row-tokens at a time."""

    limit = 10**9

    def _empty(self, rows: int, length: int) -> torch.Tensor:
        if rows * length > self.limit:
            raise torch.OutOfMemoryError(f"{rows} x {length}")
        return super()._empty(rows, length)


def tight(rows: int, length: int) -> Tight:
    cache = Tight(layers=1, heads=1, head_size=2, device=torch.device("cpu"), dtype=torch.float32)
    cache.reserve(rows, length)
    cache.rows = rows
    return cache


def test_fewer_rows_need_less_room() -> None:
    """When rows have left, growing longer asks for the rows that are left only."""
    cache = tight(4, 512)
    cache.limit = 1000
    with pytest.raises(torch.OutOfMemoryError):
        cache.reserve(4, 513)
    for _ in range(3):
        cache.release(cache.rows - 1)
    cache.reserve(1, 513)
    assert cache.keys.shape[1] == 1


def test_a_growth_that_fails_changes_nothing() -> None:
    """Keys and values always have the same room."""
    cache = tight(2, 100)

    class Once:
        left = 1

    def empty(rows: int, length: int) -> torch.Tensor:
        if not Once.left:
            raise torch.OutOfMemoryError
        Once.left -= 1
        return torch.zeros(1, rows, 1, length, 2)

    cache._empty = empty  # type: ignore[method-assign]  # the second array of a growth fails
    with pytest.raises(torch.OutOfMemoryError):
        cache.reserve(3, 5000)
    assert cache.keys.shape == cache.values.shape


def test_an_empty_cache_gives_its_room_up_first() -> None:
    """With no row stored, what is needed now is all that must fit, however long rows once were."""
    cache = tight(1, 2048)
    cache.release(0)
    cache.limit = 3 * 512
    cache.reserve(3, 300)
    assert cache.keys.shape[1] == 3
    assert 300 <= cache.keys.shape[3] <= 512
    assert cache.keys.shape == cache.values.shape


def test_a_shorter_growth_keeps_what_is_stored() -> None:
    """When the room for a few more rows in advance is not there, the rows asked for still fit."""
    cache = tight(2, 256)
    cache.keys[:, 1] = 7
    cache.limit = 3 * 256
    cache.reserve(3, 200)
    assert cache.keys.shape[1] == 3
    assert (cache.keys[:, 1] == 7).all()


def test_room_that_is_there_is_used() -> None:
    """Reserving what is there allocates nothing."""
    cache = filled(4, 100)
    before = cache.keys.data_ptr()
    cache.reserve(3, 50)
    assert cache.keys.data_ptr() == before
