"""An engine on a server: asked as one of this process is."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from PIL import Image

from got_loaders.engine.remote import RemoteEngine
from got_loaders.errors import EngineDeadError
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult
from got_loaders.types.engines import TokenListener
from tests.engine.remote.stand_in import Reply, Seen, StandIn

PAGE = Image.new("L", (300, 200), 255)
REQUEST = OcrRequest(images=(PAGE,))


def test_a_result_is_the_engines_own_in_every_field() -> None:
    """Text, tokens, confidence, and what is not compared; a number is the same to its last bit."""
    result = OcrResult(
        text="a £ \\(x\\)\n😀",
        finish_reason="repetition",
        token_ids=(1, 2, 151643),
        confidence=0.1 + 0.2,
        num_tokens=3,
        markup="markdown",
        prompt_tokens=287,
        model="fake",
        cached=True,
    )
    with StandIn(FakeEngine(result)) as server, RemoteEngine(server.url) as engine:
        got = engine.submit(REQUEST).result(60)
    names = OcrResult.__dataclass_fields__
    assert {n: getattr(got, n) for n in names} == {n: getattr(result, n) for n in names}


def test_the_server_is_asked_once_what_it_is() -> None:
    """Nothing is asked before it is needed, and then for all threads together."""
    with StandIn() as server, RemoteEngine(server.url) as engine:
        assert server.seen == []
        threads = [threading.Thread(target=lambda: engine.fingerprint) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (engine.fingerprint, engine.max_batch_size) == ("fake", 4)
        assert engine.info.image_size == 64
        assert len(server.seen) == 1


def test_where_no_server_is_a_read_ends_at_once() -> None:
    """With an error that names the address, and what to do."""
    with StandIn() as server:
        pass
    with RemoteEngine(server.url) as engine:
        for ask in (lambda: engine.fingerprint, lambda: engine.submit(REQUEST)):
            with pytest.raises(EngineDeadError, match=f"{server.url}.*got-loaders serve"):
                ask()


def test_closing_fails_what_is_pending_and_nothing_else() -> None:
    """Other engines of the same server go on."""
    waiting = Waiting()
    with StandIn(waiting) as server, RemoteEngine(server.url) as other:
        engine = RemoteEngine(server.url)
        mine, theirs = engine.submit(REQUEST), other.submit(REQUEST)
        server.wait_for(lambda s: len(s.reads) == 2)
        engine.close()
        with pytest.raises(EngineDeadError, match="closed"):
            mine.result(0)
        with pytest.raises(EngineDeadError, match="closed"):
            engine.submit(REQUEST)
        assert server.hung_up.acquire(timeout=60)
        waiting.answer()
        assert theirs.result(60).text == "late"


def test_closing_answers_who_waits_for_the_server_to_load() -> None:
    """In another thread; nobody waits for ever."""

    async def reply(seen: Seen) -> Reply | None:
        return Reply.error(503, "loading", Retry_After="60")

    errors: list[BaseException] = []

    def ask() -> None:
        try:
            engine.submit(REQUEST)
        except EngineDeadError as error:
            errors.append(error)

    with StandIn(reply=reply) as server:
        engine = RemoteEngine(server.url)
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        server.wait_for(lambda s: len(s.seen) == 1)
        engine.close()
        for thread in threads:
            thread.join(60)
    assert [str(error) for error in errors] == ["the engine was closed"] * 2


def test_cancelling_hangs_up() -> None:
    """The server sees it at once, and need not read on."""
    with StandIn(Waiting()) as server, RemoteEngine(server.url) as engine:
        future = engine.submit(REQUEST)
        server.wait_for(lambda s: len(s.reads) == 1)
        assert future.cancel()
        assert server.hung_up.acquire(timeout=60)


class Waiting(FakeEngine):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.futures: list[Future[OcrResult]] = []

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Keep it waiting."""
        self.futures.append(Future())
        return self.futures[-1]

    def answer(self) -> None:
        """Answer all that is waiting."""
        for future in self.futures:
            if not future.cancelled():
                future.set_result(OcrResult(text="late", model="fake"))
