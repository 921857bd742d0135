"""What a client does when the server, the network or the answer is not what it should be."""

from __future__ import annotations

import asyncio
import gzip
import math
import threading
from concurrent.futures import Future
from typing import Any

import pytest
from PIL import Image

from got_loaders.engine.remote import RemoteEngine
from got_loaders.errors import (
    EngineDeadError,
    EngineError,
    ModelNotFoundError,
    OptionError,
    RequestTooLongError,
)
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult
from got_loaders.types.engines import TokenListener
from tests.engine.remote.stand_in import Answerer, Reply, Seen, StandIn, to_answer

WAIT = 60
PAGE = Image.new("L", (30, 20), 255)
REQUEST = OcrRequest(images=(PAGE,))
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"


def numbered(number: int) -> OcrRequest:
    """A request that can be told from others."""
    return OcrRequest(images=(PAGE,), max_new_tokens=number + 1)


def says_number(request: OcrRequest) -> str:
    """Which of them it is."""
    return str(request.max_new_tokens - 1)


def first(*replies: Reply) -> Answerer:
    """These in the place of the first readings' answers."""

    async def reply(seen: Seen) -> Reply | None:
        return (
            replies[seen.number] if seen.method == "POST" and seen.number < len(replies) else None
        )

    return reply


def always(reply: Reply, path: str = "/v1/chat/completions") -> Answerer:
    """The same, whenever ``path`` is asked."""

    async def answer(seen: Seen) -> Reply | None:
        return reply if seen.path == path else None

    return answer


def answer(**fields: Any) -> Reply:
    """A result as the engine would never give it."""
    return Reply(value=to_answer(OcrResult(**{"text": "x", **fields}), "fake"))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(502, body=b"<html>Bad Gateway</html>"),
        Reply(503, body=b""),
        Reply(504, body=b"{}"),
        Reply(500, body=b"Internal Server Error"),  # a proxy's: ours has a code for each error
        Reply.error(503, "engine_dead"),
        Reply.error(503, "closing", Retry_After="0"),
        Reply.error(429, "overloaded", Retry_After="soon"),
        Reply(raw=b""),
        Reply(raw=HALF),
        Reply(body=b"<html>Welcome to our Wi-Fi</html>"),
        Reply(value={"choices": []}),
        Reply(value=[1]),
    ],
)
def test_a_server_that_stumbles_is_asked_again(reply: Reply) -> None:
    """Whatever it says or does instead; the result is there once."""
    with StandIn(FakeEngine("x"), first(reply)) as server, RemoteEngine(server.url) as engine:
        assert engine.submit(REQUEST).result(WAIT).text == "x"
        assert len(server.reads) == 2


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply.error(400, "request_too_long", "9 tokens"), RequestTooLongError, "9 tokens"),
        (Reply.error(400, "invalid_option", "box=x"), OptionError, "box=x"),
        (Reply.error(400, "invalid_image", "a bomb"), EngineError, "a bomb"),
        (Reply.error(413, "too_large", "max"), EngineError, "takes no page of this size: max"),
        (Reply.error(401, "unauthorized"), EngineDeadError, "set GOT_LOADERS_API_KEY"),
        (Reply(401, body=b"<html>"), EngineDeadError, "set GOT_LOADERS_API_KEY"),
        (Reply.error(404, "model_not_found", "no such model"), ModelNotFoundError, "no such model"),
        (Reply.error(500, "engine_error", "it failed"), EngineError, "it failed"),
        (Reply.error(504, "timeout", "600 s"), EngineError, "600 s"),
        (Reply(418, body=b"I'm a teapot"), EngineError, "HTTP status 418"),
        (
            Reply(307, headers={"Location": "http://me:secret@else/v1"}),
            EngineDeadError,
            "redirects to 'http://…@else/v1', which is not followed",
        ),
    ],
)
def test_what_asking_again_would_not_mend_is_raised_at_once(
    reply: Reply, kind: type[Exception], words: str
) -> None:
    """As the engine itself would raise it."""
    with StandIn(reply=always(reply)) as server, RemoteEngine(server.url) as engine:
        with pytest.raises(kind) as caught:
            engine.submit(REQUEST).result(WAIT)
        assert type(caught.value) is kind
        assert words in str(caught.value)
        assert "secret" not in str(caught.value)
        assert len(server.reads) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"nonsense"),
        Reply(body=b"[" * 100_000),
        Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b" " * 10**7)),
        Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (33 * 2**20)),
        Reply(value={"choices": [{"message": {"content": 3}}]}),
        answer(text="half a \ud800"),
        answer(confidence=math.nan),
        answer(confidence=7.0),
        answer(confidence=10**400),
        answer(token_ids=(-1,)),
        answer(token_ids=(10**30,)),
        answer(num_tokens=10**30),
    ],
)
def test_an_answer_without_sense_fails_its_request_alone(reply: Reply) -> None:
    """After some attempts; one that is packed, or has no end, fills no memory."""
    with (
        StandIn(FakeEngine("x"), first(*[reply] * 3)) as server,
        RemoteEngine(server.url) as engine,
    ):
        with pytest.raises(EngineError, match="makes no sense") as caught:
            engine.submit(REQUEST).result(WAIT)
        assert not isinstance(caught.value, EngineDeadError)
        assert engine.submit(REQUEST).result(WAIT).text == "x"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply.error(404, "not_found"), "is no server of this library"),
        (Reply(404, body=b"<html>nginx</html>"), "is no server of this library"),
        (Reply(body=b"<html>It works!</html>"), "is no server of this library"),
        (Reply(value={"object": "capabilities"}), "is no server of this library"),
        (Reply.error(401, "unauthorized"), "set GOT_LOADERS_API_KEY"),
        (Reply(308, headers={"Location": "https://gpu"}), "redirects to 'https://gpu'"),
        (Reply.error(500, "internal_error"), "is no server of this library"),
    ],
)
def test_what_is_no_server_of_ours_ends_a_read_at_once(reply: Reply, words: str) -> None:
    """By its first page, whatever its errors are to become."""
    answers = always(reply, "/v1/capabilities")
    with StandIn(reply=answers) as server, RemoteEngine(server.url) as engine:
        with pytest.raises(EngineDeadError, match=words) as caught:
            engine.submit(REQUEST)
        assert server.url in str(caught.value)
        assert server.reads == []


