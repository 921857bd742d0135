"""A plugin of pytest: a line of JSON for each test as it ends.

It stops after a test that left the process's GPU context broken.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.gpu_day.gpu_tests import is_broken


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write."""
    parser.addoption("--gpu-day-report", type=Path)


class Report:
    """One line a test: its name, outcome, seconds, and why it failed or was skipped."""

    def __init__(self, session: pytest.Session, path: Path) -> None:
        self._session, self._path = session, path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has ended where it was called, or where it could not be set up."""
        if report.when != "call" and report.passed:
            return
        why = _why(report)
        line = {
            "name": report.nodeid,
            "outcome": report.outcome,
            "seconds": round(report.duration, 2),
            "why": why,
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if report.failed and is_broken(why):
            self._session.shouldstop = "the process's GPU context is broken"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen."""
    path = session.config.getoption("--gpu-day-report")
    if path is not None:
        session.config.pluginmanager.register(Report(session, path))


def _why(report: pytest.TestReport) -> str:
    """The last line of a failure's message, or a skip's reason."""
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    crash: Any = getattr(report.longrepr, "reprcrash", None)
    return "" if report.passed else str(crash.message if crash else report.longrepr)[:600]
