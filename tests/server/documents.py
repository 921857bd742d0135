"""Documents for the server's tests, and engines that tell their pages apart."""

from __future__ import annotations

import io
import threading
from concurrent.futures import Future

import pymupdf
from PIL import Image

from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult

__all__ = ["GateEngine", "encrypted_pdf", "make_pdf", "number_of", "says_number"]

_STEP = 20


def make_pdf(pages: int, *, blank: tuple[int, ...] = ()) -> bytes:
    """A scan; page n has n + 1 black bars, unless it is ``blank``."""
    drawn = []
    for number in range(pages):
        page = Image.new("L", (400, 400), "white")
        for bar in range(0 if number in blank else number + 1):
            page.paste(0, (40, 20 + bar * _STEP, 360, 30 + bar * _STEP))
        drawn.append(page)
    out = io.BytesIO()
    drawn[0].save(out, "PDF", save_all=True, append_images=drawn[1:], resolution=72)
    return out.getvalue()


def encrypted_pdf(password: str) -> bytes:
    """One page that opens by a password."""
    with pymupdf.open("pdf", make_pdf(1)) as document:  # type: ignore[no-untyped-call]  # no types
        data: bytes = document.tobytes(  # 5: AES of 256 bits
            encryption=5, user_pw=password, owner_pw="owner"
        )
    return data


def number_of(request: OcrRequest) -> int:
    """The page that a request shows."""
    picture = request.images[0].convert("L")
    column = picture.crop((picture.width // 2, 0, picture.width // 2 + 1, picture.height))
    dark = [value < 128 for value in column.tobytes()]
    return sum(new and not old for old, new in zip([False, *dark], dark, strict=False)) - 1


def says_number(request: OcrRequest) -> str:
    """A reply."""
    return f"page {number_of(request)}"


class GateEngine(FakeEngine):
    """Answers so many requests as it was let, and holds the others."""

    def __init__(self, answers: int = 0) -> None:
        super().__init__(says_number)
        self.held: list[tuple[OcrRequest, Future[OcrResult]]] = []
        self._left = answers
        self._changed = threading.Condition()

    def submit(self, request: OcrRequest, **_: object) -> Future[OcrResult]:
        """Answer it, or hold it."""
        with self._changed:
            self._changed.notify_all()
            if self._left < 1:
                future: Future[OcrResult] = Future()
                self.held.append((request, future))
                return future
            self._left -= 1
        return super().submit(request)

    def wait_held(self, count: int) -> None:
        """Return when so many are held."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.held) >= count, 60)

    def open(self) -> None:
        """Answer all that are held, and all that come."""
        with self._changed:
            self._left = 10**9
            held, self.held = self.held, []
        for request, future in held:
            if future.set_running_or_notify_cancel():
                future.set_result(OcrResult(text=says_number(request), model=self.fingerprint))
