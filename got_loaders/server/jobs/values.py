"""What a job is, as the store keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

__all__ = ["FINAL_STATES", "JOB_STATES", "ClaimedJob", "JobState", "JobStatus", "NewJob"]

JobState = Literal["queued", "running", "completed", "failed", "cancelled"]
JOB_STATES: tuple[JobState, ...] = get_args(JobState)
FINAL_STATES: tuple[JobState, ...] = ("completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What is submitted: the bytes of a document, or ``locator``, a path below the root or a URL.

    ``options`` is the JSON of what differs from the defaults. ``key`` is the client's own name for
    the request: the same one twice is one job. ``digest`` tells whether it is the same request.
    """

    name: str
    data: bytes | None = field(default=None, repr=False)
    locator: str | None = None
    options: str = "{}"
    key: str | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """A job without its document. Times are seconds since 1970; ``pages_total`` is None until the
    first page is done. ``records`` is the number of the last one that is there, counted from 1."""

    id: str
    state: JobState
    name: str
    created: float
    changed: float
    options: str
    locator: str | None = None
    pages_done: int = 0
    pages_failed: int = 0
    pages_total: int | None = None
    records: int = 0
    error_code: str | None = None
    error_message: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINAL_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJob:
    """A job that a server has taken. ``run`` counts how often it was taken: what is written under
    an older number is refused. ``attempts``: how often since a page of it was written, or it was
    let go in peace."""

    status: JobStatus
    run: int
    attempts: int