@pytest.mark.parametrize(
    "lie",
    [
        {"image_size": 0},
        {"image_size": 10**9},
        {"image_size": 10**400},
        {"image_size": True},
        {"max_batch_size": 0},
        {"max_batch_size": "8"},
        {"max_batch_size": 10**400},
        {"model": ""},
        {"fingerprint": ""},
        {"fingerprint": "a\n\x1b[31m"},
        {"fingerprint": "\ud800"},
        {"fingerprint": "x" * 1_000_000},
    ],
)
def test_a_server_that_lies_about_itself_is_not_read_by(lie: dict[str, object]) -> None:
    """No page is blown up on its word, and no metadata take what is no name."""
    with StandIn() as server:
        server.reply = always(Reply(value=server.capabilities() | lie), "/v1/capabilities")
        with RemoteEngine(server.url, retry_for=0) as engine:
            with pytest.raises(EngineDeadError, match=next(iter(lie))) as caught:
                engine.submit(REQUEST)
            assert len(str(caught.value)) < 500


def test_a_newer_server_may_say_more() -> None:
    """Fields that this version does not know change nothing."""
    with StandIn() as server:
        more = server.capabilities() | {"version": "99", "tiles": [1], "unsupported": ["speech"]}
        server.reply = always(Reply(value=more), "/v1/capabilities")
        with RemoteEngine(server.url) as engine:
            assert engine.submit(REQUEST).result(WAIT).text == "text"


def test_a_server_that_does_not_speak_at_first_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While it is waited for, and when it is given up."""
    held = asyncio.Event()

    async def reply(_: Seen) -> Reply | None:
        await held.wait()
        return None

    with (
        StandIn(reply=reply) as server,
        RemoteEngine(server.url, timeout=0.1, retry_for=0.05) as engine,
        pytest.raises(EngineDeadError, match=r"did not answer within 0.1 seconds") as caught,
    ):
        engine.submit(REQUEST)
    assert "is no server of this library" not in str(caught.value)
    assert "trying again" in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("SSL_CERT_FILE", "/nowhere/a.pem"), ("HTTP_PROXY", "socks9://x")],
)
def test_an_environment_that_allows_no_connection_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no fault of the server, and no bare error of a library."""
    monkeypatch.setenv(name, value)
    with (
        RemoteEngine("https://gpu.invalid") as engine,
        pytest.raises(EngineDeadError, match=f"environment says.*{name}"),
    ):
        engine.submit(REQUEST)


