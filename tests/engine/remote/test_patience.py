"""How many requests are under way, and how long a client is patient: the numbers behind both."""

from __future__ import annotations

import asyncio

import pytest

from got_loaders.engine.remote.backoff import Backoff
from got_loaders.engine.remote.dialect import Failure
from got_loaders.engine.remote.in_flight import InFlightWindow, in_flight_limit
from got_loaders.errors import EngineDeadError

AWAY = Failure(error=EngineDeadError("away"), retry=True)


@pytest.mark.parametrize(
    ("batch", "limit"), [(None, 32), (1, 2), (4, 5), (32, 40), (256, 320), (10_000, 512)]
)
def test_a_quarter_more_than_the_server_runs_is_under_way(batch: int | None, limit: int) -> None:
    """At least two, and never more than 512."""
    assert in_flight_limit(batch) == limit


async def test_a_server_that_has_too_much_gets_half_and_later_more() -> None:
    """Once for all requests that were under way; never less than one, never more than at first."""
    window = InFlightWindow(8)
    entered = [await window.enter() for _ in range(8)]
    for each in entered:
        window.shrink(each)
    assert window.limit == 4
    for _ in entered:
        window.leave()
    again = [await window.enter() for _ in range(4)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await window.enter()
    for _ in range(3):
        window.shrink(again[0])
        again[0] += 1
    assert window.limit == 1
    for _ in again:
        window.leave()
    for _ in range(200):
        await window.enter()
        window.leave()
        window.grow()
    assert window.limit == 8
    for _ in range(8):
        await window.enter()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await window.enter()


def test_the_waits_grow_and_end() -> None:
    """Twice as long each time, up to five seconds; the last attempt is at the end of patience."""
    backoff, now, waits = Backoff(30), 0.0, list[float]()
    while (wait := backoff.delay(AWAY, now, None)) is not None:
        waits.append(wait)
        now += wait
    assert now == pytest.approx(30)
    assert 0.05 <= waits[0] <= 0.1
    assert all(longer <= 5 for longer in waits)
    assert len(waits) < 20


def test_what_the_server_asks_for_is_waited_for() -> None:
    """But no longer than patience lasts, whatever it asks."""
    soon = Failure(error=AWAY.error, retry=True, retry_after=7)
    late = Failure(error=AWAY.error, retry=True, retry_after=1e9)
    assert 7 <= (Backoff(100).delay(soon, 0, None) or 0) <= 7 * 1.25
    assert Backoff(20).delay(late, 0, None) == 20
    assert 60 <= (Backoff(200).delay(late, 0, None) or 0) <= 75


def test_a_busy_server_that_answers_others_is_alive() -> None:
    """Patience begins anew with each answer; with one that is away it does not."""
    busy = Failure(error=AWAY.error, retry=True, busy=True)
    patient, impatient = Backoff(10), Backoff(10)
    for now in (0.0, 9.0, 18.0, 27.0):
        assert patient.delay(busy, now, last_success=now - 5) is not None
    assert impatient.delay(AWAY, 0, last_success=0) is not None
    assert impatient.delay(AWAY, 10, last_success=9) is None


def test_a_request_that_kills_engines_is_not_sent_for_ever() -> None:
    """Some failures say how often they may happen."""
    backoff = Backoff(100)
    thrice = Failure(error=AWAY.error, retry=True, max_attempts=3)
    waits = [backoff.delay(thrice, float(n), None) for n in range(3)]
    assert [wait is None for wait in waits] == [False, False, True]
