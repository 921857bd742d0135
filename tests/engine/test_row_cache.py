"""Rows in arrays of their own, read by compiled attention, attend to their own tokens only."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import CacheShape
from got_loaders.engine.numba_cpu.row_attention import RowAttention, row_attention
from got_loaders.engine.numba_cpu.row_cache import RowCache
from tests.engine.test_segmented_cache import (
    QUERIES,
    SHAPE,
    Naive,
    check_step,
    check_steps,
    join,
    leave,
)

pytest.importorskip("numba")


def attention(shape: CacheShape = SHAPE, queries: int = QUERIES) -> RowAttention:
    found = row_attention(shape, heads=shape.heads * queries)
    assert found is not None
    return found


def cache(max_tokens: int | None = None) -> RowCache:
    room = None if max_tokens is None else max_tokens * SHAPE.bytes_per_token
    return RowCache(SHAPE, attention(), max_bytes=room)


@pytest.mark.parametrize("seed", range(6))
def test_rows_that_come_and_go_attend_to_their_own(seed: int) -> None:
    """Whatever the order of joins, steps and leaves, and however long the rows are."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    rows, naive, next_slot = cache(), Naive(), 0
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


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    ("size", "queries"), [(16, 1), (48, 1), (64, 1), (64, 7), (10, 2), (128, 4)]
)
def test_heads_of_any_size_in_both_number_formats(
    dtype: torch.dtype, size: int, queries: int
) -> None:
    """The attention of one row is torch's, to what the number format can tell apart."""
    shape = replace(SHAPE, head_size=size, scale=size**-0.5, dtype=dtype)
    rows, length = RowCache(shape, attention(shape, queries)), 300
    prompts = rows.begin([0], length)
    stored = torch.randn(2, shape.layers, 1, shape.heads, length, size).to(dtype)
    for layer in range(shape.layers):
        prompts.write_prompt(layer, stored[0, layer], stored[1, layer])
    rows.join(prompts)
    query = torch.randn(1, shape.heads * queries, size).to(dtype)
    key, value = torch.randn(2, 1, shape.heads, size).to(dtype)
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


def test_great_logits_neither_overflow_nor_vanish() -> None:
    """A column whose logit is far above the others takes all, wherever it stands."""
    rows, attend = cache(), attention()
    for place in (0, 5, 127, 128, 299):
        prompts = rows.begin([place], 300)
        for layer in range(SHAPE.layers):
            keys = torch.full((1, SHAPE.heads, 300, SHAPE.head_size), -300.0)
            keys[:, :, place] = 300.0
            values = torch.arange(300.0).view(1, 1, 300, 1).expand_as(keys)
            prompts.write_prompt(layer, keys, values)
        rows.join(prompts)
    count = len(rows.slots)
    query = torch.full((count, SHAPE.heads * QUERIES, SHAPE.head_size), 10.0)
    key = value = torch.zeros(count, SHAPE.heads, SHAPE.head_size)
    mixed = attend(0, query, key, value, rows.table)
    expected = torch.tensor(rows.slots).float()[:, None].expand_as(mixed)
    assert torch.allclose(mixed, expected, atol=1e-30)


def test_a_bound_on_its_memory_holds() -> None:
    """Neither a new row nor a growing one takes more; what was there stays as it was."""
    rows, naive = cache(max_tokens=2 * 228 + 50), Naive()
    join(rows, naive, [0, 1], 100)
    with pytest.raises(torch.OutOfMemoryError, match="there is room for 506"):
        rows.begin([2], 100)
    assert rows.allocated == 2 * 228
    check_steps(rows, naive, 128)
    with pytest.raises(torch.OutOfMemoryError):
        rows.reserve()
    leave(rows, naive, 0)
    check_steps(rows, naive, 3)


def test_a_token_without_room_is_an_error_not_a_wild_write() -> None:
    """Compiled code checks no address, so what calls it does."""
    rows, naive = cache(), Naive()
    join(rows, naive, [0], 10)
    check_steps(rows, naive, 128)
    query, key = torch.zeros(1, SHAPE.heads * QUERIES, 4), torch.zeros(1, SHAPE.heads, 4)
    with pytest.raises(AssertionError):
        rows.attend(0, query, key, key)
    rows.reserve()
    rows.attend(0, query, key, key)
    with pytest.raises(AssertionError):
        rows.attend(0, query.expand(2, -1, -1), key.expand(2, -1, -1), key.expand(2, -1, -1))


def test_prompts_that_do_not_run_give_their_room_back() -> None:
    """Discarded prompts leave nothing behind, and released rows neither."""
    rows, naive = cache(), Naive()
    rows.discard(rows.begin([0, 1], 50))
    assert rows.allocated == 0
    join(rows, naive, [5, 6], 50)
    leave(rows, naive, 5)
    rows.release(99)
    check_step(rows, naive)
    assert rows.slots == [6]
    rows.clear()
    assert rows.slots == []
    assert rows.allocated == 0


def test_a_long_running_row_grows_in_few_steps() -> None:
    """A row's array is copied a few times in a thousand tokens, and has little to spare."""
    rows, naive = cache(), Naive()
    join(rows, naive, [0], 10)
    rooms = set()
    for _ in range(1000):
        rows.reserve()
        rows.advance()
        rooms.add(rows.allocated)
    assert len(rooms) < 10
    assert rows.allocated < 1.3 * 1010