def test_who_is_not_there_is_said_as_the_system_says_it() -> None:
    """In the place of "All connection attempts failed"."""
    with StandIn() as server:
        url = server.url
    with RemoteEngine(url) as engine, pytest.raises(EngineDeadError, match="Connection refused"):
        engine.submit(REQUEST)


def test_a_server_that_loads_its_model_is_waited_for() -> None:
    """By who asks first, even where nothing else is tried again."""

    async def reply(seen: Seen) -> Reply | None:
        loading = Reply.error(503, "loading", Retry_After="0")
        return loading if seen.path == "/v1/capabilities" and seen.number < 3 else None

    with StandIn(reply=reply) as server, RemoteEngine(server.url, retry_for=0) as engine:
        assert engine.fingerprint == "fake"


def test_a_server_that_is_killed_and_restarted_loses_nothing() -> None:
    """Every request is answered, once, and with its own answer."""
    held = Held()
    with StandIn(held, max_batch_size=8) as server, RemoteEngine(server.url) as engine:
        futures = [engine.submit(numbered(n)) for n in range(10)]
        server.wait_for(lambda s: len(s.reads) == 10)
        held.answer(4)
        assert [future.result(WAIT).text for future in futures[:2]]
        server.stop()
        server.engine = FakeEngine(says_number)
        server.start()
        texts = [future.result(WAIT).text for future in futures]
    assert texts == [str(n) for n in range(10)]


def test_a_server_that_stays_away_is_given_up() -> None:
    """After ``retry_for`` seconds, for all that was under way."""
    with StandIn(Held()) as server:
        engine = RemoteEngine(server.url, retry_for=0.3)
        futures = [engine.submit(REQUEST) for _ in range(3)]
        server.wait_for(lambda s: len(s.reads) == 3)
    with engine:
        for future in futures:
            with pytest.raises(EngineDeadError, match=r"does not answer.*given up after \d"):
                future.result(WAIT)


def test_a_server_with_another_model_is_not_read_by() -> None:
    """What it read is no result, and nothing more is sent."""
    with StandIn() as server, RemoteEngine(server.url) as engine:
        engine.submit(REQUEST).result(WAIT)
        server.engine = FakeEngine(fingerprint="other")
        with pytest.raises(EngineError, match="the model is other now and was fake when"):
            engine.submit(REQUEST).result(WAIT)
        assert not engine.alive
        with pytest.raises(EngineError, match="the model is other now"):
            engine.submit(REQUEST)


def test_an_attempt_takes_no_longer_than_it_may() -> None:
    """The request fails, and the engine goes on."""
    with StandIn(Held()) as server, RemoteEngine(server.url, timeout=0.5, retry_for=0) as engine:
        with pytest.raises(EngineError, match=r"within 0.5 seconds \(timeout=\)"):
            engine.submit(REQUEST).result(WAIT)
        assert engine.alive
        assert server.hung_up.acquire(timeout=WAIT)


def test_an_overloaded_server_is_asked_less() -> None:
    """What it refuses is sent again, and fewer at a time; all is answered."""
    full = Reply.error(429, "overloaded", Retry_After="0")

    async def reply(seen: Seen) -> Reply | None:
        await asyncio.sleep(0.01)
        return full if seen.method == "POST" and server.running > 2 else None

    server = StandIn(FakeEngine(says_number), reply, max_batch_size=16)
    with server, RemoteEngine(server.url) as engine:
        futures = [engine.submit(numbered(n)) for n in range(40)]
        texts = [future.result(WAIT).text for future in futures]
    assert texts == [str(n) for n in range(40)]


def test_no_more_is_under_way_than_the_server_has_use_for() -> None:
    """A quarter more than it runs at once; who submits more waits, but for a callback."""
    held = Held()
    with StandIn(held, max_batch_size=4) as server, RemoteEngine(server.url) as engine:
        futures = [engine.submit(numbered(n)) for n in range(5)]
        from_callback: Future[Future[OcrResult]] = Future()
        futures[0].add_done_callback(lambda _: from_callback.set_result(engine.submit(numbered(7))))
        submitted = threading.Event()

        def submit_one_more() -> None:
            futures.append(engine.submit(numbered(5)))
            submitted.set()

        thread = threading.Thread(target=submit_one_more)
        thread.start()
        server.wait_for(lambda s: len(s.reads) == 5)
        assert not submitted.is_set()
        held.answer(1)
        from_callback.result(WAIT)
        held.answer_all()
        assert submitted.wait(WAIT)
        thread.join(WAIT)
        assert sorted(future.result(WAIT).text for future in futures) == list("012345")
        assert from_callback.result(WAIT).result(WAIT).text == "7"
        assert server.most_running <= 6


