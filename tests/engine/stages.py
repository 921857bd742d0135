"""An engine whose every stage can be made to fail, and 32 threads that use it at the same time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.kv_cache.row_cache import RowCache
from got_loaders.engine.model.loader import LoadedModel
from got_loaders.engine.numba_cpu.row_attention import CompiledAttention
from got_loaders.engine.runner.decode_backends import DecodeBackend, eager_backend
from got_loaders.engine.runner.model_runner import ModelRunner
from got_loaders.engine.sampler import SamplerOutput
from got_loaders.engine.step_loop import EngineLoop
from got_loaders.errors import EngineDeadError
from got_loaders.types import OcrRequest, OcrResult

WAIT = 60
REQUESTS = 32
"""One by each of as many threads."""

Readings = Sequence[tuple[OcrRequest, tuple[int, ...]]]
"""Requests, and the tokens that each of them is to get."""

Way = Literal["compiled", "eager", "ahead", "paged"]
"""How the model runs: as on a CPU, by compiled attention or torch's, a step ahead of its tokens, or
that and in a GPU's pages.

But for "ahead" there is room for some of the pages that would decode together, not all.
"""

ROOM = 3000
"""Tokens that there is room for in rows."""
PAGES, PAGE_TOKENS = 9, 256
"""The same in pages, one of them nobody's."""


class Faults:
    """Makes ``stages`` fail with ``error()``: their call number ``at``, and a ``share`` of others.

    ``unless`` says when they may not; ``before`` is called first. What was raised is kept.
    """

    def __init__(
        self,
        error: Callable[[], BaseException],
        *stages: str,
        at: int = 0,
        share: float = 0.0,
        seed: object = 0,
    ) -> None:
        self.stages = stages
        self.unless: Callable[[], bool] = lambda: False
        self.before: Callable[[], object] = lambda: None
        self.raised: list[BaseException] = []
        self._error, self._share, self._at = error, share, at
        self._rng = random.Random(str(seed))
        self._calls = count(1)

    def __call__(self, stage: str) -> None:
        """Raise, or not; the threads that prepare images call it too."""
        if stage not in self.stages or self.unless():
            return
        if next(self._calls) == self._at or self._rng.random() < self._share:
            self.before()
            self.raised.append(self._error())
            raise self.raised[-1]


class StagedEngine(LocalEngine):
    """The embedded model on the CPU; each of ``faults`` is called before each stage."""

    def __init__(self, *faults: Faults, way: Way = "eager", max_batch_size: int = 8) -> None:
        self.faults, self.way = faults, way
        super().__init__(EngineConfig(model="tiny", device="cpu", max_batch_size=max_batch_size))

    @property
    def running(self) -> int:
        """How many sequences decode together."""
        return len(self._loop._scheduler.running)

    @property
    def leftover(self) -> tuple[int, int]:
        """Rows that the cache still has, and the room that it has not given back."""
        cache = self._model_runner._backend.cache
        if isinstance(cache, PagedCache):
            return len(cache.slots), PAGES - 1 - len(cache._free_pages)
        assert isinstance(cache, RowCache)
        return len(cache.slots), cache.allocated

    def _new_loop(self, loaded: LoadedModel, device: str) -> EngineLoop:
        loop = super()._new_loop(loaded, device)
        assert isinstance(loop._runner, ModelRunner)
        runner = self._model_runner = loop._runner
        runner._async_scheduling = self.way in ("ahead", "paged")
        runner._state._own_drafts = not runner._async_scheduling
        runner._backend = _backend(runner, self.way)
        cache = runner._backend.cache
        for stage, owner, name in (
            ("prepare", self._preprocessor, "prepare"),
            ("encode", runner._vision, "encode"),
            ("allocate", cache, "allocate"),
            ("prefill", runner._decoder, "prefill"),
            ("commit", cache, "commit"),
            ("reserve", cache, "reserve"),
            ("decode", runner._decoder, "decode"),
            ("attend", cache, "attend"),
            ("index", runner._inputs, "_index"),
            ("row", cache, "_allocate_row"),
            ("free", cache, "free"),
            ("text", loop, "_decode_text"),
        ):
            if hasattr(owner, name):  # pages are taken from what is there
                setattr(owner, name, self._staged(stage, getattr(owner, name)))
        step = self._staged("step", runner._backend.step)
        runner._backend = replace(runner._backend, step=step)
        return loop

    def _staged(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def staged(*args: Any, **options: Any) -> Any:
            for fault in self.faults:
                fault(stage)
            result = call(*args, **options)
            return _Uncopied(self._staged, result) if stage == "step" else result

        return staged


@dataclass(slots=True)
class Outcomes:
    """What became of the requests. ``refused`` raised in submit; the ``right`` got their tokens."""

    right: int = 0
    cancelled: int = 0
    refused: int = 0
    failed: list[BaseException] = field(default_factory=list)


def storm(
    engine: LocalEngine,
    readings: Readings,
    *,
    seed: object,
    impatience: float = 0.0,
    meanwhile: Callable[[], object] = lambda: None,
) -> Outcomes:
    """32 threads with a request each; a share of ``impatience`` is cancelled, sooner or later.

    Asserts that every Future is answered within a minute, and every result right.
    """
    asked: list[tuple[Future[OcrResult], tuple[int, ...]]] = []
    outcomes, lock = Outcomes(), threading.Lock()

    def work(number: int) -> None:
        rng = random.Random(f"{seed} {number}")
        request, tokens = rng.choice(readings)
        time.sleep(rng.uniform(0, 0.2))
        try:
            future = engine.submit(request)
        except EngineDeadError:
            with lock:
                outcomes.refused += 1
            return
        asked.append((future, tokens))
        if rng.random() < impatience:
            wait([future], timeout=rng.choice([0, rng.uniform(0, 0.5)]))
            future.cancel()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(REQUESTS)]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive(), "submit hangs"
    unanswered = wait([future for future, _ in asked], timeout=WAIT).not_done
    assert not unanswered, f"{len(unanswered)} Futures without an answer"
    for future, tokens in asked:
        _count(outcomes, future, tokens)
    return outcomes


