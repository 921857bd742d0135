"""Whatever fails, and whenever, every Future is answered and nothing hangs."""

from __future__ import annotations

import gc
import random
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest
from PIL import Image

from got_loaders.engine.sequence import Sequence
from got_loaders.errors import EngineDeadError, EngineError, RequestTooLongError
from got_loaders.types import OcrRequest, OcrResult
from tests.engine.fakes import FakeModelEngine, FakeRunner, out_of_memory

IMAGE = Image.new("RGB", (8, 8))
WAIT = 60


def request(tokens: int = 100) -> OcrRequest:
    return OcrRequest(images=(IMAGE,), max_new_tokens=tokens)


@contextmanager
def engine_of(runner: FakeRunner, **config: object) -> Iterator[FakeModelEngine]:
    with FakeModelEngine(runner, **config) as engine:
        yield engine


class Gate:
    """Holds the engine's thread inside a step until it is opened."""

    def __init__(self, phase: str = "decode") -> None:
        self.phase = phase
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self, phase: str, sequences: list[Sequence]) -> None:
        if phase == self.phase:
            self.reached.set()
            assert self.open.wait(WAIT)


def test_a_request_that_can_never_fit_is_refused_with_the_numbers() -> None:
    """Prompt and limit beyond the context raise at once, and others go on."""
    with engine_of(FakeRunner(), max_context=300) as engine:
        with pytest.raises(RequestTooLongError, match=r"max_new_tokens=100 .* 300 tokens"):
            engine.submit(request())
        assert engine.submit(request(20)).result(WAIT).text == "2 tokens"


def test_a_page_that_breaks_the_prefill_fails_alone() -> None:
    """Pages that share a prefill with a bad one are read all the same."""
    bad = request(99)

    def fault(phase: str, sequences: list[Sequence]) -> None:
        if phase == "prefill" and any(s.max_new_tokens == 99 for s in sequences):
            raise ValueError("a bad page")

    with engine_of(FakeRunner(fault)) as engine:
        good = [engine.submit(request()) for _ in range(3)]
        failed = engine.submit(bad)
        good += [engine.submit(request()) for _ in range(3)]
        assert {future.result(WAIT).text for future in good} == {"2 tokens"}
        with pytest.raises(EngineError, match="a bad page") as caught:
            failed.result(WAIT)
        assert isinstance(caught.value.__cause__, ValueError)
        assert engine.alive


def test_an_error_in_the_decode_step_ends_the_engine_for_all() -> None:
    """Running, waiting and later requests get EngineDeadError with the cause."""
    gate = Gate()

    def fault(phase: str, sequences: list[Sequence]) -> None:
        gate(phase, sequences)
        if phase == "decode":
            raise ValueError("the device fell off")

    with engine_of(FakeRunner(fault), max_batch_size=2) as engine:
        futures = [engine.submit(request()) for _ in range(6)]
        gate.open.set()
        for future in futures:
            with pytest.raises(EngineDeadError, match="fell off") as caught:
                future.result(WAIT)
            assert isinstance(caught.value.__cause__, ValueError)
        with pytest.raises(EngineDeadError, match="fell off"):
            engine.submit(request())
        assert isinstance(engine.fatal_error, ValueError)


def test_text_that_cannot_be_made_fails_its_own_request() -> None:
    """A failing detokeniser costs the request, not the engine."""

    class Mute(FakeModelEngine):
        def text(self, token_ids: list[int]) -> str:
            if len(token_ids) == 1:
                raise KeyError("no such token")
            return super().text(token_ids)

    runner = FakeRunner(length=lambda s: 2 if s.max_new_tokens == 2 else 3)
    with Mute(runner) as engine:
        failed, good = engine.submit(request(2)), engine.submit(request())
        assert good.result(WAIT).text == "2 tokens"
        with pytest.raises(EngineError, match="turned into text"):
            failed.result(WAIT)


