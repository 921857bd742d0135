"""Rows in arrays of their own, however they are read, attend to their own tokens only."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import MAX_QUERIES, Cache, CacheShape, one_each
from got_loaders.engine.kv_cache.row_cache import RowAttention, RowCache
from got_loaders.engine.numba_cpu.row_attention import compiled_attention

SHAPE = CacheShape(
    layers=2,
    kv_heads=2,
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
    prefill = cache.allocate(slots, length)
    for layer in range(SHAPE.layers):
        keys, values = torch.randn(2, len(slots), SHAPE.kv_heads, length, SHAPE.head_size)
        prefill.write_prompt(layer, keys, values)
        for row, slot in enumerate(slots):
            naive.keys.setdefault(slot, []).append(keys[row])
            naive.values.setdefault(slot, []).append(values[row])
    cache.commit(prefill)


def check_block(cache: Cache, naive: Naive, counts: list[int], kept: list[int]) -> None:
    """Several tokens a row, each of which attends as if it came alone; some are then rejected."""
    slots, total = cache.slots, sum(counts)
    cache.reserve(np.array(counts))
    for layer in range(SHAPE.layers):
        query = torch.randn(total, SHAPE.kv_heads * QUERIES, SHAPE.head_size)
        key, value = torch.randn(2, total, SHAPE.kv_heads, SHAPE.head_size)
        ours, place = cache.attend(layer, query, key, value), 0
        for slot, count, keep in zip(slots, counts, kept, strict=True):
            for at in range(place, place + count):
                alone = naive.attend(layer, slot, query[at], key[at], value[at])
                assert torch.allclose(ours[at], alone, atol=1e-5)
            place += count
            for stored in (naive.keys[slot], naive.values[slot]):
                stored[layer] = stored[layer][:, : stored[layer].shape[1] - count + keep]
    cache.commit_step(np.array(kept))


def leave(cache: Cache, naive: Naive, slot: int) -> None:
    cache.free(slot)
    del naive.keys[slot], naive.values[slot]


def check_step(cache: Cache, naive: Naive) -> None:
    """One token for every row: each attends as if it were alone."""
    slots = cache.slots
    assert sorted(slots) == sorted(naive.keys)
    cache.reserve(one_each(cache))
    for layer in range(SHAPE.layers):
        query = torch.randn(len(slots), SHAPE.kv_heads * QUERIES, SHAPE.head_size)
        key, value = torch.randn(2, len(slots), SHAPE.kv_heads, SHAPE.head_size)
        ours = cache.attend(layer, query, key, value)
        for row, slot in enumerate(slots):
            alone = naive.attend(layer, slot, query[row], key[row], value[row])
            assert torch.allclose(ours[row], alone, atol=1e-5)
    cache.commit_step(one_each(cache))


def check_steps(cache: Cache, naive: Naive, count: int) -> None:
    for _ in range(count):
        check_step(cache, naive)


def attention(way: str, shape: CacheShape = SHAPE, queries: int = QUERIES) -> RowAttention | None:
    """Compiled, or None for torch's."""
    if way == "torch":
        return None
    pytest.importorskip("numba")
    compiled = compiled_attention(shape, heads=shape.kv_heads * queries)
    assert compiled is not None
    return compiled


@pytest.fixture(params=["numba", "torch"])
def way(request: pytest.FixtureRequest) -> str:
    """What computes the attention."""
    way: str = request.param
    return way


def cache(way: str, max_tokens: int | None = None) -> RowCache:
    room = None if max_tokens is None else max_tokens * SHAPE.bytes_per_token
    return RowCache(SHAPE, attention(way), max_bytes=room)