def test_no_proxy_stands_between_a_machine_and_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the environment names one for all else."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with StandIn() as server, RemoteEngine(server.url) as engine:
        assert engine.submit(REQUEST).result(WAIT).text == "text"


def test_the_key_goes_to_the_server_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """From the argument or the environment; below a path that stands before the API, too."""
    monkeypatch.setenv("GOT_LOADERS_API_KEY", "hunter2\n")
    with StandIn() as server, RemoteEngine(f"{server.url}/prefix/v1/") as engine:
        engine.submit(REQUEST).result(WAIT)
        with RemoteEngine(server.url, "hunter3\n") as other:
            assert other.fingerprint == "fake"
        keys = [seen.headers["authorization"] for seen in server.seen]
        paths = [seen.path for seen in server.seen]
    assert keys == ["Bearer hunter2", "Bearer hunter2", "Bearer hunter3"]
    assert paths == ["/prefix/v1/capabilities", "/prefix/v1/chat/completions", "/v1/capabilities"]
    assert "hunter" not in caplog.text


def test_two_servers_behind_one_name_are_as_good_as_one() -> None:
    """Whichever answers; one that goes away is made up for by the other."""
    one, two = StandIn(FakeEngine(says_number)), StandIn(FakeEngine(says_number))
    with one, two, RoundRobin(one, two) as name, RemoteEngine(name.url) as engine:
        for _ in range(2):
            futures = [engine.submit(numbered(n)) for n in range(20)]
            assert [f.result(WAIT).text for f in futures] == [str(n) for n in range(20)]
            assert one.reads
            assert two.reads
            one.stop()
        one.start()


class Held(FakeEngine):
    """Answers when it is told to, the requests in their order."""

    def __init__(self) -> None:
        super().__init__(says_number)
        self._condition = threading.Condition()
        self._held: list[tuple[OcrRequest, Future[OcrResult]]] = []
        self._free = False

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Hold it back."""
        with self._condition:
            if self._free:
                return super().submit(request)
            future: Future[OcrResult] = Future()
            self._held.append((request, future))
            self._held.sort(key=lambda held: held[0].max_new_tokens)
            self._condition.notify_all()
            return future

    def answer(self, count: int) -> None:
        """Answer the first ones."""
        with self._condition:
            assert self._condition.wait_for(lambda: len(self._held) >= count, WAIT)
            held, self._held = self._held[:count], self._held[count:]
        for request, future in held:
            if future.set_running_or_notify_cancel():
                future.set_result(super().submit(request).result())

    def answer_all(self) -> None:
        """Answer what is there, and at once what comes."""
        with self._condition:
            self._free = True
            count = len(self._held)
        self.answer(count)


class RoundRobin(StandIn):
    """Hands each request to the next of several servers, as a balancer does."""

    def __init__(self, *servers: StandIn) -> None:
        super().__init__()
        self._servers = servers
        self._turn = 0

    async def _reply(self, seen: Seen) -> Reply:
        self._turn += 1
        server = self._servers[self._turn % len(self._servers)]
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            return Reply(502, body=b"<html>Bad Gateway</html>")
        head = f"{seen.method} {seen.path} HTTP/1.1\r\nContent-Length: {len(seen.body)}\r\n\r\n"
        writer.write(head.encode() + seen.body)
        try:
            status = await reader.readline()
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            size = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            return Reply(int(status.split()[1]), body=await reader.readexactly(size))
        finally:
            writer.transport.abort()


def test_json_is_what_goes() -> None:
    """In the words of the wire, with the model's name and one picture a page."""
    with StandIn() as server, RemoteEngine(server.url) as engine:
        engine.submit(OcrRequest(images=(PAGE, PAGE), multi_page=True, format=True)).result(WAIT)
        sent = server.reads[0].json
    parts = [part["type"] for part in sent["messages"][0]["content"]]
    assert parts == ["image_url", "image_url", "text"]
    assert sent["messages"][0]["content"][-1]["text"] == "OCR with format"
    assert (sent["model"], sent["multi_page"], sent["return_token_ids"]) == ("tiny", True, True)
    assert not {"box", "color"} & set(sent)
