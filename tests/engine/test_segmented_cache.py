"""Rows that join, advance, move between segments and leave attend to their own tokens only."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import Cache, CacheShape
from got_loaders.engine.kv_cache.segmented import KVCache

SHAPE = CacheShape(
    layers=2,
    heads=2,
    head_size=4,
    scale=0.5,
    device=torch.device("cpu"),
    dtype=torch.float32,
)
QUERIES = 3
"""Query heads for each key-value head."""


@dataclass
class Naive:
    """What each row has stored, as plain tensors: (heads, tokens, head size) of each layer."""

    keys: dict[int, list[Tensor]] = field(default_factory=dict)
    values: dict[int, list[Tensor]] = field(default_factory=dict)

    def attend(self, layer: int, slot: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        for stored, new in ((self.keys, key), (self.values, value)):
            stored[slot][layer] = torch.cat((stored[slot][layer], new[:, None]), dim=1)
        mixed = F.scaled_dot_product_attention(
            query[:, None],
            self.keys[slot][layer],
            self.values[slot][layer],
            scale=SHAPE.scale,
            enable_gqa=True,
        )
        return mixed.flatten()


def join(cache: Cache, naive: Naive, slots: list[int], length: int) -> None:
    segment = cache.begin(slots, length)
    for layer in range(SHAPE.layers):
        keys, values = torch.randn(2, len(slots), SHAPE.heads, length, SHAPE.head_size)
        segment.write_prompt(layer, keys, values)
        for row, slot in enumerate(slots):
            naive.keys.setdefault(slot, []).append(keys[row])
            naive.values.setdefault(slot, []).append(values[row])
    cache.join(segment)


def leave(cache: Cache, naive: Naive, slot: int) -> None:
    cache.release(slot)
    del naive.keys[slot], naive.values[slot]


def check_step(cache: Cache, naive: Naive) -> None:
    """One token for every row: each attends as if it were alone."""
    slots = cache.slots
    assert sorted(slots) == sorted(naive.keys)
    cache.reserve()
    for layer in range(SHAPE.layers):
        query = torch.randn(len(slots), SHAPE.heads * QUERIES, SHAPE.head_size)
        key, value = torch.randn(2, len(slots), SHAPE.heads, SHAPE.head_size)
        ours = cache.attend(layer, query, key, value)
        for row, slot in enumerate(slots):
            alone = naive.attend(layer, slot, query[row], key[row], value[row])
            assert torch.allclose(ours[row], alone, atol=1e-5)
    cache.advance()


def check_steps(cache: Cache, naive: Naive, count: int) -> None:
    for _ in range(count):
        check_step(cache, naive)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("call_bytes", [1, 20_000, 1 << 40], ids=["apart", "some", "together"])
def test_rows_that_come_and_go_attend_to_their_own(
    seed: int, call_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order of joins, steps and leaves, and however rows are put together."""
    monkeypatch.setattr("got_loaders.engine.kv_cache.segmented._CALL_BYTES", call_bytes)
    rng = random.Random(seed)
    torch.manual_seed(seed)
    cache, naive, next_slot = KVCache(SHAPE), Naive(), 0
    for _ in range(120):
        if rng.random() < 0.15 and len(naive.keys) < 12:
            count = rng.randint(1, 3)
            slots = list(range(next_slot, next_slot + count))
            next_slot += count
            join(cache, naive, slots, rng.choice([1, 7, 30, 200]))
        if naive.keys and rng.random() < 0.12:
            leave(cache, naive, rng.choice(list(naive.keys)))
        if naive.keys:
            check_step(cache, naive)


def test_rows_of_one_length_are_read_together_and_long_ones_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row joins those that are about as long; a long one does not make the others long."""
    monkeypatch.setattr("got_loaders.engine.kv_cache.segmented._CALL_BYTES", 64 * 100)  # 100 tokens
    cache, naive = KVCache(SHAPE), Naive()
    join(cache, naive, [0, 1], 50)
    join(cache, naive, [2], 60)
    assert len(cache.segments) == 1
    join(cache, naive, [3], 2000)
    assert len(cache.segments) == 2
    assert cache.allocated < 2 * 2000


def test_a_long_running_cache_does_not_grow() -> None:
    """Rows that follow one another for ever take the room of those that left."""
    cache, naive = KVCache(SHAPE), Naive()
    for slot in range(60):
        join(cache, naive, [slot], 20)
        if slot >= 3:
            leave(cache, naive, slot - 3)
        for _ in range(15):
            check_step(cache, naive)
    assert cache.allocated < 4000


def filled(limit: int) -> tuple[KVCache, Naive]:
    cache, naive = KVCache(SHAPE, max_bytes=limit * SHAPE.bytes_per_token), Naive()
    join(cache, naive, [0, 1], 100)
    return cache, naive


def test_a_full_cache_refuses_newcomers_and_keeps_what_it_has() -> None:
    """No room is an out-of-memory error, before anything is changed."""
    cache, naive = filled(700)
    with pytest.raises(torch.OutOfMemoryError):
        cache.begin([2, 3], 200)
    check_step(cache, naive)


def test_a_full_cache_goes_on_when_rows_leave() -> None:
    """What can't grow with two rows can with one."""
    cache, naive = filled(700)
    with pytest.raises(torch.OutOfMemoryError):
        check_steps(cache, naive, 500)
    leave(cache, naive, 0)
    check_steps(cache, naive, 150)


def test_a_growth_that_fails_half_way_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers that have grown and layers that have not go on together."""
    cache, naive = filled(10**6)
    room, calls = KVCache._room, iter([True, True, False, *[True] * 100])

    def sometimes(self: KVCache, rows: int, columns: int, freed: int) -> Tensor:
        if not next(calls):
            raise torch.OutOfMemoryError
        return room(self, rows, columns, freed)

    segment = cache.segments[0]
    monkeypatch.setattr(segment, "_room", sometimes.__get__(cache))
    failures = 0
    for _ in range(200):
        try:
            cache.reserve()
        except torch.OutOfMemoryError:
            failures += 1
        check_step(cache, naive)
    assert failures == 1


def test_clearing_forgets_every_row() -> None:
    """An empty cache holds nothing."""
    cache, _ = filled(10**6)
    cache.clear()
    assert (cache.slots, cache.allocated) == ([], 0)
