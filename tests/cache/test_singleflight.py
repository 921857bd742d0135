"""Who asks for the same at the same time shares one answer, and cancels for himself alone."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait

import pytest

from got_loaders.cache.singleflight import SingleFlight
from got_loaders.errors import EngineError
from got_loaders.types import OcrResult
from tests.cache.making import READING


def test_the_first_flies_and_the_others_share() -> None:
    """One question; for those who came later the answer is as good as kept."""
    flights = SingleFlight()
    first, flight = flights.join(b"k")
    second, none = flights.join(b"k")
    assert flight is not None
    assert none is None
    flight.resolve(READING)
    assert first.result(0) == second.result(0) == READING
    assert (first.result(0).cached, second.result(0).cached) == (False, True)
    assert flights.join(b"k")[1] is not None


def test_keys_do_not_share() -> None:
    """Another question is another flight."""
    flights = SingleFlight()
    assert all(flights.join(key)[1] is not None for key in (b"a", b"b"))


def test_an_error_is_everybody_s() -> None:
    """Nobody waits for ever, and the next one asks anew."""
    flights = SingleFlight()
    waiters = [flights.join(b"k") for _ in range(3)]
    flight = waiters[0][1]
    assert flight is not None
    flight.reject(RuntimeError("no"))
    with pytest.raises(RuntimeError, match="no"):
        waiters[0][0].result(0)
    for waiter, _ in waiters[1:]:
        with pytest.raises(EngineError, match=r"another reader asked.*: no"):
            waiter.result(0)
    assert flights.join(b"k")[1] is not None


def test_the_question_is_cancelled_when_the_last_waiter_is() -> None:
    """One who gives up costs the others nothing."""
    flights, inner = SingleFlight(), Future[OcrResult]()
    first, flight = flights.join(b"k")
    second, _ = flights.join(b"k")
    assert flight is not None
    flight.attach(inner)
    assert first.cancel()
    assert not inner.cancelled()
    assert second.cancel()
    assert inner.cancelled()
    assert wait([first, second], timeout=60).not_done == set()
    with pytest.raises(CancelledError):
        second.result(0)
    assert flights.join(b"k")[1] is not None


def test_a_question_that_nobody_waits_for_any_more_is_cancelled_at_take_off() -> None:
    """Who gives up while it is being asked is heard, too."""
    flights, inner = SingleFlight(), Future[OcrResult]()
    waiter, flight = flights.join(b"k")
    assert flight is not None
    waiter.cancel()
    flight.attach(inner)
    assert inner.cancelled()


def test_an_answer_may_ask_again() -> None:
    """A future's callback may put the same question: nothing is held meanwhile."""
    flights = SingleFlight()
    waiter, flight = flights.join(b"k")
    assert flight is not None
    again: list[object] = []
    waiter.add_done_callback(lambda _: again.append(flights.join(b"k")[1]))
    flight.resolve(READING)
    assert again[0] not in (None, flight)


def test_a_cancelled_waiter_and_an_answer_do_not_collide() -> None:
    """The rest get theirs."""
    flights = SingleFlight()
    first, flight = flights.join(b"k")
    second, _ = flights.join(b"k")
    assert flight is not None
    first.cancel()
    flight.resolve(READING)
    assert second.result(0) == READING


def test_giving_up_and_answering_wait_for_nobody() -> None:
    """Not even for one who is about to join: the collector may do either in the middle of that."""
    flights, inner = SingleFlight(), Future[OcrResult]()
    waiter, flight = flights.join(b"k")
    other, other_flight = flights.join(b"l")
    assert flight is not None
    assert other_flight is not None
    flight.attach(inner)
    with flights._lock:
        assert waiter.cancel()
        other_flight.resolve(READING)
    assert other.result(0) == READING
    assert not inner.cancelled()  # whoever had the lock sees to that, or who takes it next
    assert flights.join(b"l")[1] is not None
    assert inner.cancelled()
    assert flights.join(b"k")[1] is not None


def test_many_threads_join_cancel_and_answer() -> None:
    """Whoever does not give up gets the result, and nothing is left behind."""
    flights = SingleFlight()

    def work(number: int) -> bool:
        waiter, flight = flights.join(b"%d" % (number % 3))
        if flight is not None:
            inner = Future[OcrResult]()
            flight.attach(inner)
            threads.submit(flight.resolve, READING)
        return waiter.cancel() if number % 5 == 0 else waiter.result(60) == READING

    with ThreadPoolExecutor(8) as askers, ThreadPoolExecutor(4) as threads:
        done = list(askers.map(work, range(3000)))
    assert all(ok for number, ok in enumerate(done) if number % 5)
    assert flights._inflight == {}
