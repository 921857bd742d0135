"""Ends a download when its time is up or its caller wants to stop."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Self

from got_loaders.errors import SourceError
from got_loaders.sources.download.urls import url_error

__all__ = ["Deadline"]

_TOLERANCE = 0.01  # seconds; a timeout may end that much before its time
_STEP_TIMEOUT = 30.0  # seconds that a server may be silent
_POLL_INTERVAL = 0.2  # seconds after which a caller who wants to stop is heard


class Deadline:
    """Runs from its entry, and cuts the connection when ``seconds`` are over or it is ``stopped``.

    A server that sends a byte now and then never runs into a timeout of the HTTP library, and may
    do so where no caller looks: in a header. So a thread waits for the end, and shuts the socket
    down under the library, which then reports that the server broke off.
    """

    def __init__(self, seconds: float, stopped: Callable[[], bool]) -> None:
        self._seconds = seconds
        self._stopped = stopped
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()  # of the two below
        self._socket: socket.socket | None = None
        self._is_cut = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._wait, name="got-loaders-download", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._release()

    @property
    def step_timeout(self) -> float:
        """Seconds that a single step may take now: more than none, at most what is left."""
        return min(_STEP_TIMEOUT, max(self._end - time.monotonic(), _TOLERANCE))

    @property
    def is_expired(self) -> bool:
        """Whether the time is up."""
        return self._is_cut or time.monotonic() >= self._end - _TOLERANCE

    def check(self, url: str) -> None:
        """Raise :class:`SourceError` if the time is up or the caller wants to stop."""
        if self._stopped() or self.is_expired:
            raise self.timeout_error(url)

    def timeout_error(self, url: str) -> SourceError:
        """The error of a download that took too long, or was stopped."""
        if self._stopped():
            return url_error(SourceError, url, "the download was stopped")
        text = f"not downloaded within max_url_seconds={self._seconds:g}"
        return url_error(SourceError, url, text)

    def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Watch the connection that was just made: a ``trace`` extension of the HTTP library."""
        if event == "connection.connect_tcp.complete":
            stream = info["return_value"]
            self._watch(stream.get_extra_info("socket"))  # type: ignore[attr-defined]  # its stream

    def _watch(self, connected: socket.socket) -> None:
        """Hold a duplicate: the library may close its own, whose number another file then gets."""
        self._release()
        copy = socket.fromfd(connected.fileno(), connected.family, connected.type)
        with self._lock:
            self._socket = copy
            cut = self._is_cut
        if cut:
            self._cut()

    def _wait(self) -> None:
        """Until the download is over, its time is, or nobody wants it any more."""
        while not self._over.wait(min(_POLL_INTERVAL, max(self._end - time.monotonic(), 0))):
            if self._stopped() or time.monotonic() >= self._end:
                self._cut()
                return

    def _cut(self) -> None:
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # the server was first
                    self._socket.shutdown(socket.SHUT_RDWR)

    def _release(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None
