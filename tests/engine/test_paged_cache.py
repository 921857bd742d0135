"""The paged cache gives each row its own tokens, through a stand-in for the GPU's kernel."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.kv_cache.paged_attention import PAGE_TOKENS, Attention, paged_attention
from tests.engine.test_row_cache import QUERIES, SHAPE, Naive, check_step, join, leave

HEADS = SHAPE.kv_heads * QUERIES


def varlen_attn(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    cu_seq_q: Tensor,
    cu_seq_k: Tensor | None,
    max_q: int,
    max_k: int,
    *,
    scale: float,
    enable_gqa: bool,
    seqused_k: Tensor,
    block_table: Tensor,
    num_splits: int | None = None,
) -> Tensor:
    """What torch documents of its function, row by row."""
    assert cu_seq_q.tolist() == list(range(len(query) + 1))
    assert (max_q, max_k) == (1, block_table.shape[1] * PAGE_TOKENS)
    assert seqused_k.dtype is block_table.dtype is torch.int32
    rows = []
    for row, length in enumerate(seqused_k.tolist()):
        pages = block_table[row, : -(-length // PAGE_TOKENS)].long()
        stored = [pool[pages].flatten(0, 1)[:length].transpose(0, 1) for pool in (keys, values)]
        alone = F.scaled_dot_product_attention(
            query[row][:, None], stored[0], stored[1], scale=scale, enable_gqa=enable_gqa
        )
        rows.append(alone[:, 0])
    return torch.stack(rows)


def trial(kernel: Any, rows: int = 20) -> Attention | None:
    return paged_attention(SHAPE, heads=HEADS, max_rows=rows, max_context=2048, varlen_attn=kernel)


def paged(pages: int, rows: int = 12) -> PagedCache:
    attention = trial(varlen_attn, rows)
    assert attention is not None
    return PagedCache(
        SHAPE,
        attention,
        max_rows=rows,
        max_context=2048,
        max_bytes=pages * PAGE_TOKENS * SHAPE.bytes_per_token,
    )


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_come_and_go_attend_to_their_own(seed: int) -> None:
    """Whatever the order of joins, steps and leaves, and whichever pages they get."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    cache, naive, next_slot = paged(200), Naive(), 0
    for _ in range(80):
        if rng.random() < 0.2 and len(naive.keys) < 9:
            count = rng.randint(1, 3)
            slots = list(range(next_slot, next_slot + count))
            next_slot += count
            join(cache, naive, slots, rng.choice([1, 30, PAGE_TOKENS - 3, PAGE_TOKENS, 600]))
        if naive.keys and rng.random() < 0.15:
            leave(cache, naive, rng.choice(list(naive.keys)))
        if naive.keys:
            check_step(cache, naive)
    for slot in cache.slots:
        cache.free(slot)
    assert cache.slots == []
    assert len(cache._free_pages) == 12 * 8  # no more than the rows could use


def test_rows_beyond_the_batch_harm_nobody() -> None:
    """A recorded step has more rows than are running; what those write no row reads."""
    torch.manual_seed(0)
    cache, naive = paged(20), Naive()
    join(cache, naive, [0, 1], 40)
    cache.reserve()
    query = torch.randn(6, HEADS, SHAPE.head_size)
    key, value = torch.randn(2, 6, SHAPE.kv_heads, SHAPE.head_size)
    for layer in range(SHAPE.layers):
        cache.attend(layer, query, key, value)
    check_step(cache, naive)


def test_pages_are_given_back() -> None:
    """Prompts that fail and rows that leave cost nothing in the end; a full pool says so."""
    cache, naive = paged(5), Naive()  # four pages beside page 0
    prompts = cache.allocate([0, 1], PAGE_TOKENS + 1)
    with pytest.raises(torch.OutOfMemoryError, match="1 more pages"):
        cache.allocate([2], 1)
    cache.abort(prompts)
    join(cache, naive, [0, 1, 2, 3], PAGE_TOKENS - 1)
    check_step(cache, naive)
    with pytest.raises(torch.OutOfMemoryError, match="4 more pages"):
        cache.reserve()
    leave(cache, naive, 2)
    leave(cache, naive, 0)
    check_step(cache, naive)


def test_memory_for_less_than_a_row_is_refused() -> None:
    """A pool that could hold nothing is an error when the engine is made."""
    with pytest.raises(torch.OutOfMemoryError, match="two pages"):
        paged(1)


def wrong(query: Tensor, *args: Any, **options: Any) -> Tensor:
    return torch.zeros_like(query)


def missing(*args: Any, **options: Any) -> Tensor:
    raise NotImplementedError("no such kernel")


def wrong_for_many(query: Tensor, *args: Any, **options: Any) -> Tensor:
    mixed = varlen_attn(query, *args, **options)
    return mixed if len(query) < 5 else mixed[:1].expand_as(query)


@pytest.mark.parametrize("kernel", [wrong, missing, wrong_for_many])
def test_a_kernel_that_fails_its_trial_is_not_used(
    kernel: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A torch without the paged kernel, or with a wrong one, leaves the other cache in use."""
    assert trial(kernel) is None
    assert "slower" in caplog.text


def needs_offsets(*args: Any, **options: Any) -> Tensor:
    if args[4] is None:
        raise RuntimeError("cu_seq_k is required")
    return varlen_attn(*args, **options)


def needs_no_splits(*args: Any, **options: Any) -> Tensor:
    if "num_splits" in options:
        raise TypeError("unexpected keyword argument 'num_splits'")
    return varlen_attn(*args, **options)


def splits_wrongly(query: Tensor, *args: Any, num_splits: int = 0, **options: Any) -> Tensor:
    mixed = varlen_attn(query, *args, **options)
    return mixed if num_splits == 1 else torch.zeros_like(mixed)


@pytest.mark.parametrize("kernel", [needs_offsets, needs_no_splits, splits_wrongly])
def test_the_kernel_is_called_in_the_way_that_works(kernel: Any) -> None:
    """What releases of torch differ in is found out by trying."""
    assert trial(kernel) is not None


def test_the_cpu_has_no_paged_attention() -> None:
    """Without a GPU the question does not even arise."""
    assert paged_attention(SHAPE, heads=HEADS, max_rows=4, max_context=2048) is None
