"""How patient a client is, and how much it asks at once."""

from __future__ import annotations

from dataclasses import dataclass

from got_loaders.errors import OptionError, shown
from got_loaders.types import check_positive_int

__all__ = ["RemoteSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSettings:
    """``timeout``: seconds for one attempt, the wait in the server's queue included. ``retry_for``:
    seconds for which a request is sent again after it failed. ``max_in_flight``: requests under way
    at once; None: a quarter more than the server runs.
    """

    timeout: float = 600.0
    retry_for: float = 120.0
    max_in_flight: int | None = None

    def __post_init__(self) -> None:
        _check_seconds("timeout", self.timeout, positive=True)
        _check_seconds("retry_for", self.retry_for, positive=False)
        if self.max_in_flight is not None:
            check_positive_int("max_in_flight", self.max_in_flight)


def _check_seconds(name: str, value: object, *, positive: bool) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value < float("inf") or (positive and value == 0):  # type: ignore[operator]
        least = "more than 0" if positive else "0 or more"
        raise OptionError(f"{name}={shown(value)}: expected a number of seconds, {least}")
