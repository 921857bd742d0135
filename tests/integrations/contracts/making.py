"""What both suites read: PDFs whose pages can be told apart, and engines that read their width."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest
from tests.pages import making

__all__ = ["loop_lateness", "scan", "widths"]


def scan(path: Path, *words: str, moddate: str = "") -> Path:
    """A PDF with a page a word; an engine's reading of a page depends on its word."""
    data = making.pdf(*words)
    with pymupdf.open(stream=data) as document:  # type: ignore[no-untyped-call]  # no types
        document.set_metadata({"title": "A scan", "modDate": moddate})
        document.save(path)
    return path


def ink(request: OcrRequest) -> str:
    """A reading that tells one word from another: how much ink there is, and where."""
    image = request.images[0].convert("L")
    columns = image.resize((16, 1)).tobytes().hex()
    return f"ink {columns}"


def widths() -> FakeEngine:
    """An engine that reads what is on the page, in its way."""
    return FakeEngine(ink)


async def loop_lateness(ticks: list[float]) -> None:
    """Note how late each tick of 5 ms comes, until it is cancelled."""
    import asyncio
    import time

    while True:
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        ticks.append(time.perf_counter() - due)
