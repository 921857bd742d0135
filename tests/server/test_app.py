"""The app as a whole: keys, errors, limits, health."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from uvicorn.server import ServerState

from got_loaders.errors import OptionError
from got_loaders.server.app import create_app
from got_loaders.server.errors import api_error
from got_loaders.server.run import server_config
from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from tests.server.running import PATIENCE, RunningServer, running_server

KEYS = ("the-first-key", "the-second-key")


@pytest.fixture(scope="module")
def guarded() -> Iterator[RunningServer]:
    """A server with two keys and small limits."""
    settings = ServerSettings(port=0, api_keys=KEYS, max_body_bytes=1000)
    with running_server(FakeEngine("read"), settings) as server:
        yield server


@pytest.fixture(scope="module")
def local() -> Iterator[RunningServer]:
    """A server for this machine, without a key."""
    with running_server(FakeEngine("read")) as server:
        yield server


def code_of(response: httpx.Response) -> str:
    """The code of an error in OpenAI's shape."""
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return str(error["code"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer another-key"}, 401),
        ({"authorization": "Basic dGhlLWZpcnN0LWtleQ=="}, 401),
        ({"x-api-key": "the-first-ke"}, 401),
        ({"authorization": "Bearer the-first-key"}, 200),
        ({"authorization": "bearer the-second-key"}, 200),
        ({"x-api-key": "the-second-key"}, 200),
        ({"x-api-key": "clé"}, 401),
    ],
)
def test_who_has_a_key_may_ask(
    guarded: RunningServer, headers: dict[str, str], status: int
) -> None:
    """Each of the keys opens, in either header; anything else is a 401 that says what to send."""
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    response = httpx.get(f"{guarded.url}/metrics", headers=encoded)
    assert response.status_code == status
    if status == 401:
        assert code_of(response) == "unauthorized"
        assert response.headers["www-authenticate"] == "Bearer"


def test_health_needs_no_key(guarded: RunningServer) -> None:
    """Whoever watches the server needs no key to see whether it is alive and ready."""
    for path in ("/health", "/ready"):
        assert httpx.get(f"{guarded.url}{path}").status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused(guarded: RunningServer, chunked: bool) -> None:
    """Too long a body is a 413, whether its length is told or only found out; the next is read."""
    body = iter([b"x" * 600] * 2) if chunked else b"x" * 1001
    response = guarded.client.post("/v1/nothing", content=body)
    assert (response.status_code, code_of(response)) == (413, "too_large")
    assert guarded.client.post("/v1/nothing", content=b"x" * 1000).status_code == 404


def test_errors_have_the_shape_of_openai(local: RunningServer) -> None:
    """An address that is not there, or another method, is told as clients of OpenAI expect it."""
    missing = local.client.get("/v1/nothing")
    assert (missing.status_code, code_of(missing)) == (404, "not_found")
    wrong = local.client.post("/health")
    assert (wrong.status_code, code_of(wrong)) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "attacker.example"}, 403),
        ({"host": "localhost.attacker.example:8000"}, 403),
        ({"origin": "https://attacker.example"}, 403),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"host": "localhost"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "127.0.0.1:9", "origin": "http://127.0.0.1:9"}, 200),
    ],
)
def test_web_pages_can_not_ask_a_server_without_a_key(
    local: RunningServer, headers: dict[str, str], status: int
) -> None:
    """A page in a browser of this machine is refused, also by a name of its own that leads here."""
    response = local.client.get("/health", headers=headers)
    assert response.status_code == status


def test_a_request_with_two_ends_is_the_last_of_its_connection(local: RunningServer) -> None:
    """What a proxy took for a request's body is not answered as another request."""
    ask = b"GET /health HTTP/1.1\r\nhost: localhost\r\n"
    inner = ask + b"\r\n"
    ends = b"content-length: %d\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(inner))
    with socket.create_connection(("127.0.0.1", local.port), PATIENCE) as connection:
        connection.sendall(ask + ends + inner)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.count(b"HTTP/1.1 ") == 1


