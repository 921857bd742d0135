"""Engines that answer when a test wants it, token by token; no model."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from got_loaders.errors import EngineDeadError
from got_loaders.types import EngineInfo, OcrRequest, OcrResult, TokenListener

__all__ = ["Asked", "StepEngine"]

PATIENCE = 60.0
"""Seconds that anything may take."""


@dataclass
class Asked:
    """A request that waits for its answer. Its tokens are the bytes of a text."""

    request: OcrRequest
    listener: TokenListener | None
    future: Future[OcrResult] = field(default_factory=Future)
    said: bytes = b""
    gone: threading.Event = field(default_factory=threading.Event)

    def say(self, text: str | bytes, probability: float = 0.5) -> None:
        """Write these tokens."""
        for each in text.encode() if isinstance(text, str) else text:
            if self.listener is not None:
                self.listener(len(self.said), each, probability)
            self.said += bytes([each])

    def end(self, **values: object) -> None:
        """Answer with what was said."""
        result = {
            "text": self.said.decode(),
            "token_ids": tuple(self.said),
            "num_tokens": len(self.said),
            "confidence": 0.1 + 0.2,
            "prompt_tokens": 7,
            "model": "steps",
        }
        self.future.set_result(OcrResult(**{**result, **values}))  # type: ignore[arg-type]  # by name


class StepEngine:
    """Holds what it is asked until a test answers; ``asked`` waits for the next request."""

    fingerprint = "steps"
    alive = True

    def __init__(self, max_batch_size: int = 4) -> None:
        self.max_batch_size = max_batch_size
        self.info = EngineInfo(
            model="step/model", fingerprint="steps", max_batch_size=max_batch_size, image_size=64
        )
        self.requests: list[Asked] = []
        self._taken = 0
        self._changed = threading.Condition()

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Hold it."""
        if not self.alive:
            raise EngineDeadError("the engine broke down: RuntimeError('at /usr/lib/secret.py')")
        asked = Asked(request, listener)
        asked.future.add_done_callback(lambda _: asked.gone.set())
        with self._changed:
            self.requests.append(asked)
            self._changed.notify_all()
        return asked.future

    def decode(self, token_ids: list[int]) -> str:
        """Bytes → text, a half character as a tokenizer shows it."""
        return bytes(token_ids).decode("utf-8", "replace")

    def close(self) -> None:
        """Answer nothing any more."""
        self.die()

    def die(self) -> None:
        """Break down with all that is pending."""
        self.alive = False
        for asked in self.requests:
            with suppress(Exception):
                asked.future.set_exception(EngineDeadError("the engine broke down (RuntimeError)"))

    def asked(self) -> Asked:
        """The next request that came."""
        self.wait_for(self._taken + 1)
        self._taken += 1
        return self.requests[self._taken - 1]

    def wait_for(self, count: int) -> None:
        """Until so many have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= count, PATIENCE)
