"""Attention over pages, alone: how fast each kernel reads keys and values, and whether it is right.

Rows of equal length with 1, 4 or 8 queries each, of the published model's sizes: 16 heads of 64.
Read are ``rows · tokens · 2 · heads · size`` numbers, however many queries there are; so a kernel
that reads them once for all of them has the same GB/s for 8 queries as for one. Layers with pages
of their own are gone through in turn, so that no cache of the device holds what is read.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from benchmarks._ceilings import median_seconds
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.gpu_tests import is_broken
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings
from benchmarks.gpu_day.stage_main import one_line
from got_loaders.engine.kv_cache.attention_trial import PAGE_TOKENS, Attention, AttentionTrial
from got_loaders.engine.kv_cache.base import CacheShape
from got_loaders.engine.kv_cache.varlen_attention import varlen_attention
from got_loaders.engine.triton_gpu.attention import triton_attention

HEADS, SIZE = 16, 64
LAYERS_BYTES = 1 << 30
"""So many bytes of keys and values are gone through, many times what an L2 cache holds."""
MOST_LAYERS = 24
CHECKED_ROWS = 3
FAR = {"bfloat16": 0.05, "float16": 0.05, "float32": 1e-3}
"""A kernel that is farther from torch's attention than this is wrong: outputs are about 0.1."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of so many tokens, the queries' own among them, in pages in any order."""

    rows: int
    tokens: int
    queries: int
    query: Tensor
    pools: Tensor
    lengths: Tensor
    table: Tensor

    @property
    def bytes_read(self) -> int:
        """Of keys and values, in one layer."""
        return self.rows * self.tokens * 2 * HEADS * SIZE * self.query.dtype.itemsize


def run(settings: Settings, results: Results, deadline: Deadline) -> None:
    """Every kernel for all rows and queries, the most telling first; raises if one is wrong."""
    device, dtype = torch.device(settings.device), getattr(torch, settings.dtype)
    shape = CacheShape(1, HEADS, SIZE, SIZE**-0.5, device, dtype)
    rows, tokens = (max(sizes) for sizes in zip(*settings.kernels, strict=True))
    trial = AttentionTrial(shape, HEADS, rows, tokens)
    kernels = {name: _made(make, trial) for name, make in _KERNELS}
    cells: list[dict[str, Any]] = []
    results.add(cells=cells)
    for rows, tokens in settings.kernels:
        for queries in settings.queries:
            batch = make_batch(shape, rows, tokens, queries)
            for name, kernel in kernels.items():
                if not deadline.left:
                    raise TimeoutError(f"out of time after {len(cells)} cells")
                cell = {"kernel": name, "rows": rows, "tokens": tokens, "queries": queries}
                cells.append(cell | _measured(kernel, shape, batch))
                results.add(cells=cells)
    far = FAR[settings.dtype]
    wrong = {cell["kernel"] for cell in cells if not cell.get("error", 0.0) <= far}
    if wrong:
        raise RuntimeError(f"farther than {far} from torch's attention: {', '.join(sorted(wrong))}")


def make_batch(shape: CacheShape, rows: int, tokens: int, queries: int) -> Batch:
    """Random numbers; the pages of each row stand in any order."""
    per_row = -(-tokens // PAGE_TOKENS)
    generator = torch.Generator().manual_seed(0)
    table = torch.randperm(rows * per_row, generator=generator, dtype=torch.int32)
    bytes_of_one = 2 * rows * per_row * PAGE_TOKENS * HEADS * SIZE * shape.dtype.itemsize
    on_gpu = shape.device.type == "cuda"
    layers = max(1, min(MOST_LAYERS, LAYERS_BYTES // bytes_of_one)) if on_gpu else 1
    sizes = (layers, 2, rows * per_row, PAGE_TOKENS, HEADS, SIZE)
    return Batch(
        rows=rows,
        tokens=tokens,
        queries=queries,
        query=torch.randn(rows * queries, HEADS, SIZE, device=shape.device).to(shape.dtype),
        pools=torch.randn(sizes, device=shape.device, dtype=shape.dtype),
        lengths=torch.full((rows,), tokens, dtype=torch.int32, device=shape.device),
        table=table.view(rows, per_row).to(shape.device),
    )


def plain(
    query: Tensor, keys: Tensor, values: Tensor, lengths: Tensor, table: Tensor, scale: float
) -> Tensor:
    """An :data:`Attention` of as many calls of torch's as there are rows."""
    outputs, queries = [], len(query) // len(lengths)
    for row, length in enumerate(lengths.tolist()):
        pages = table[row].long()
        own_keys, own_values = (
            pool[pages].flatten(0, 1)[:length].transpose(0, 1) for pool in (keys, values)
        )
        own = query[row * queries : (row + 1) * queries].transpose(0, 1)
        seen = torch.ones(queries, length, dtype=torch.bool, device=query.device)
        seen = seen.tril(length - queries)
        mixed = F.scaled_dot_product_attention(
            own, own_keys, own_values, attn_mask=seen, scale=scale
        )
        outputs.append(mixed.transpose(0, 1))
    return torch.cat(outputs)


