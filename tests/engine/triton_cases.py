"""What our Triton kernels promise; ``test_triton_gpu`` runs this file in a process of its own.

Triton decides when it is imported whether it compiles for a GPU or interprets in numpy, so this
can't be asked of a process that other tests use. In the interpreter ``TRITON_INTERPRET`` is 1.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import CacheShape
from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.sampler import greedy_sample
from got_loaders.engine.triton_gpu.attention import triton_attention
from got_loaders.engine.triton_gpu.sampler import TritonSampler, matches_torch
from tests.engine.test_paged_cache import HEADS, check_queries
from tests.engine.test_row_cache import SHAPE, Naive, join

PAGE_TOKENS = 256
DEVICE = torch.device("cpu" if os.environ.get("TRITON_INTERPRET") == "1" else "cuda")
BF16, FP16, FP32 = torch.bfloat16, torch.float16, torch.float32


def shape_of(dtype: torch.dtype, *, kv_heads: int = 1, size: int = 64) -> CacheShape:
    return CacheShape(1, kv_heads, size, size**-0.5, DEVICE, dtype)


class Batch:
    """Rows in pages in any order, all with as many queries; ``heads`` for each key-value head."""

    def __init__(self, shape: CacheShape, lengths: list[int], queries: int, heads: int = 1) -> None:
        self.shape, self.lengths, self.queries = shape, lengths, queries
        self.heads = heads * shape.kv_heads
        columns = [-(-length // PAGE_TOKENS) for length in lengths]
        pages = sum(columns) + 3  # some belong to others
        pools = torch.randn(2, pages, PAGE_TOKENS, shape.kv_heads, shape.head_size)
        self.keys, self.values = pools.to(DEVICE, shape.dtype)
        query = torch.randn(len(lengths) * queries, self.heads + 1, shape.head_size)
        self.query = query.to(DEVICE, shape.dtype)[:, : self.heads]  # beside keys, as in the model
        self.table = torch.zeros(len(lengths), 13, dtype=torch.int32)
        free = torch.randperm(pages).tolist()
        for row, count in enumerate(columns):
            self.table[row, :count] = torch.tensor([free.pop() for _ in range(count)])

    def attend(self) -> Tensor:
        kernel = triton_attention(self.shape, heads=self.heads)
        assert kernel is not None
        lengths = torch.tensor(self.lengths, dtype=torch.int32, device=DEVICE)
        table, scale = self.table.to(DEVICE), self.shape.scale
        return kernel(self.query, self.keys, self.values, lengths, table, scale)

    def plain(self) -> Tensor:
        """What torch gives each row alone, in float32."""
        outputs = []
        for row, length in enumerate(self.lengths):
            pages = self.table[row, : -(-length // PAGE_TOKENS)].long()
            keys, values = (
                pool[pages.to(DEVICE)].flatten(0, 1)[:length].transpose(0, 1).float()
                for pool in (self.keys, self.values)
            )
            own = self.query[row * self.queries : (row + 1) * self.queries].float()
            seen = torch.ones(self.queries, length, dtype=torch.bool, device=DEVICE)
            mixed = F.scaled_dot_product_attention(
                own.transpose(0, 1),
                keys,
                values,
                attn_mask=seen.tril(length - self.queries),
                scale=self.shape.scale,
                enable_gqa=True,
            )
            outputs.append(mixed.transpose(0, 1))
        return torch.cat(outputs)

    def check(self) -> None:
        ours, plain = self.attend(), self.plain()
        close = 1e-5 if self.shape.dtype is FP32 else 0.02
        assert ours.dtype is self.shape.dtype
        assert torch.allclose(ours.float(), plain, atol=close, rtol=close)

    def only(self, row: int) -> Batch:
        """The row alone, from the same pages."""
        alone = Batch(self.shape, [self.lengths[row]], self.queries, self.heads)
        alone.heads, alone.keys, alone.values = self.heads, self.keys, self.values
        alone.query = self.query[row * self.queries : (row + 1) * self.queries]
        alone.table = self.table[row : row + 1]
        return alone


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(("dtype", "queries"), [(BF16, 8), (FP32, 1)], ids=str)
def test_rows_get_plain_attention(dtype: torch.dtype, queries: int) -> None:
    """Of 1 to 3,000 tokens, in pages in any order, one query or several."""
    Batch(shape_of(dtype), [queries, 63, 64, 65, 257, 3000], queries).check()


@pytest.mark.parametrize(
    ("size", "kv_heads", "group", "dtype"),
    [(48, 2, 1, FP16), (64, 1, 3, BF16), (16, 3, 1, FP32), (128, 1, 1, BF16)],
)
def test_heads_of_other_sizes_and_groups(
    size: int, kv_heads: int, group: int, dtype: torch.dtype
) -> None:
    """Heads need not have 64 numbers, nor keys of their own."""
    Batch(shape_of(dtype, kv_heads=kv_heads, size=size), [4, 130], 4, group).check()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [BF16, FP16, FP32], ids=str)
@pytest.mark.parametrize("queries", range(1, 9))
def test_rows_of_any_length(dtype: torch.dtype, queries: int) -> None:
    """No length of a row, of those around tiles and pages, is read wrongly."""
    edges = [edge + more for edge in (64, 128, 512, 576, 1024) for more in (-1, 0, 1, queries)]
    Batch(shape_of(dtype, kv_heads=2), [queries, *edges], queries, 2).check()


def test_no_row_s_numbers_depend_on_the_others() -> None:
    """A row's attention is the same to the bit, alone and among rows of other lengths."""
    batch = Batch(shape_of(BF16), [700, 5, 64], 3)
    among = batch.attend()
    for row in range(3):
        alone = batch.only(row).attend()
        assert torch.equal(alone, among[row * 3 : row * 3 + 3])