def test_answers_tell_browsers_what_not_to_do(local: RunningServer) -> None:
    """Nothing is sniffed, framed or kept, and the server does not say what it is made of."""
    headers = local.client.get("/health").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert len(headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"host": "0.0.0.0"}, "api_key_file"),
        ({"host": "scans.example"}, "api_key_file"),
        ({"api_keys": ("short",)}, "api_keys"),
        ({"api_keys": ("with a blank",)}, "api_keys"),
        ({"port": 70_000}, "port=70000"),
        ({"max_body_bytes": 0}, "max_body_bytes=0"),
        ({"request_seconds": 0}, "request_seconds=0"),
        ({"request_seconds": float("nan")}, "request_seconds=nan"),
    ],
)
def test_wrong_settings_are_named(values: dict[str, object], named: str) -> None:
    """A setting that can't be, or that would open the server to strangers, says so at once."""
    with pytest.raises(OptionError, match=named):
        ServerSettings(**values)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_needs_no_key(host: str) -> None:
    """Where only this machine can ask, a server runs without a key; its keys are never shown."""
    assert ServerSettings(host=host).api_keys == ()
    assert "secret" not in repr(ServerSettings(host="0.0.0.0", api_keys=("secret-key",)))


def test_the_log_has_no_path_either(caplog: pytest.LogCaptureFixture) -> None:
    """What goes wrong within is logged on a line, without the places of files."""
    assert api_error(RuntimeError("at '/srv/x/y.py'\nline 2")).code == "internal_error"
    (record,) = caplog.records
    assert record.getMessage() == "internal error: RuntimeError: at '…'\\nline 2"


def test_no_part_of_an_answer_waits_for_an_acknowledgement(local: RunningServer) -> None:
    """The body of an answer follows its head at once, also on a connection that is used again."""

    async def is_immediate() -> bool:
        config = server_config(local.app, ServerSettings(port=0))
        config.load()
        made: Any = config.http_protocol_class(config, ServerState(), {})  # type: ignore[call-arg]
        loop = asyncio.get_running_loop()
        accepted = asyncio.Event()
        old = made.connection_made

        def connected(transport: asyncio.BaseTransport) -> None:
            old(transport)
            accepted.set()

        made.connection_made = connected
        listener = socket.create_server(("127.0.0.1", 0))
        server = await loop.create_server(lambda: made, sock=listener)
        async with server:
            _, writer = await asyncio.open_connection(*listener.getsockname())
            await asyncio.wait_for(accepted.wait(), PATIENCE)
            option = made.transport.get_extra_info("socket").getsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY
            )
            made.transport.close()
            writer.close()
            await writer.wait_closed()
        return bool(option)

    assert asyncio.run(is_immediate())


def test_a_server_without_jobs_says_so() -> None:
    """Where they would live in one server of several."""
    app = create_app(ServerSettings(jobs=False), FakeEngine("read"))
    with TestClient(app, base_url="http://localhost") as client:
        for answer in (
            client.get("/v1/jobs"),
            client.post("/v1/files", files={"file": ("a.pdf", b"%PDF")}),
            client.post("/v1/ocr", json={"document": {"type": "file", "file_id": "x"}}),
        ):
            assert answer.status_code == 404
            assert "keeps no jobs" in answer.json()["error"]["message"]


def test_clients_are_told_what_all_servers_behind_the_address_take() -> None:
    """So one client keeps all of them busy."""
    engine = FakeEngine("read", max_batch_size=4)
    app = create_app(ServerSettings(jobs=False, replicas=3), engine)
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/v1/capabilities").json()["max_batch_size"] == 12


def test_below_a_path_of_another_app_keys_are_asked_for_as_ever() -> None:
    """Health is open there, too, and nothing else is."""
    outer = FastAPI()
    outer.mount("/ocr", create_app(ServerSettings(jobs=False, api_keys=KEYS), FakeEngine("x")))
    client = TestClient(outer, base_url="http://localhost")
    assert client.get("/ocr/openapi.json").status_code == 200
    assert client.get("/ocr/v1/models").status_code == 401
    assert client.get("/ocr/ocr/health").status_code == 401
