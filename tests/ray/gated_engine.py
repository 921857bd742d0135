"""An engine in a replica that a test of another process holds up, by files in a folder."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from pathlib import Path

from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult, TokenListener

__all__ = ["GatedEngine"]

_PAUSE = threading.Event()


class GatedEngine(FakeEngine):
    """Answers with its process's number and how high the picture is; 4 at once, it says.

    While ``closed`` lies in ``folder`` it holds what it is asked. Each request it holds is a file,
    ``held-PID-…``; one that was cancelled is another, ``cancelled-PID-…``.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(self._say_who, max_batch_size=4)
        self._folder = Path(folder)

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Answer, now or later."""
        if not (self._folder / "closed").exists():
            return super().submit(request, listener=listener)
        future: Future[OcrResult] = Future()
        name = f"{os.getpid()}-{id(future)}"
        (self._folder / f"held-{name}").touch()
        threading.Thread(target=self._hold, args=(request, future, name), daemon=True).start()
        return future

    def _hold(self, request: OcrRequest, future: Future[OcrResult], name: str) -> None:
        while (self._folder / "closed").exists():
            if future.cancelled():
                (self._folder / f"cancelled-{name}").touch()
                return
            _PAUSE.wait(0.01)
        if future.set_running_or_notify_cancel():
            future.set_result(super().submit(request).result())

    def _say_who(self, request: OcrRequest) -> str:
        return f"{os.getpid()} {request.images[0].height}"
