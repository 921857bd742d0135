"""The batch is as large as the free memory allows, and no larger than is of use."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

from benchmarks._memory import memory_in_use
from got_loaders import _memory
from got_loaders.engine.device import memory
from got_loaders.engine.device.memory import auto_batch_size, cache_bytes, device_memory

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


def test_a_gpu_keeps_room_for_what_a_step_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of a large GPU's free memory is the cache's; a small one keeps 2.5 GiB to work in."""
    gib = 1 << 30
    for free, expected in ((100, 85.0), (8, 5.5), (2, 0.5)):
        monkeypatch.setattr(memory, "device_memory", lambda _, free=free: (free * gib, 0))
        assert cache_bytes("cuda:0") == pytest.approx(expected * gib, rel=1e-6)


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
    memory.trim_heap()
    assert before - memory_in_use("cpu") > 100_000_000
    assert len(blocks) == 1
