"""A bar on standard error: how far a read has come, and that it is alive.

Its seconds are counted on while nothing comes, on terminals. A bar that can't be drawn is given up:
it is not worth the read.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm  # type: ignore[import-untyped]  # ships no types

__all__ = ["Bar", "without_bar"]

_KNOWN = "{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}]"
_UNKNOWN = "{desc} [{elapsed}]"
_LEAST_SECONDS = 0.1
"""Between two drawings of a bar."""

_SECONDS = 1.0
"""Between two drawings of a bar that nothing happens to."""


class Bar:
    """Appears with the first ``draw``. Where no fraction is known, ``bounded`` is False."""

    def __init__(self, *, bounded: bool) -> None:
        self._bounded = bounded
        self._usable = sys.stderr is not None  # as in programs without a console
        self._bar: tqdm[None] | None = None
        self._stopped = threading.Event()
        self._ticker: threading.Thread | None = None

    def draw(self, fraction: float, text: str, *, at_once: bool = False) -> None:
        """Show how much is done, from 0 to 1, and what; seldom more than ten times a second."""
        if not self._usable:
            return
        with self._drawing():
            if self._bar is None:
                self._bar = self._new(text)
            self._bar.set_description_str(text, refresh=False)
            if not self._bar.update(fraction - self._bar.n) and at_once:
                self._bar.refresh()

    def close(self, *, leave: bool) -> None:
        """Draw it a last time, or take it away."""
        self._stopped.set()
        if self._ticker is not None and self._ticker is not threading.current_thread():
            self._ticker.join(_SECONDS)
        if self._bar is not None:
            with self._drawing():
                self._bar.leave = leave
                self._bar.close()

    def _new(self, text: str) -> tqdm[None]:
        from tqdm import tqdm

        bar = tqdm(
            desc=text,
            total=1.0 if self._bounded else None,
            bar_format=_KNOWN if self._bounded else _UNKNOWN,
            dynamic_ncols=True,
            miniters=0,
            mininterval=_LEAST_SECONDS,
        )
        if sys.stderr.isatty():
            self._ticker = threading.Thread(
                target=_tick, args=(bar, self._stopped), name="got_loaders bar", daemon=True
            )
            self._ticker.start()
        return bar

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError):  # standard error broke, or was closed
            if self._bar is not None:
                self._bar.disable = True
            self._usable, self._bar = False, None
            self._stopped.set()
            _release_lock()


def without_bar(stream: TextIO) -> AbstractContextManager[object]:
    """Within, lines may be printed to ``stream``: a bar on the same terminal makes room."""
    module = sys.modules.get("tqdm")  # else nobody has drawn one
    if module is None or not (stream.isatty() and sys.stderr.isatty()):
        return nullcontext()
    taken_away: AbstractContextManager[object] = module.tqdm.external_write_mode(file=stream)
    return taken_away


def _tick(bar: tqdm[None], stopped: threading.Event) -> None:
    while not stopped.wait(_SECONDS):
        try:
            bar.refresh()
        except (OSError, ValueError):
            _release_lock()
            return


def _release_lock() -> None:
    """tqdm leaves its lock behind where drawing fails: other threads' bars, such as those of models
    that are loaded, would wait for it for ever."""
    from tqdm import tqdm

    with suppress(RuntimeError, AssertionError):  # it is not held
        tqdm.get_lock().release()
