"""The protocol of engines."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol, runtime_checkable

from got_loaders.types.requests import OcrRequest, OcrResult

__all__ = ["Engine"]


@runtime_checkable
class Engine(Protocol):
    """Answers requests: local, replicated, remote, cached and fake engines are all this."""

    @property
    def fingerprint(self) -> str:
        """Model, revision and all else that changes its text: a cache's key, and ``ocr_model``."""

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Queue a request. May block while the queue is full. ``Future.cancel()`` always works."""

    def close(self) -> None:
        """Free the memory, the device's included. Pending futures get EngineDeadError."""
