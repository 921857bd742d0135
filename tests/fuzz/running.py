"""Reads a document as a program would that trusts nobody, and says what came of it.

What may come is results or an error of ours, both fit to be shown and stored; anything else is
raised as an ``AssertionError``.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, get_args

from got_loaders import GotOcrLoader, read
from got_loaders.errors import GotLoadersError
from got_loaders.options.literals import Output
from got_loaders.pages.worker.pool import shared_pool
from got_loaders.testing import FakeEngine
from tests.pages.pids import pids

__all__ = ["LIMITS", "Outcome", "at_most", "check_text", "outcome", "resident_mb", "workers"]

LIMITS: dict[str, Any] = {
    "max_page_seconds": 10,
    "max_page_bytes": 1_000_000_000,
    "max_pages": 1000,
    "max_image_pixels": 20_000_000,
}
LONGEST_S = 100
"""What one document may take: three pages and its opening, each given up after ten seconds, and
that twice, where the text layer is asked for as well."""

LONGEST_ERROR = 2000
_LOST = re.compile("longer than|ended the process")
_OUTPUTS: tuple[Output, ...] = get_args(Output)
_BAD_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a document: how many pages were read, and why the others were not."""

    read: int
    errors: tuple[str, ...]

    @property
    def lost(self) -> int:
        """How many times the process that decodes hung or died."""
        return sum(bool(_LOST.search(error)) for error in self.errors)

    @property
    def kind(self) -> str:
        """ "documents", "errors", or "both"."""
        if not self.errors:
            return "documents"
        return "both" if self.read else "errors"


def outcome(source: object, number: int, **options: Any) -> Outcome:
    """Read ``source`` to its end, in a way that ``number`` decides, unless ``options`` do.

    One time in two with its text layer, one in five by regions, one in three as LangChain
    Documents. ``source`` is bytes, or a relative path: then no error may tell where it lies.
    """
    dice = random.Random(number)
    chosen: dict[str, Any] = {
        "on_error": "keep",
        "pages": slice(0, 3),
        "text_layer": dice.choice(("auto", "ignore")),
        "regions": dice.choice(("auto", None, None, None, None)),
        "output": dice.choice(_OUTPUTS),
        **LIMITS,
        **options,
    }
    with at_most(LONGEST_S):
        try:
            texts, errors = dice.choice((_documents, _results, _results))(source, chosen)
        except GotLoadersError as error:
            texts, errors = [], [str(error)]
    for text in texts:
        check_text(text)
    for message in errors:
        _check_error(message, source)
    assert texts or errors, "neither a result nor an error"
    return Outcome(read=len(texts), errors=tuple(errors))


def check_text(text: str) -> None:
    """It can be encoded, and holds no control characters but line ends and tabs."""
    found = _BAD_IN_TEXT.search(text)
    assert found is None, f"{found[0]!r} in a text"


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise an ``AssertionError`` in the block after this time; POSIX and main thread only."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"it took longer than {seconds} s")

    if os.name == "nt" or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def resident_mb() -> float:
    """What this process holds in memory; Linux only."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def workers() -> list[int]:
    """The processes that the library's own pool runs."""
    return pids(shared_pool())


def _results(source: object, options: dict[str, Any]) -> tuple[list[str], list[str]]:
    form = options["output"]  # a Document's, which a result has them all of
    options = {name: value for name, value in options.items() if name != "output"}
    results = list(read(source, engine=FakeEngine("text"), **options))
    errors = [result.error for result in results if result.error is not None]
    read_ones = [result for result in results if result.error is None]
    return [
        f"{r.info.label} {r.text if form == 'raw' else getattr(r, form)}" for r in read_ones
    ], errors


def _documents(source: object, options: dict[str, Any]) -> tuple[list[str], list[str]]:
    documents = GotOcrLoader(source, engine=FakeEngine("text"), **options).load()
    texts, errors = [], []
    for document in documents:
        json.dumps(document.metadata, ensure_ascii=False, allow_nan=False).encode("utf-8")
        if "error" in document.metadata:
            errors.append(document.metadata["error"])
        else:
            texts.append(document.page_content)
    return texts, errors


def _check_error(message: str, source: object) -> None:
    assert message.isprintable(), f"not one printable line: {message!r}"
    assert len(message) < LONGEST_ERROR, f"{len(message)} characters: {message[:100]!r}…"
    names: Sequence[str] = [source] if isinstance(source, str) else []
    for name in names:
        assert name in message, f"{message!r} does not name {name!r}"
        here = os.getcwd()  # noqa: PTH109  # a text
        assert here not in message, f"{message!r} tells where {name!r} lies"