def test_a_query_s_numbers_do_not_depend_on_those_behind_it() -> None:
    """A token that is verified gets, to the bit, what it would get if it were brought alone."""
    batch = Batch(shape_of(BF16), [580], 8)
    together = batch.attend()
    for query in (0, 3, 7):
        alone = batch.only(0)
        alone.queries, alone.lengths = 1, [580 - 7 + query]
        alone.query = batch.query[query : query + 1]
        assert torch.equal(alone.attend(), together[query : query + 1])


def test_what_lies_behind_a_row_s_end_is_not_read() -> None:
    """A page may hold what a row that failed has left there, also if it is not a number."""
    batch = Batch(shape_of(FP32), [70], 2)
    expected = batch.attend()
    page = int(batch.table[0, 0])
    batch.keys[page, 70:] = batch.values[page, 70:] = float("nan")
    assert torch.equal(batch.attend(), expected)
    batch.values[page, 3, 0, 0] = float("inf")
    assert not batch.attend().isfinite().all()


def test_great_scores_neither_overflow_nor_vanish() -> None:
    """A token whose score is far above the others takes all, wherever it stands."""
    batch = Batch(shape_of(FP32), [300], 1)
    batch.keys[:] = -30.0
    batch.query[:] = 10.0
    for place in (0, 64, 299):
        page = int(batch.table[0, place // PAGE_TOKENS])
        batch.keys[page, place % PAGE_TOKENS] = 30.0
        expected = batch.values[page, place % PAGE_TOKENS]
        assert torch.allclose(batch.attend()[0], expected)
        batch.keys[page, place % PAGE_TOKENS] = -30.0


def test_a_cache_in_pages_goes_by_it() -> None:
    """Rows over several steps, drafts accepted and not, get what each would get alone."""
    shape = replace(SHAPE, device=DEVICE)
    kernel = triton_attention(shape, heads=HEADS)
    assert kernel is not None
    room = {"max_rows": 3, "max_context": 1024, "max_bytes": 1 << 30}
    cache, naive = PagedCache(shape, kernel, **room), Naive()
    with torch.device(DEVICE):
        join(cache, naive, [4, 7], 62)
        check_queries(cache, naive, 4, np.array([3, 1]))
        check_queries(cache, naive, 1, np.array([1, 1]))


def test_what_it_would_read_wrongly_is_an_error() -> None:
    """More queries than a product has rows for, or pages that cut a tile, are no wild reads."""
    with pytest.raises(AssertionError):
        Batch(shape_of(FP32), [20], 9).attend()
    small = Batch(shape_of(FP32), [20], 1)
    small.keys, small.values = small.keys[:, :32].contiguous(), small.values[:, :32].contiguous()
    with pytest.raises(AssertionError):
        small.attend()


def test_sizes_that_are_not_its_own_are_refused() -> None:
    """Another number format, heads too large or uneven groups leave the question to others."""
    assert triton_attention(shape_of(torch.float64), heads=2) is None
    assert triton_attention(shape_of(BF16, size=512), heads=2) is None
    assert triton_attention(replace(shape_of(BF16), kv_heads=2), heads=3) is None


@pytest.mark.parametrize("dtype", [BF16, FP16, FP32], ids=str)
def test_the_choice_is_torch_s(dtype: torch.dtype) -> None:
    """The first of the most probable tokens, and how probable it is."""
    sampler = TritonSampler()
    for vocabulary in (1, 4096, 9001):
        wide = 3 * torch.randn(3, vocabulary + vocabulary % 2 * 5)  # in memory, row after row
        logits = wide.to(DEVICE, dtype)[:, :vocabulary]
        logits[1, [-1, vocabulary // 2]] = 20.0  # the first of two
        ours, torchs = sampler(logits), greedy_sample(logits.float().cpu())
        assert torch.equal(ours.tokens.cpu(), torchs.tokens)
        assert ours.tokens.dtype is torch.long
        assert torch.allclose(ours.probabilities.cpu(), torchs.probabilities, rtol=1e-4)
    assert matches_torch(sampler, DEVICE, dtype)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, where it stands in for a GPU
@pytest.mark.parametrize("what", ["nan", "inf", "all -inf", "all nan"])
def test_logits_that_are_not_finite_are_seen(what: str) -> None:
    """One wrong number makes its position's probability one that is not finite, no other's."""
    logits = torch.randn(2, 5000, device=DEVICE)
    value = float(what.removeprefix("all "))
    logits[0, slice(None) if what.startswith("all") else slice(4321, 4322)] = value
    choice = TritonSampler()(logits)
    assert choice.probabilities.isfinite().tolist() == [False, True]
    assert 0 <= int(choice.tokens[0]) < 5000


def test_what_can_not_be_right_for_tokens_is_torch_s() -> None:
    """A logit of minus infinity is a token that is ruled out, and a great vocabulary is torch's."""
    sampler = TritonSampler()
    logits = torch.randn(2, 5000, device=DEVICE)
    logits[:, :4500] = float("-inf")
    expected = greedy_sample(logits)
    assert torch.equal(sampler(logits).tokens, expected.tokens)
    assert torch.allclose(sampler(logits).probabilities, expected.probabilities)
    large = torch.zeros(1, 300_000, device=DEVICE)
    large[0, 290_000] = 1.0
    assert sampler(large).tokens.tolist() == [290_000]
