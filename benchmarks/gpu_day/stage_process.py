"""A stage in a process of its own: what kills it, hangs it or breaks its GPU context ends there.

Knows no torch: the process that starts the others must not hold the GPU, nor fail with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Literal

from benchmarks.gpu_day.results import read_json
from benchmarks.gpu_day.settings import Settings
from benchmarks.gpu_day.stages import Stage

Status = Literal["done", "failed", "stopped", "skipped"]
GRACE = 10.0
"""Seconds that a stage is given beyond its share to come to an end by itself."""
POLL = 0.5
EXIT_SKIPPED = 75


def run_stage(
    stage: Stage,
    settings: Settings,
    *,
    results: Path,
    log: IO[bytes],
    seconds: float,
    changed: Callable[[dict[str, object]], None],
) -> dict[str, object]:
    """Run ``stage``, at most ``seconds`` and some grace; what it found, its status and its time.

    ``changed`` is called with what it has found so far whenever that is more.
    """
    command = [sys.executable, "-m", "benchmarks.gpu_day.stage_main", stage.module]
    command += [settings.to_json(), str(results), str(seconds)]
    command += [stage.option] if stage.option else []
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=os.environ | _environment(settings),
        cwd=Path(__file__).parents[2],
    )
    try:
        code = _watched(process, results, start + seconds + GRACE, changed)
    finally:
        _kill_group(process)
    found = read_json(results)
    status, why = _outcome(code, found)
    return found | {"status": status, "why": why, "seconds": round(time.monotonic() - start, 1)}


def _environment(settings: Settings) -> dict[str, str]:
    """No bars in the log; and on a CPU our kernels are run by Triton's interpreter."""
    interpreted = {} if settings.on_gpu else {"TRITON_INTERPRET": "1"}
    return {"TQDM_DISABLE": "1", "PYTHONUNBUFFERED": "1"} | interpreted


def _watched(
    process: subprocess.Popen[bytes],
    results: Path,
    end: float,
    changed: Callable[[dict[str, object]], None],
) -> int | None:
    """The process's exit status; None if it did not end in time."""
    seen = 0
    while time.monotonic() < end:
        try:
            return process.wait(timeout=POLL)
        except subprocess.TimeoutExpired:
            newest = results.stat().st_mtime_ns if results.exists() else 0
            if newest != seen:
                seen = newest
                changed(read_json(results))
    return None


def _outcome(code: int | None, found: dict[str, object]) -> tuple[Status, str]:
    if code is None:
        return "stopped", "it did not come to an end in its share of the time"
    if code == EXIT_SKIPPED:
        return "skipped", str(found.get("reason", ""))
    if code < 0:
        return "failed", f"killed by {signal.Signals(-code).name}"
    if code > 0:
        return "failed", str(found.get("error", f"exit status {code}"))
    return "done", ""


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it has started: it leads a session of its own."""
    with suppress(ProcessLookupError, PermissionError):  # nobody is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