def _count(outcomes: Outcomes, future: Future[OcrResult], tokens: tuple[int, ...]) -> None:
    if future.cancelled():
        outcomes.cancelled += 1
    elif (error := future.exception()) is not None:
        outcomes.failed.append(error)
    else:
        assert future.result().token_ids == tokens
        outcomes.right += 1


class _Uncopied:
    """A step's choice whose copy to the host is a stage of its own."""

    def __init__(self, staged: Callable[..., Callable[..., Any]], choice: SamplerOutput) -> None:
        self.tokens, self.logits = choice.tokens, choice.logits
        self.to_host = staged("copy", choice.to_host)


def _backend(runner: ModelRunner, way: Way) -> DecodeBackend:
    """What ``runner`` would have where the machine allows this way and no other."""
    if way == "compiled":
        cache = runner._backend.cache
        assert isinstance(cache, RowCache)
        assert isinstance(cache._attention, CompiledAttention)
        cache._max_tokens = ROOM
        return runner._backend
    decoder = runner._decoder
    shape = decoder.cache_shape
    if way != "paged":
        room = ROOM * shape.bytes_per_token if way == "eager" else None
        return eager_backend(decoder, RowCache(shape, max_bytes=room))
    paged = PagedCache(  # over a stand-in for the GPU's kernel
        shape,
        _attention,
        max_rows=len(runner._state.slot_epochs),
        max_context=8193,
        max_bytes=PAGES * PAGE_TOKENS * shape.bytes_per_token,
    )
    eager = eager_backend(decoder, paged)

    def step(tokens: Tensor, positions: Tensor, rows: int) -> SamplerOutput:
        assert paged.queries == len(tokens) // rows
        return eager.step(tokens, positions, rows)

    return replace(eager, step=step, widths=(1, 4, 8))


def _attention(
    query: Tensor, keys: Tensor, values: Tensor, lengths: Tensor, table: Tensor, scale: float
) -> Tensor:
    """Row by row, what the kernel computes."""
    rows, count = [], len(query) // len(lengths)
    for row, (length, pages) in enumerate(zip(lengths.tolist(), table, strict=True)):
        used = pages[: -(-length // PAGE_TOKENS)].long()
        key, value = (pool[used].flatten(0, 1)[:length].transpose(0, 1) for pool in (keys, values))
        own = query[row * count : (row + 1) * count].transpose(0, 1)
        seen = torch.ones(count, length, dtype=torch.bool).tril(length - count)
        mixed = scaled_dot_product_attention(
            own, key, value, attn_mask=seen, scale=scale, enable_gqa=True
        )
        rows.append(mixed.transpose(0, 1))
    return torch.cat(rows)
