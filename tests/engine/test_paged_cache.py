"""The paged cache gives each row its own tokens, through stand-ins for the GPU's kernels."""

from __future__ import annotations

import logging
import random
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache import paged as paged_module
from got_loaders.engine.kv_cache.attention_trial import PAGE_TOKENS, Attention
from got_loaders.engine.kv_cache.base import MAX_QUERIES, CacheShape, Counts, one_each
from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.kv_cache.paged_attention import PagedAttention, paged_attention
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
    window_size: tuple[int, int] = (-1, -1),
    num_splits: int | None = None,
) -> Tensor:
    """What torch documents of its function, row by row."""
    assert cu_seq_q.tolist() == list(range(0, len(query) + 1, max_q))
    assert max_k == block_table.shape[1] * PAGE_TOKENS
    assert seqused_k.dtype is block_table.dtype is cu_seq_q.dtype is torch.int32
    rows = []
    for row, length in enumerate(seqused_k.tolist()):
        pages = block_table[row, : -(-length // PAGE_TOKENS)].long()
        stored = [pool[pages].flatten(0, 1)[:length].transpose(0, 1) for pool in (keys, values)]
        seen = torch.ones(max_q, length, dtype=torch.bool)
        alone = F.scaled_dot_product_attention(
            query[row * max_q : (row + 1) * max_q].transpose(0, 1),
            stored[0],
            stored[1],
            attn_mask=seen.tril(length - max_q) if window_size == (-1, 0) else seen,
            scale=scale,
            enable_gqa=enable_gqa,
        )
        rows.append(alone.transpose(0, 1))
    return torch.cat(rows)


def trial(kernel: Any, rows: int = 20, triton: Any = None) -> PagedAttention | None:
    return paged_attention(
        SHAPE,
        heads=HEADS,
        max_rows=rows,
        max_context=2048 + MAX_QUERIES,
        varlen_attn=kernel,
        triton_attn=triton,
    )


def paged(pages: int, rows: int = 12) -> PagedCache:
    attention = trial(varlen_attn, rows)
    assert attention is not None
    assert attention.max_queries == MAX_QUERIES
    return PagedCache(
        SHAPE,
        attention.attend,
        max_rows=rows,
        max_context=2048,
        max_bytes=pages * PAGE_TOKENS * SHAPE.bytes_per_token,
    )


def check_queries(cache: PagedCache, naive: Naive, queries: int, kept: Counts) -> None:
    """So many tokens for every row: each attends to its row up to itself, and some of them stay."""
    slots = cache.slots
    cache.reserve(np.full(len(slots), queries))
    for layer in range(SHAPE.layers):
        query = torch.randn(len(slots) * queries, HEADS, SHAPE.head_size)
        key, value = torch.randn(2, len(query), SHAPE.kv_heads, SHAPE.head_size)
        ours = cache.attend(layer, query, key, value)
        for index in range(len(query)):
            slot = slots[index // queries]
            alone = naive.attend(layer, slot, query[index], key[index], value[index])
            assert torch.allclose(ours[index], alone, atol=1e-5)
    cache.commit_step(kept)
    for slot, count in zip(slots, kept.tolist(), strict=True):
        for states in (naive.keys[slot], naive.values[slot]):
            states[:] = [stored[:, : stored.shape[1] - queries + count] for stored in states]


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_come_and_go_attend_to_their_own(seed: int) -> None:
    """Whatever the order of joins, steps and leaves, and whichever pages and tokens they get."""
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
            queries = rng.choice([1, 1, 4, 8])
            kept = [rng.randint(1, queries) for _ in cache.slots]
            check_queries(cache, naive, queries, np.array(kept))
    for slot in cache.slots:
        cache.free(slot)
    assert cache.slots == []
    assert len(cache._free_pages) == 12 * 8  # no more than the rows could use


@pytest.mark.parametrize("queries", [1, 4])
def test_rows_beyond_the_batch_harm_nobody(queries: int) -> None:
    """A captured step has more rows than are running; what those write no row reads."""
    torch.manual_seed(0)
    cache, naive = paged(20), Naive()
    join(cache, naive, [0, 1], PAGE_TOKENS - 2)
    cache.reserve(np.full(2, queries))
    query = torch.randn(6 * queries, HEADS, SHAPE.head_size)
    key, value = torch.randn(2, 6 * queries, SHAPE.kv_heads, SHAPE.head_size)
    for layer in range(SHAPE.layers):
        cache.attend(layer, query, key, value)
    check_step(cache, naive)
    check_queries(cache, naive, 4, np.array([2, 3]))


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
        cache.reserve(one_each(cache))
    leave(cache, naive, 2)
    leave(cache, naive, 0)
    check_step(cache, naive)


def test_where_a_draft_has_no_page_one_token_may_have() -> None:
    """A shortage for several tokens of each row leaves everything as it was for one."""
    cache, naive = paged(4), Naive()
    join(cache, naive, [0, 1], PAGE_TOKENS - 3)
    with pytest.raises(torch.OutOfMemoryError, match="2 more pages"):
        cache.reserve(np.full(2, 8))
    assert len(cache._free_pages) == 1
    for _ in range(3):
        check_step(cache, naive)


def test_a_reservation_that_fails_half_way_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages that the device could not be told of are free again, and the rows go on."""
    cache, naive = paged(8), Naive()
    join(cache, naive, [0, 1], PAGE_TOKENS - 3)
    check_step(cache, naive)
    copies = iter([True, False])

    def sometimes(array: Any, device: torch.device) -> Tensor:
        if not next(copies):
            raise torch.OutOfMemoryError("out of memory, says the fake device")
        return torch.from_numpy(array)

    with monkeypatch.context() as patched:
        patched.setattr(paged_module, "to_device", sometimes)
        with pytest.raises(torch.OutOfMemoryError):
            cache.reserve(np.full(2, 8))
    assert len(cache._free_pages) == 5
    check_queries(cache, naive, 8, np.array([8, 1]))
    check_step(cache, naive)


def test_a_row_at_the_end_of_its_context_stays_in_its_pages() -> None:
    """A draft that reaches beyond what the row may keep has its place, and no other row's."""
    cache, naive = paged(40), Naive()
    join(cache, naive, [0, 1], 2048 - MAX_QUERIES)
    check_queries(cache, naive, MAX_QUERIES, np.array([1, 7]))
    with pytest.raises(AssertionError):
        cache.reserve(np.full(2, MAX_QUERIES))


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


def splits_wrongly(query: Tensor, *args: Any, num_splits: int = 0, **options: Any) -> Tensor:
    """What is wrong when told to make one split may be right by chance when it is not told."""
    mixed = varlen_attn(query, *args, **options)
    return torch.zeros_like(mixed) if num_splits == 1 else mixed


def without_pages(
    query: Tensor, keys: Tensor, values: Tensor, cu_seq_q: Tensor, cu_seq_k: Tensor, *args: Any
) -> Tensor:
    """That of torch 2.11."""
    raise AssertionError("called although it takes no pages")


@pytest.mark.parametrize("kernel", [wrong, missing, wrong_for_many, splits_wrongly, without_pages])
def test_a_kernel_that_fails_its_trial_is_not_used(
    kernel: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A torch without the paged kernel, or with a wrong one, leaves the other cache in use."""
    assert trial(kernel) is None
    assert "slower" in caplog.text
    assert f"torch {torch.__version__}, Triton" in caplog.text
    if kernel is without_pages:
        assert "takes no pages (seqused_k, block_table)" in caplog.text


def needs_offsets(*args: Any, **options: Any) -> Tensor:
    if args[4] is None:
        raise RuntimeError("cu_seq_k is required")
    return varlen_attn(*args, **options)


def needs_no_offsets(*args: Any, **options: Any) -> Tensor:
    if args[4] is not None:
        raise RuntimeError("cu_seq_k is not for pages")
    return varlen_attn(*args, **options)


def needs_no_splits(*args: Any, **options: Any) -> Tensor:
    if "num_splits" in options:
        raise TypeError("unexpected keyword argument 'num_splits'")
    return varlen_attn(*args, **options)


def knows_no_splits(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    cu_seq_q: Tensor,
    cu_seq_k: Tensor | None,
    max_q: int,
    max_k: int,
    is_causal: bool = False,
    *,
    scale: float,
    enable_gqa: bool,
    seqused_k: Tensor,
    block_table: Tensor,
) -> Tensor:
    """A release with neither splits nor windows."""
    return varlen_attn(
        query,
        keys,
        values,
        cu_seq_q,
        cu_seq_k,
        max_q,
        max_k,
        scale=scale,
        enable_gqa=enable_gqa,
        seqused_k=seqused_k,
        block_table=block_table,
        window_size=(-1, 0) if is_causal else (-1, -1),
    )


@pytest.mark.parametrize(
    "kernel", [varlen_attn, needs_offsets, needs_no_offsets, needs_no_splits, knows_no_splits]
)
def test_the_kernel_is_called_in_the_way_that_works(kernel: Any) -> None:
    """What releases of torch differ in is found out by asking and trying."""
    attention = trial(kernel)
    assert attention is not None
    assert attention.max_queries == MAX_QUERIES


def sees_what_comes(query: Tensor, *args: Any, window_size: Any, **options: Any) -> Tensor:
    """Not causal: right for one query of a row, not for several."""
    return varlen_attn(query, *args, **options)


def test_a_kernel_for_one_query_serves_one_query() -> None:
    """Where several tokens of a row can't be verified, decoding goes on without drafts."""
    attention = trial(sees_what_comes)
    assert attention is not None
    assert attention.max_queries == 1


def like_triton(shape: CacheShape, *, heads: int) -> Attention:
    """Its own kind of kernel, by what is told of torch's."""
    attention = paged_attention(
        shape, heads=heads, max_rows=20, max_context=2048, varlen_attn=varlen_attn
    )
    assert attention is not None
    return attention.attend


def no_compiler(shape: CacheShape, *, heads: int) -> Attention:
    def fail(*args: Any) -> Tensor:
        raise RuntimeError("Failed to find C compiler.")

    return fail


def not_installed(shape: CacheShape, *, heads: int) -> Attention:
    raise ModuleNotFoundError("No module named 'triton'")


def test_triton_comes_first(caplog: pytest.LogCaptureFixture) -> None:
    """Our own kernel needs no release of torch; what is used is said, with versions."""
    caplog.set_level(logging.INFO)
    attention = trial(without_pages, triton=like_triton)
    assert attention is not None
    assert (attention.name, attention.max_queries) == ("Triton", MAX_QUERIES)
    assert "attention over pages by Triton, 8 queries a row" in caplog.text
    assert f"torch {torch.__version__}" in caplog.text


@pytest.mark.parametrize(
    ("triton", "why"),
    [
        (no_compiler, "Triton can't be used: RuntimeError: Failed to find C compiler."),
        (not_installed, "Triton can't be used: ModuleNotFoundError: No module named 'triton'"),
        (lambda shape, *, heads: None, "Triton has no kernel for torch.float32 heads of 4"),
        (lambda shape, *, heads: wrong, "Triton gives wrong results"),
    ],
)
def test_torch_comes_second(triton: Any, why: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without Triton, or where it can't compile, torch's kernel is used, and it is said why."""
    caplog.set_level(logging.INFO)
    attention = trial(varlen_attn, triton=triton)
    assert attention is not None
    assert attention.name == "torch's varlen_attn"
    assert why in caplog.text


def test_where_there_is_neither_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """A warning names both, why they are not used, and the releases that are installed."""
    assert trial(without_pages, triton=not_installed) is None
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    for what in ("No module named 'triton'", "takes no pages", torch.__version__, "slower"):
        assert what in record.getMessage()


def test_a_shortage_of_memory_is_no_verdict() -> None:
    """Out of memory while a kernel is tried says nothing of the kernel, and is raised."""

    def full(*args: Any, **options: Any) -> Tensor:
        raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        trial(full)


def test_the_cpu_has_no_paged_attention() -> None:
    """Without a GPU the question does not even arise."""
    assert paged_attention(SHAPE, heads=HEADS, max_rows=4, max_context=2048) is None
