"""Requests and engines for the tests of the store."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from PIL import Image

from got_loaders.types import OcrRequest, OcrResult

READING = OcrResult(text="read", token_ids=(1, 2, 3), confidence=0.5, num_tokens=3)


def asked(number: int = 0, **fields: object) -> OcrRequest:
    """A request of which the picture shows ``number``."""
    image = Image.new("RGB", (8, 6), (number % 256, number // 256, 7))
    return OcrRequest(images=(image,), **fields)  # type: ignore[arg-type]  # a test's own


class SlowEngine:
    """Answers when it is told to, and counts what it was asked."""

    fingerprint = "slow"

    def __init__(self) -> None:
        self.futures: list[Future[OcrResult]] = []
        self.changed = threading.Condition()

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Hold it."""
        with self.changed:
            self.futures.append(Future())
            self.changed.notify_all()
            return self.futures[-1]

    def close(self) -> None:
        """Nothing to do."""
