"""What an object works out when it is first asked for it."""

from __future__ import annotations

import threading

from got_loaders._lazy import cached_property


class Slow:
    """Takes its time."""

    def __init__(self, may_end: threading.Event) -> None:
        self.begun = threading.Event()
        self.may_end = may_end
        self.times = 0

    @cached_property
    def value(self) -> int:
        """How often it was worked out."""
        self.begun.set()
        self.times += 1
        assert self.may_end.wait(60)
        return self.times


def test_no_object_waits_for_another_one() -> None:
    """A page whose size is long in coming holds up no other thread's page, nor a forked child's."""
    first, other = Slow(threading.Event()), Slow(threading.Event())
    other.may_end.set()
    thread = threading.Thread(target=lambda: first.value)
    thread.start()
    assert first.begun.wait(60)
    ask = threading.Thread(target=lambda: other.value)
    ask.start()
    try:
        assert other.begun.wait(60)
    finally:
        first.may_end.set()
        thread.join(60)
        ask.join(60)
    assert first.value == other.value == first.times == other.times == 1
