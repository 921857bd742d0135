"""How long to wait before a request is sent again, and for how long to go on."""

from __future__ import annotations

import random
from dataclasses import dataclass

from got_loaders.engine.remote.dialect import Failure

__all__ = ["Backoff"]

_FIRST_S = 0.1
_LONGEST_S = 5.0
_MAX_RETRY_AFTER_S = 60.0
"""The longest that a server's ``Retry-After`` is believed."""

_LOADING_S = 600.0
"""Seconds for a server to load its model, at least; the download may be part of that."""


@dataclass(slots=True)
class Backoff:
    """The waits of one request: twice as long each time, and never the same for two clients.

    ``retry_for`` is how many seconds after its first failure a request is given up. Times are those
    of any clock that only goes forward.
    """

    retry_for: float
    attempts: int = 0
    failing_since: float | None = None

    def delay(self, failure: Failure, now: float, last_success: float | None) -> float | None:
        """Seconds until the next attempt; None to give up.

        A server that is ``busy`` and answers other requests meanwhile (``last_success``) is alive:
        patience begins anew with each answer.
        """
        self.attempts += 1
        since = self.failing_since = now if self.failing_since is None else self.failing_since
        if not failure.retry or self.attempts >= (failure.max_attempts or self.attempts + 1):
            return None
        if failure.busy and last_success is not None:
            since = max(since, last_success)
        longest = min(_LONGEST_S, _FIRST_S * 2 ** min(self.attempts - 1, 10))
        wait = random.uniform(longest / 2, longest)  # noqa: S311  # no secret
        if failure.retry_after is not None:
            wait = max(wait, min(failure.retry_after, _MAX_RETRY_AFTER_S) * random.uniform(1, 1.25))  # noqa: S311
        patience = max(self.retry_for, _LOADING_S) if failure.loading else self.retry_for
        left = since + patience - now
        return None if left <= 0 else min(wait, left)
