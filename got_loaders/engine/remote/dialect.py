"""What the transport and a server's language share: the one seam between them.

The transport sends bodies and gets answers; a :class:`Dialect` writes the one and reads the other.
So another server's way of asking is another dialect, and retries, limits and cancelling are the
same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from got_loaders.errors import GotLoadersError
from got_loaders.types import OcrRequest, OcrResult
from got_loaders.types.engines import EngineInfo

__all__ = ["Answer", "Dialect", "Failure"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent back: the HTTP status, the body, and how many seconds it asks to wait.

    ``location`` is where a redirect leads.
    """

    status: int
    body: bytes
    retry_after: float | None = None
    location: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it is what was asked for."""
        return self.status == 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an attempt brought no result: ``error`` is what the caller gets, if it was the last one.

    ``retry``: the same request may be answered later; ``retry_after`` is how many seconds later, at
    least. ``max_attempts``: no more of them. ``loading``: the server is about to be ready.
    ``busy``: it has too much to do.
    """

    error: GotLoadersError
    retry: bool = False
    retry_after: float | None = None
    max_attempts: int | None = None
    loading: bool = False
    busy: bool = False


class Dialect(Protocol):
    """How a kind of server is asked. Usable from any number of threads."""

    @property
    def server_kind(self) -> str:
        """What kind of server it is for, in words."""

    @property
    def advice(self) -> str:
        """What to do where it seems to be another kind; "" for nothing."""

    @property
    def described_by(self) -> frozenset[int]:
        """The statuses of the answers that ``describe`` understands."""

    @property
    def describe_path(self) -> str:
        """The path, below the address, whose answer to GET says what the server is."""

    @property
    def read_path(self) -> str:
        """The path to which requests are POSTed."""

    def describe(self, answer: Answer) -> EngineInfo:
        """What the server says of itself; ``ValueError`` where the answer makes no sense."""

    def encode(self, request: OcrRequest, info: EngineInfo) -> bytes:
        """The body of a request, in JSON; runs in the caller's thread, which it may keep busy.

        Raises :class:`OptionError` for what the server can't do.
        """

    def revise(self, body: bytes, answer: Answer) -> bytes | None:
        """What to send instead of a body that was refused, at once; None: nothing else."""

    def decode(self, answer: Answer, info: EngineInfo) -> OcrResult:
        """The result; ``ValueError`` where the answer makes no sense."""

    def finish(self, result: OcrResult, *, stop_on_repetition: bool) -> OcrResult:
        """The result as the request wants it; for what a server can't be asked."""

    def explain(self, answer: Answer, server: str) -> Failure:
        """What an answer means that is not OK; ``server`` is its address, for messages."""