def test_out_of_memory_while_decoding_halves_the_batch() -> None:
    """More pages than fit are read in smaller batches, each page whole."""

    def fault(phase: str, sequences: list[Sequence]) -> None:
        if phase == "decode" and len(sequences) > 2:
            raise out_of_memory()

    runner = FakeRunner(fault, length=lambda s: 30)
    with engine_of(runner, max_batch_size=8) as engine:
        futures = [engine.submit(request()) for _ in range(16)]
        assert {future.result(WAIT).num_tokens for future in futures} == {30}
        assert engine.alive
    assert max(rows for phase, rows in runner.batches[-20:] if phase == "decode") <= 2


@pytest.mark.parametrize("where", ["prefill", "decode"])
def test_a_page_that_cannot_run_alone_fails_alone(where: str) -> None:
    """A page too large for the device fails; the others are read."""
    large = request(99)

    def fault(phase: str, sequences: list[Sequence]) -> None:
        if phase == where and any(s.max_new_tokens == 99 for s in sequences):
            raise out_of_memory()

    with engine_of(FakeRunner(fault)) as engine:
        futures = [engine.submit(request()) for _ in range(3)]
        failed = engine.submit(large)
        assert {future.result(WAIT).num_tokens for future in futures} == {3}
        with pytest.raises(EngineError, match="memory"):
            failed.result(WAIT)


def test_closing_answers_everyone() -> None:
    """What runs, waits or blocks in submit when the engine closes gets EngineDeadError."""
    gate = Gate()
    engine = FakeModelEngine(FakeRunner(gate, length=lambda s: 10), max_batch_size=1, max_queued=2)
    futures: list[Future[OcrResult]] = [engine.submit(request())]
    assert gate.reached.wait(WAIT)
    futures += [engine.submit(request()) for _ in range(2)]
    refused: list[BaseException] = []

    def blocked() -> None:
        try:
            engine.submit(request())
        except EngineDeadError as error:
            refused.append(error)

    threads = [threading.Thread(target=blocked) for _ in range(3)]
    for thread in threads:
        thread.start()
    closer = threading.Thread(target=engine.close)
    closer.start()
    gate.open.set()
    for thread in [*threads, closer]:
        thread.join(WAIT)
        assert not thread.is_alive()
    for future in futures:
        with pytest.raises(EngineDeadError, match="closed"):
            future.result(WAIT)
    assert len(refused) == 3
    with pytest.raises(EngineDeadError):
        engine.submit(request())
    engine.close()


def test_submit_blocks_while_the_queue_is_full() -> None:
    """The queue's limit is back-pressure: the next submit waits for room."""
    gate = Gate()
    with engine_of(FakeRunner(gate), max_batch_size=1, max_queued=1) as engine:
        futures = [engine.submit(request())]
        assert gate.reached.wait(WAIT)
        futures.append(engine.submit(request()))
        entered = threading.Event()

        def submit() -> None:
            futures.append(engine.submit(request()))
            entered.set()

        thread = threading.Thread(target=submit)
        thread.start()
        assert not entered.wait(0.2)
        gate.open.set()
        assert entered.wait(WAIT)
        assert not wait(futures, timeout=WAIT).not_done


def test_cancelling_works_at_any_time() -> None:
    """A cancelled request leaves the batch; the others are not touched."""
    gate = Gate()
    runner = FakeRunner(gate, length=lambda s: 5)
    with engine_of(runner, max_batch_size=2) as engine:
        running = [engine.submit(request()) for _ in range(2)]
        waiting = [engine.submit(request()) for _ in range(2)]
        assert gate.reached.wait(WAIT)
        assert running[0].cancel()
        assert waiting[0].cancel()
        gate.open.set()
        assert running[1].result(WAIT).num_tokens == 5
        assert waiting[1].result(WAIT).num_tokens == 5


def test_a_callback_may_submit_though_the_queue_is_full() -> None:
    """Submitting from a Future's callback never waits for the thread that it runs in."""
    with engine_of(FakeRunner(), max_batch_size=1, max_queued=1) as engine:
        more: list[Future[OcrResult]] = []
        done = threading.Event()

        def submit(_: object) -> None:
            more.extend(engine.submit(request()) for _ in range(3))
            done.set()

        engine.submit(request()).add_done_callback(submit)
        assert done.wait(WAIT)
        assert [future.result(WAIT).num_tokens for future in more] == [3, 3, 3]


