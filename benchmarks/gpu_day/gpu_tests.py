"""The tests marked ``gpu``, without the settings of pytest.ini that ask for plugins.

pytest runs in a process of its own, and again without the tests that are done after one that left
the GPU's context broken: what follows such a test would fail as well, and mean nothing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.results import Results, Skipped
from benchmarks.gpu_day.settings import Settings

ROOT = Path(__file__).parents[2]
BROKEN = ("CUDA error", "device-side assert", "illegal memory access")
"""In the message of an error after which the process is good for nothing on its GPU."""


def run(_settings: Settings, results: Results, deadline: Deadline) -> None:
    """Each test's outcome, in the order in which they ran; the rest of the time is for them."""
    if importlib.util.find_spec("pytest") is None:
        raise Skipped("pytest is not installed here")
    files = files_with_gpu_tests()
    results.add(files=[str(path.relative_to(ROOT)) for path in files], tests=[])
    done: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        report, settings = Path(folder) / "report.jsonl", Path(folder) / "pytest.ini"
        settings.write_text("[pytest]\nmarkers =\n gpu\n slow\n weights\n", encoding="utf-8")
        while deadline.left:
            report.write_text("", encoding="utf-8")
            code = _pytest(files, settings, report, done, deadline, results)
            newest = _read(report)
            done += newest
            results.add(tests=done, exit_status=code)
            if not newest or not is_broken(str(newest[-1]["why"])):
                break
    if code not in (0, 1, 5):  # all passed, some failed, none was found
        raise RuntimeError(f"pytest ended with status {code}; its output is in the log")
    failed = sum(test["outcome"] == "failed" for test in done)
    if failed:
        raise RuntimeError(f"{failed} of {len(done)} tests failed")


def files_with_gpu_tests() -> list[Path]:
    """The test modules that have any: the others may need packages that are not here."""
    tests = (ROOT / "tests").rglob("test_*.py")
    return sorted(path for path in tests if "mark.gpu" in path.read_text(encoding="utf-8"))


def _pytest(
    files: list[Path],
    settings: Path,
    report: Path,
    done: list[dict[str, object]],
    deadline: Deadline,
    results: Results,
) -> int:
    """pytest's exit status; what it has done is shown as it goes."""
    options = ["-c", str(settings), f"--rootdir={ROOT}", "-m", "gpu", "-rs", "--tb=short"]
    options += ["-p", "no:cacheprovider", "-p", "benchmarks.gpu_day.pytest_report"]
    options += [f"--deselect={test['name']}" for test in done]
    options += [f"--gpu-day-report={report}", *map(str, files)]
    # A test that starts pytest itself takes this checkout's settings: warnings, as of plugins that
    # are missing, would be errors.
    environment = os.environ | {"PYTEST_ADDOPTS": "-W default"}
    command = [sys.executable, "-m", "pytest", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while True:
            try:
                return process.wait(timeout=min(1.0, deadline.left or 0.01))
            except subprocess.TimeoutExpired:
                results.add(tests=done + _read(report))
                if not deadline.left:
                    raise TimeoutError("out of time: the tests named are done") from None
    finally:
        process.kill()
        process.wait()


def _read(report: Path) -> list[dict[str, object]]:
    lines = report.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def is_broken(message: str) -> bool:
    """Whether an error's message says that the process is good for nothing on its GPU."""
    return any(text in message for text in BROKEN)