def _made(make: Callable[[AttentionTrial], Attention | str], trial: AttentionTrial) -> Any:
    """The kernel, or why there is none."""
    try:
        return make(trial)
    except Exception as error:
        if is_broken(str(error)):  # nothing more can run in this process
            raise
        return one_line(error)


def _measured(kernel: Attention | str, shape: CacheShape, batch: Batch) -> dict[str, object]:
    """Seconds, bytes a second, the largest error; or a note that says why there are none."""
    if isinstance(kernel, str):
        return {"note": kernel}
    try:
        error = _error(kernel, shape, batch)
        seconds, graph = _seconds(kernel, shape, batch)
    except Exception as failure:
        if is_broken(str(failure)):
            raise
        return {"note": one_line(failure)}
    speed = batch.bytes_read / seconds
    return {"seconds": seconds, "bytes_per_second": speed, "error": error, "graph": graph}


def _seconds(kernel: Attention, shape: CacheShape, batch: Batch) -> tuple[float, bool]:
    """Of one layer, and whether all layers were replayed as one CUDA graph, as in the engine.

    Without a graph the host's time to launch a kernel is in it.
    """

    def layers() -> None:
        for keys, values in batch.pools:
            kernel(batch.query, keys, values, batch.lengths, batch.table, shape.scale)

    replay, recorded, on_gpu = layers, False, shape.device.type == "cuda"
    if on_gpu:
        layers()
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                layers()
            replay, recorded = graph.replay, True
        except RuntimeError as error:
            print(f"no graph: {one_line(error)}", flush=True)
    seconds = median_seconds(replay, str(shape.device), repeats=20 if on_gpu else 2)
    return seconds / len(batch.pools), recorded


def _error(kernel: Attention, shape: CacheShape, batch: Batch) -> float:
    """The largest difference from torch's attention, on a few rows."""
    keys, values = batch.pools[0]
    rows = min(CHECKED_ROWS, batch.rows)
    own = batch.query[: rows * batch.queries]
    theirs = plain(own, keys, values, batch.lengths[:rows], batch.table[:rows], shape.scale)
    ours = kernel(batch.query, keys, values, batch.lengths, batch.table, shape.scale)
    return float((ours[: len(own)].float() - theirs.float()).abs().max())


def _triton(trial: AttentionTrial) -> Attention | str:
    """Not tried beforehand: if it is wrong, it is to be seen by how much."""
    kernel = triton_attention(trial.shape, heads=trial.heads)
    return "it is not made for these sizes" if kernel is None else kernel


def _varlen_attn(trial: AttentionTrial) -> Attention | str:
    module: Any = importlib.import_module("torch.nn.attention.varlen")
    attend, reason = varlen_attention(module.varlen_attn, trial)
    return reason if attend is None else attend


def _row_by_row(trial: AttentionTrial) -> Attention | str:
    """Stands in for a paged kernel where there can be none."""
    return "for a CPU" if trial.shape.device.type == "cuda" else plain


_KERNELS = (("Triton", _triton), ("varlen_attn", _varlen_attn), ("row by row", _row_by_row))
