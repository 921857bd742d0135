"""The batch is as large as the free memory allows, and no larger than is of use."""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks._memory import memory_in_use
from got_loaders import _memory
from got_loaders.engine.config import EngineConfig, fingerprint
from got_loaders.engine.device import memory
from got_loaders.engine.device.heap import HeapTrimmer, trim_heap
from got_loaders.engine.device.memory import (
    auto_batch_size,
    cache_bytes,
    cache_limits,
    device_memory,
)
from got_loaders.errors import OptionError

REAL = 96 * 1024
"""Bytes that the real model keeps of a token in bfloat16."""


@pytest.mark.parametrize(
    ("device", "free_gb", "rows"),
    [("cpu", 1, 4), ("cpu", 0.01, 1), ("cpu", 500, 32), ("cuda:1", 8, 39), ("cuda:0", 500, 256)],
)
def test_rows_follow_the_memory(device: str, free_gb: float, rows: int) -> None:
    """2,048 tokens are counted on for each row, within what a device has use for."""
    room = int(free_gb * 1e9)
    assert auto_batch_size(device, bytes_per_token=REAL, cache_bytes=room) == rows


def test_rows_are_few_where_nobody_tells() -> None:
    """Without a word on the memory the batch is small."""
    assert auto_batch_size("mps", bytes_per_token=REAL, cache_bytes=None) == 8


def test_the_cache_leaves_half_of_the_host_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking too much of the host's memory would get the process killed."""
    monkeypatch.setattr(memory, "device_memory", lambda _: (10_000, 50_000))
    assert cache_bytes("cpu") == 5_000


GIB = 1 << 30


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how many GiB are free on every device."""

    def set_free(gib: float) -> None:
        monkeypatch.setattr(memory, "device_memory", lambda _: (int(gib * GIB), 0))

    return set_free


def limits(device: str = "cuda:0", **options: Any) -> tuple[int, Any]:
    """Rows, and the GiB of their keys and values, for the real model in bfloat16."""
    settings: dict[str, Any] = {"max_batch_size": "auto", "memory_fraction": None}
    settings |= {"bytes_per_token": REAL, "max_context": 8192, **options}
    rows, size = cache_limits(device, **settings)
    return rows, None if size is None else size / GIB


@pytest.mark.parametrize(("gib", "expected"), [(100, 75.0), (8, 5.5), (2, 0.5)])
def test_a_gpu_keeps_room_for_others(
    free: Callable[[float], None], gib: float, expected: float
) -> None:
    """A quarter of a large GPU's free memory, 2.5 GiB of a small one's: a step computes there, and
    an application's embedding model has its weights there."""
    free(gib)
    assert cache_bytes("cuda:0") == pytest.approx(expected * GIB, rel=1e-6)


def test_a_gpu_is_not_taken_for_nothing(free: Callable[[float], None]) -> None:
    """Rows get a quarter more than they are expected to use, however much more is free; a single
    one has its whole context."""
    free(130)
    assert limits() == (256, pytest.approx(256 * 2048 * 1.25 * REAL / GIB))
    assert limits(max_batch_size=16) == (16, pytest.approx(16 * 2048 * 1.25 * REAL / GIB))
    rows, size = limits(max_batch_size=1)
    assert (rows, size) == (1, pytest.approx(9216 * REAL / GIB))
    free(8)
    assert limits() == (29, pytest.approx(5.5))


def test_a_fraction_is_taken_at_its_word(
    free: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is free, more than by default or less; the batch follows it."""
    free(130)
    assert limits(memory_fraction=0.9) == (256, pytest.approx(117))
    assert limits(memory_fraction=0.02) == (13, pytest.approx(2.6))
    assert limits("cpu", memory_fraction=0.75) == (32, pytest.approx(97.5))
    assert limits("mps") == (8, None)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 12 * GIB)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 2 * GIB)
    assert limits("mps", memory_fraction=0.5) == (26, pytest.approx(5))


def test_a_fraction_of_nobody_knows_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not tell its memory, a part of it can't be promised."""
    monkeypatch.setattr(memory, "device_memory", lambda _: None)
    assert limits("cpu") == (8, None)
    with pytest.raises(OptionError, match="memory_fraction"):
        limits("cpu", memory_fraction=0.5)


@pytest.mark.parametrize("value", [0, -0.1, 1.01, float("nan"), True, "half", 50])
def test_a_fraction_is_one(value: Any) -> None:
    """A percentage or a negative part is refused, with the bounds."""
    with pytest.raises(OptionError, match=r"memory_fraction=.*above 0, at most 1"):
        EngineConfig(memory_fraction=value)


def test_engines_are_shared_by_their_fraction(free: Callable[[float], None]) -> None:
    """It makes another engine, and no other text: the fingerprint knows nothing of it."""
    whole, half = (EngineConfig(model="tiny", memory_fraction=part) for part in (None, 0.5))
    assert whole != half
    assert fingerprint(whole, "r1") == fingerprint(half, "r1")
    assert EngineConfig.from_json(json.loads(json.dumps(half.to_json()))) == half


def test_a_container_s_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the host has is of no use to a process that may not have it."""
    (tmp_path / "memory.max").write_text("3000000000\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("2999000000\n", encoding="ascii")
    monkeypatch.setattr(_memory, "_CGROUP", tmp_path)
    assert device_memory("cpu") == (1_000_000, 3_000_000_000)


def test_no_limit_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container without a limit has the host's memory."""
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    monkeypatch.setattr(_memory, "_CGROUP", tmp_path)
    free = device_memory("cpu")
    assert free is not None
    assert free[0] > 1_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_freed_memory_is_given_back() -> None:
    """What the C library keeps between arrays that stay goes back to the system."""
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("not glibc")
    blocks = [bytearray(100_000) for _ in range(2000)]  # too small for maps of their own
    del blocks[:-1]  # the last one lies above the gap
    before = memory_in_use("cpu")
    trim_heap()
    assert before - memory_in_use("cpu") > 100_000_000
    assert len(blocks) == 1


def test_a_fast_engine_is_not_held_up_by_the_heap() -> None:
    """It is trimmed after every 64 pages of a slow engine, every ten seconds of a fast one."""
    now, trimmed = 0.0, []
    heap = HeapTrimmer(clock=lambda: now, trim=lambda: trimmed.append(now))
    for _ in range(130):  # a page every second
        heap.count(1)
        now += 1
    assert trimmed == [63, 127]
    now = 200.0
    trimmed.clear()
    for _ in range(900):  # 30 in a second
        heap.count(1)
        now += 1 / 30
    assert [round(at) for at in trimmed] == [202, 212, 222]