def test_an_answer_of_one_token_leaves_the_queue() -> None:
    """What a single step has begun and ended makes room for the next who asks."""
    runner = FakeRunner(length=lambda s: 1)
    with ThreadPoolExecutor(1) as threads, engine_of(runner, max_queued=1) as engine:
        for _ in range(3):
            future = threads.submit(engine.submit, request()).result(WAIT)
            assert future.result(WAIT).num_tokens == 1


def test_a_callback_that_exits_ends_no_engine() -> None:
    """SystemExit in one caller's callback does not reach the others."""
    with engine_of(FakeRunner()) as engine:

        def leave(_: object) -> None:
            raise SystemExit

        engine.submit(request()).add_done_callback(leave)
        assert engine.submit(request()).result(WAIT).num_tokens == 3
        assert engine.alive


def test_the_images_of_a_request_are_let_go() -> None:
    """A queued request holds its tiles; its full-size images may be freed."""
    gate = Gate()
    image = Image.new("RGB", (4000, 3000))
    image_seen = weakref.ref(image)
    with engine_of(FakeRunner(gate)) as engine:
        future = engine.submit(OcrRequest(images=(image,), max_new_tokens=10))
        assert gate.reached.wait(WAIT)
        del image
        gc.collect()
        assert image_seen() is None
        gate.open.set()
        assert future.result(WAIT).num_tokens == 3


def test_a_retry_finds_the_memory_of_the_failed_try_free() -> None:
    """What a failed prefill had computed is gone before its pages are tried one by one."""
    held: list[weakref.ref[Image.Image]] = []
    alive: list[bool] = []

    def fault(phase: str, sequences: list[Sequence]) -> None:
        if phase == "prefill" and len(sequences) > 1:
            tensor = Image.new("L", (10, 10))
            held.append(weakref.ref(tensor))
            raise out_of_memory()
        if phase == "prefill":
            alive.extend(ref() is not None for ref in held)

    gate = Gate("prefill")
    runner = FakeRunner(lambda phase, s: (gate(phase, s), fault(phase, s))[1])  # type: ignore[func-returns-value]  # in order
    with engine_of(runner) as engine:
        futures = [engine.submit(request()) for _ in range(4)]
        gate.open.set()
        assert {future.result(WAIT).num_tokens for future in futures} == {3}
    assert held
    assert alive
    assert not any(alive)


def test_a_callback_may_close_the_engine() -> None:
    """Closing from within a Future's callback, in the engine's own thread, does not deadlock."""
    with engine_of(FakeRunner()) as engine:
        closed = threading.Event()

        def close(_: object) -> None:
            engine.close()
            closed.set()

        engine.submit(request()).add_done_callback(close)
        assert closed.wait(WAIT)


@pytest.mark.parametrize("seed", range(3))
def test_threads_faults_and_cancellations_at_random(seed: int) -> None:
    """32 threads that submit and cancel while steps fail: every Future is answered, rightly."""
    rng = random.Random(seed)

    def fault(phase: str, sequences: list[Sequence]) -> None:
        if rng.random() < 0.01:
            raise out_of_memory() if phase == "decode" or rng.random() < 0.5 else ValueError("no")

    answered: list[Future[OcrResult]] = []

    def work(number: int) -> None:
        own = random.Random(seed * 100 + number)
        for _ in range(10):
            future = engine.submit(request(own.randint(2, 40)))
            if own.random() < 0.2:
                future.cancel()
            answered.append(future)

    runner = FakeRunner(fault, length=lambda s: s.max_new_tokens)
    with engine_of(runner, max_batch_size=6, max_queued=8) as engine:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT)
        assert not wait(answered, timeout=WAIT).not_done
        assert engine.alive
    assert len(answered) == 320
    right = [f for f in answered if not f.cancelled() and f.exception() is None]
    assert all(f.result().num_tokens >= 2 for f in right)
    assert len(right) > 100
