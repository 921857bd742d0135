"""What goes wrong between a server and its clients, and that it goes on."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import pytest

from got_loaders.engine import EngineConfig
from got_loaders.errors import EngineDeadError, ModelNotFoundError
from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from tests.engine.fakes import FakeModelEngine, LostGpu
from tests.server.engines import PATIENCE, Asked, StepEngine
from tests.server.pages import question
from tests.server.running import RunningServer, running_server, until

PATH = "/v1/chat/completions"


@pytest.fixture(scope="module")
def engine() -> StepEngine:
    """Answers as the tests say."""
    return StepEngine()


@pytest.fixture(scope="module")
def impatient(engine: StepEngine) -> Iterator[RunningServer]:
    """A server with little patience."""
    settings = ServerSettings(
        port=0,
        receive_seconds=0.3,
        request_seconds=0.5,
        max_running=1,
        max_held_bytes=70_000_000,
        keep_alive_seconds=5,
    )
    with running_server(engine, settings) as server:
        yield server


def all_of(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error."""
    return answer.status_code, answer.json()["error"]["code"]


def test_half_a_body_is_not_waited_for(impatient: RunningServer) -> None:
    """A client that stops in the middle is told so (408) when its time is over, and let go."""
    with impatient.connect(PATH, {}, head="content-length: 1000") as connection:
        answer = all_of(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"did not come within 0.3 seconds" in answer
    until(lambda: impatient.client.get("/metrics").text.count("held_bytes 0.0") == 1)


@pytest.mark.parametrize("sent", [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nhost: loc"])
def test_half_a_head_is_not_waited_for(impatient: RunningServer, sent: bytes) -> None:
    """Whoever connects and asks nothing does not hold a connection for ever."""
    with socket.create_connection(("127.0.0.1", impatient.port), PATIENCE) as connection:
        connection.sendall(sent)
        assert all_of(connection) == b""


def test_a_client_may_leave_in_the_middle_of_its_body(impatient: RunningServer) -> None:
    """It is forgotten with what it sent."""
    impatient.connect(PATH, {}, head="content-length: 1000").close()
    until(lambda: "held_bytes 0.0" in impatient.client.get("/metrics").text)


def test_64_megabytes_are_refused_before_they_are_sent(impatient: RunningServer) -> None:
    """A request that says how long it is gets its 413 at once, and gets it whole
    although it sends on."""
    with impatient.connect(PATH, head="content-length: 64000000") as connection:
        assert connection.recv(12) == b"HTTP/1.1 413"
    headers = {"content-type": "application/json"}
    answer = impatient.client.post(PATH, content=bytes(64_000_000), headers=headers)
    assert code_of(answer) == (413, "too_large")


def test_many_large_requests_wait_outside(impatient: RunningServer) -> None:
    """What is held in memory is bounded over all clients: one more is told to come later."""
    with impatient.connect(PATH, {}, head="content-length: 40000000") as first:
        until(lambda: "held_bytes 4e+07" in impatient.client.get("/metrics").text)
        with impatient.connect(PATH, {}, head="content-length: 40000000") as second:
            answer = second.recv(4096)
        assert answer.startswith(b"HTTP/1.1 429")
        assert b"retry-after: 1" in answer.lower()
        assert all_of(first).startswith(b"HTTP/1.1 408")


def test_a_reading_that_takes_too_long_is_given_up(
    impatient: RunningServer, engine: StepEngine
) -> None:
    """Its client gets a 504, and the engine need not read on; so does who waits in the queue."""
    answers = [impatient.post(PATH, question()) for _ in range(2)]
    assert engine.asked().gone.wait(PATIENCE)
    codes = [code_of(answer.result(PATIENCE)) for answer in answers]
    assert codes == [(504, "timeout")] * 2
    until(lambda: impatient.state.admission.running == 0)


def test_who_does_not_take_the_answer_is_let_go() -> None:
    """An answer that nobody reads is not kept for ever."""
    settings = ServerSettings(port=0, receive_seconds=0.2)
    with (
        running_server(FakeEngine("x" * 20_000_000), settings) as server,
        server.connect(PATH, question()) as connection,
    ):
        until(lambda: "requests_total" in server.client.get("/metrics").text)
        threading.Event().wait(0.7)  # longer than the server's patience
        with suppress(ConnectionResetError):
            assert len(all_of(connection)) < 20_000_000


def _ask_all(server: RunningServer, count: int) -> list[Future[httpx.Response]]:
    return [server.post(PATH, question()) for _ in range(count)]


def test_a_full_queue_says_when_to_come_back() -> None:
    """Beyond the queue a request is refused at once, with the seconds to wait; none is lost."""
    engine = StepEngine(max_batch_size=4)
    settings = ServerSettings(port=0, max_queued=3, max_running=2)
    with running_server(engine, settings) as server:
        waiting = _ask_all(server, 5)
        until(lambda: server.state.admission.waiting == 3)
        refused = server.client.post(PATH, json=question())
        assert code_of(refused) == (429, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        for _ in range(5):
            engine.asked().end()
        assert [a.result(PATIENCE).status_code for a in waiting] == [200] * 5


@pytest.mark.slow
def test_5000_requests_at_once_are_all_answered() -> None:
    """Whatever comes at once is read, or told to come later; no thread is made for any of it."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    _flood(FakeEngine("read"), ServerSettings(port=0, max_queued=4000), count=5000)


def test_a_crowd_is_answered() -> None:
    """Each of a few hundred requests at once gets an answer; the threads stay few."""
    _flood(FakeEngine("read"), ServerSettings(port=0, max_queued=100), count=300)


def _flood(engine: FakeEngine, settings: ServerSettings, *, count: int) -> None:
    with running_server(engine, settings) as server, ExitStack() as opened:
        before = threading.active_count()
        connections = [opened.enter_context(server.connect(PATH, question())) for _ in range(count)]
        answers = [connection.recv(12) for connection in connections]
        assert set(answers) <= {b"HTTP/1.1 200", b"HTTP/1.1 429"}
        assert answers.count(b"HTTP/1.1 200") == len(engine.requests)
        assert threading.active_count() - before < 40
        assert server.state.admission.waiting == 0


class Reloads:
    """Loads one engine after the other, when the test lets it; beyond the last it fails."""

    def __init__(self, *engines: Any) -> None:
        self.engines = list(engines)
        self.loading = threading.Event()
        self.go = threading.Event()

    def __call__(self, config: EngineConfig) -> Any:
        """The next engine."""
        self.loading.set()
        assert self.go.wait(PATIENCE)
        self.go.clear()
        engine = self.engines.pop(0)
        if isinstance(engine, Exception):
            raise engine
        return engine


CONFIG = EngineConfig(model="tiny")


def test_an_engine_that_dies_is_replaced() -> None:
    """What was in flight gets a 503 that says to ask again; then another engine answers; after
    the last one only a restart helps, and ``/health`` says so."""
    first, second = StepEngine(), StepEngine()
    loads = Reloads(first, second, EngineDeadError("the engine died 4 times in a row"))
    with running_server(CONFIG, load_engine=loads, ready=False) as server:
        assert server.client.get("/health").status_code == 200
        for path in ("/ready", "/v1/models"):
            answer = server.client.get(path)
            assert code_of(answer) == (503, "loading")
            assert answer.headers["retry-after"] == "2"
        assert code_of(server.client.post(PATH, json=question())) == (503, "loading")
        loads.go.set()
        until(lambda: server.client.get("/ready").status_code == 200)
        in_flight = _ask_all(server, 2)
        first.wait_for(2)
        loads.loading.clear()
        first.die()
        answers = [each.result(PATIENCE) for each in in_flight]
        assert [code_of(answer) for answer in answers] == [(503, "engine_dead")] * 2
        assert all("retry-after" in answer.headers for answer in answers)
        assert loads.loading.wait(PATIENCE)
        assert server.client.get("/health").status_code == 200
        loads.go.set()
        until(lambda: server.client.get("/ready").status_code == 200)
        answered = server.post(PATH, question())
        asked: Asked = second.asked()
        asked.say("back")
        asked.end()
        assert answered.result(PATIENCE).json()["choices"][0]["message"]["content"] == "back"
        second.alive = False  # it is found dead by who asks next
        loads.go.set()
        assert server.client.post(PATH, json=question()).status_code == 503
        until(lambda: server.client.get("/health").status_code == 503)
        assert "4 times in a row" in server.client.get("/ready").json()["error"]["message"]
        text = server.client.get("/metrics").text
    assert "got_loaders_engine_restarts_total 2.0" in text
    assert "got_loaders_engine_up 0.0" in text


def test_a_server_that_lost_its_gpu_asks_to_be_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a CUDA error no engine is loaded anew: ``/health`` and ``/ready`` are 503 at once."""
    loaded = []

    def load(config: EngineConfig) -> FakeModelEngine:
        loaded.append(FakeModelEngine(LostGpu("decode")))
        return loaded[-1]

    monkeypatch.setattr("got_loaders.engine.registry.LocalEngine", load)
    with running_server(EngineConfig(model="tiny", max_context=4099)) as server:
        answer = server.client.post(PATH, json=question())
        assert code_of(answer) == (503, "engine_dead")
        until(lambda: server.client.get("/health").status_code == 503)
        told = server.client.get("/ready")
        assert code_of(told) == (503, "engine_dead")
        assert "restart the process" in told.json()["error"]["message"]
    assert len(loaded) == 1


def test_a_model_that_is_not_there_is_told() -> None:
    """The error says what is missing, but not where on this machine it was looked for."""
    loads = Reloads(ModelNotFoundError("/srv/secret/models/got: there are no weights"))
    loads.go.set()
    with running_server(CONFIG, load_engine=loads, ready=False) as server:
        until(lambda: server.client.get("/health").status_code == 503) if False else None
        answer = server.client.get("/ready")
        assert answer.json()["error"]["message"].endswith("…: there are no weights")
