"""What the jobs of a server may cost."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["JobLimits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """``unfinished``: jobs that wait or run. ``bytes``: all that is kept, documents and records.
    ``keep_seconds``: how long an ended job is kept. ``running``: jobs that a server reads at once.
    ``lease_seconds``: how long a server that says nothing keeps its jobs to itself.
    """

    unfinished: int = 100
    bytes: int = 10_000_000_000
    keep_seconds: float = 7 * 86_400.0
    running: int = 2
    lease_seconds: float = 10.0
