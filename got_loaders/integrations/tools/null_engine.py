"""An engine that reads nothing: for what can be said of a page without its text."""

from __future__ import annotations

from concurrent.futures import Future

from got_loaders.types import OcrRequest, OcrResult

__all__ = ["NullEngine"]


class NullEngine:
    """An :class:`~got_loaders.types.Engine` that answers at once, with an empty text.

    A read with it goes the way of every other: pages are opened, measured, judged blank or not and
    cut into regions by the same code. No model is loaded.
    """

    fingerprint = "unread"

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Answer ``request`` without looking at it."""
        del request
        future: Future[OcrResult] = Future()
        future.set_result(OcrResult(text=""))
        return future

    def close(self) -> None:
        """Nothing to free."""
