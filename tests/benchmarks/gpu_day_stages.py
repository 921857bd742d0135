"""Stages for a test: one for each way in which a stage can end. No torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.results import Results, Skipped
from benchmarks.gpu_day.settings import Settings


def run(settings: Settings, results: Results, deadline: Deadline, how: str) -> None:
    """End in this way, after something was found."""
    results.add(found=how, seconds_given=deadline.left, device=settings.device)
    sys.stdout.write(f"output of {how}\n")
    if how == "raises":
        raise RuntimeError("CUDA error: an illegal | memory access")
    if how == "skips":
        raise Skipped("pytest is not installed here")
    if how == "killed":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "hangs":
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        results.add(child=child.pid)
        threading.Event().wait()