@pytest.mark.parametrize("seed", range(6))
def test_rows_that_come_and_go_attend_to_their_own(way: str, seed: int) -> None:
    """Whatever the order of joins, steps and leaves, and however long the rows are."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    rows, naive, next_slot = cache(way), Naive(), 0
    for _ in range(120):
        if rng.random() < 0.15 and len(naive.keys) < 12:
            count = rng.randint(1, 3)
            join(
                rows, naive, list(range(next_slot, next_slot + count)), rng.choice([1, 7, 30, 400])
            )
            next_slot += count
        if naive.keys and rng.random() < 0.12:
            leave(rows, naive, rng.choice(list(naive.keys)))
        if naive.keys:
            check_step(rows, naive)


@pytest.mark.parametrize("seed", range(3))
def test_rows_bring_several_tokens_and_keep_some(way: str, seed: int) -> None:
    """Each row another number of tokens; those that it does not keep leave no trace."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    rows, naive = cache(way), Naive()
    for slot, length in enumerate((1, 7, 126, 300)):
        join(rows, naive, [slot], length)
    for step in range(60):
        counts = [rng.randint(1, MAX_QUERIES) for _ in rows.slots]
        check_block(rows, naive, counts, [rng.randint(1, count) for count in counts])
        if step % 15 == 14:
            check_step(rows, naive)
            leave(rows, naive, rows.slots[0])
            join(rows, naive, [10 + step], rng.choice([1, 120, 250]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize(("size", "queries"), [(64, 1), (48, 1), (10, 3)])
def test_a_position_gets_the_same_bits_alone_and_in_a_block(
    dtype: torch.dtype, size: int, queries: int
) -> None:
    """Compiled attention does not show how many tokens a row brought, nor who else was there."""
    shape = replace(SHAPE, head_size=size, scale=size**-0.5, dtype=dtype)
    compiled = attention("numba", shape, queries)
    lengths, counts = (3, 127, 250), (8, 1, 5)

    def filled() -> RowCache:
        rows, generator = RowCache(shape, compiled), torch.Generator().manual_seed(0)
        for slot, length in enumerate(lengths):
            prefill = rows.allocate([slot], length)
            sizes = (2, 1, shape.kv_heads, length, size)
            prefill.write_prompt(0, *torch.randn(sizes, generator=generator).to(dtype))
            rows.commit(prefill)
        return rows

    total = sum(counts)
    query = torch.randn(total, shape.kv_heads * queries, size).to(dtype)
    key, value = torch.randn(2, total, shape.kv_heads, size).to(dtype)
    rows, place = filled(), 0
    rows.reserve(np.array(counts))
    together = rows.attend(0, query, key, value)
    for slot, count in enumerate(counts):
        rows = filled()
        for other in set(range(len(counts))) - {slot}:
            rows.free(other)
        for at in range(place, place + count):
            rows.reserve(one_each(rows))
            one = slice(at, at + 1)
            assert torch.equal(rows.attend(0, query[one], key[one], value[one])[0], together[at])
            rows.commit_step(one_each(rows))
        place += count


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    ("size", "queries"), [(16, 1), (48, 1), (64, 1), (64, 7), (10, 2), (128, 4)]
)
def test_heads_of_any_size_in_both_number_formats(
    way: str, dtype: torch.dtype, size: int, queries: int
) -> None:
    """The attention of one row is torch's, to what the number format can tell apart."""
    shape = replace(SHAPE, head_size=size, scale=size**-0.5, dtype=dtype)
    rows, length = RowCache(shape, attention(way, shape, queries)), 300
    prefill = rows.allocate([0], length)
    stored = torch.randn(2, shape.layers, 1, shape.kv_heads, length, size).to(dtype)
    for layer in range(shape.layers):
        prefill.write_prompt(layer, stored[0, layer], stored[1, layer])
    rows.commit(prefill)
    query = torch.randn(1, shape.kv_heads * queries, size).to(dtype)
    key, value = torch.randn(2, 1, shape.kv_heads, size).to(dtype)
    for layer in range(shape.layers):
        keys = torch.cat((stored[0, layer], key[:, :, None]), dim=2)
        values = torch.cat((stored[1, layer], value[:, :, None]), dim=2)
        expected = alone(query, keys, values, shape.scale)
        ours = rows.attend(layer, query, key, value)
        close = 1e-5 if dtype is torch.float32 else 0.01
        assert ours.dtype is dtype
        assert torch.allclose(ours.float(), expected, atol=close, rtol=close)


def alone(query: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
    """In float32, whatever the number format."""
    mixed = F.scaled_dot_product_attention(
        query[:, :, None].float(), keys.float(), values.float(), scale=scale, enable_gqa=True
    )
    return mixed.flatten(1)


def test_great_logits_neither_overflow_nor_vanish(way: str) -> None:
    """A column whose logit is far above the others takes all, wherever it stands."""
    rows = cache(way)
    for place in (0, 5, 127, 128, 299):
        prefill = rows.allocate([place], 300)
        for layer in range(SHAPE.layers):
            keys = torch.full((1, SHAPE.kv_heads, 300, SHAPE.head_size), -300.0)
            keys[:, :, place] = 300.0
            values = torch.arange(300.0).view(1, 1, 300, 1).expand_as(keys)
            prefill.write_prompt(layer, keys, values)
        rows.commit(prefill)
    count = len(rows.slots)
    query = torch.full((count, SHAPE.kv_heads * QUERIES, SHAPE.head_size), 10.0)
    key = value = torch.zeros(count, SHAPE.kv_heads, SHAPE.head_size)
    mixed = rows.attend(0, query, key, value)
    expected = torch.tensor(rows.slots).float()[:, None].expand_as(mixed)
    assert torch.allclose(mixed, expected, atol=1e-30)


def test_a_bound_on_its_memory_holds(way: str) -> None:
    """Neither a new row nor a growing one takes more; what was there stays as it was."""
    rows, naive = cache(way, max_tokens=2 * 228 + 50), Naive()
    join(rows, naive, [0, 1], 100)
    with pytest.raises(torch.OutOfMemoryError, match="there is room for 506"):
        rows.allocate([2], 100)
    assert rows.allocated == 2 * 228
    check_steps(rows, naive, 128)
    with pytest.raises(torch.OutOfMemoryError):
        rows.reserve(one_each(rows))
    leave(rows, naive, 0)
    check_steps(rows, naive, 3)


def test_a_token_without_room_is_an_error_not_a_wild_write(way: str) -> None:
    """Compiled code checks no address, so what calls it does."""
    rows, naive = cache(way), Naive()
    join(rows, naive, [0], 10)
    check_steps(rows, naive, 128)
    query, key = torch.zeros(1, SHAPE.kv_heads * QUERIES, 4), torch.zeros(1, SHAPE.kv_heads, 4)
    with pytest.raises(AssertionError):
        rows.attend(0, query, key, key)
    rows.reserve(one_each(rows))
    rows.attend(0, query, key, key)
    with pytest.raises(AssertionError):
        rows.attend(0, query.expand(2, -1, -1), key.expand(2, -1, -1), key.expand(2, -1, -1))
    rows.reserve(np.array([3]))
    with pytest.raises(AssertionError):
        rows.attend(0, query, key, key)


def test_prompts_that_do_not_run_give_their_room_back(way: str) -> None:
    """Discarded prompts leave nothing behind, and released rows neither."""
    rows, naive = cache(way), Naive()
    rows.abort(rows.allocate([0, 1], 50))
    assert rows.allocated == 0
    join(rows, naive, [5, 6], 50)
    leave(rows, naive, 5)
    rows.free(99)
    check_step(rows, naive)
    assert rows.slots == [6]
    leave(rows, naive, 6)
    assert rows.slots == []
    assert rows.allocated == 0


def test_a_long_running_row_grows_in_few_steps(way: str) -> None:
    """A row's array is copied a few times in a thousand tokens, and has little to spare."""
    rows, naive = cache(way), Naive()
    join(rows, naive, [0], 10)
    rooms = set()
    for _ in range(1000):
        rows.reserve(one_each(rows))
        rows.commit_step(one_each(rows))
        rooms.add(rows.allocated)
    assert len(rooms) < 10
    assert rows.allocated < 1.3 * 1010


def test_a_long_running_cache_does_not_grow(way: str) -> None:
    """Rows that follow one another for ever take the room of those that left."""
    rows, naive = cache(way), Naive()
    for slot in range(60):
        join(rows, naive, [slot], 20)
        if slot >= 3:
            leave(rows, naive, slot - 3)
        check_steps(rows, naive, 15)
    assert rows.allocated < 4 * 200


def test_a_full_cache_refuses_newcomers_and_keeps_what_it_has(way: str) -> None:
    """No room is an out-of-memory error, before anything is changed."""
    rows, naive = cache(way, max_tokens=700), Naive()
    join(rows, naive, [0, 1], 100)
    with pytest.raises(torch.OutOfMemoryError):
        rows.allocate([2, 3], 200)
    check_step(rows, naive)


def test_a_full_cache_goes_on_when_rows_leave(way: str) -> None:
    """What can't grow with two rows can with one."""
    rows, naive = cache(way, max_tokens=700), Naive()
    join(rows, naive, [0, 1], 100)
    with pytest.raises(torch.OutOfMemoryError):
        check_steps(rows, naive, 500)
    leave(rows, naive, 0)
    check_steps(rows, naive, 150)


def test_a_growth_that_fails_half_way_changes_nothing(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that have grown and rows that have not go on together."""
    rows, naive = cache(way), Naive()
    join(rows, naive, [0, 1, 2], 100)
    allocate_row, calls = rows._allocate_row, iter([True, False, *[True] * 100])

    def sometimes(capacity: int) -> Tensor:
        if not next(calls):
            raise torch.OutOfMemoryError
        return allocate_row(capacity)

    monkeypatch.setattr(rows, "_allocate_row", sometimes)
    failures = 0
    for _ in range(200):
        try:
            rows.reserve(one_each(rows))
        except torch.OutOfMemoryError:
            failures += 1
        check_step(rows, naive)
    assert failures == 1


def test_no_row_s_numbers_depend_on_the_others(way: str) -> None:
    """A row's attention is the same to the bit, alone and among rows of other lengths."""
    alone, among = cache(way), cache(way)
    states = torch.randn(2, SHAPE.layers, 1, SHAPE.kv_heads, 200, SHAPE.head_size)
    for rows, slots in ((alone, [7]), (among, [3, 7, 5])):
        for slot in slots:
            prefill = rows.allocate([slot], 200 if slot == 7 else 10 * slot)
            for layer in range(SHAPE.layers):
                own = states[:, layer, :, :, : prefill.length]
                prefill.write_prompt(layer, *(own if slot == 7 else -own))
            rows.commit(prefill)
    query = torch.randn(3, SHAPE.kv_heads * QUERIES, SHAPE.head_size)
    key, value = torch.randn(2, 3, SHAPE.kv_heads, SHAPE.head_size)
    for layer in range(SHAPE.layers):
        together = among.attend(layer, query, key, value)
        assert torch.equal(alone.attend(layer, query[1:2], key[1:2], value[1:2])[0], together[1])
