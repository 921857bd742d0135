"""Many requests over one connection, where the server speaks HTTP/2 by TLS."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config

from got_loaders.engine.remote import RemoteEngine
from got_loaders.errors import EngineDeadError
from got_loaders.types import OcrRequest, OcrResult
from tests.engine.remote.stand_in import StandIn, to_answer
from tests.fakes import picture

WAIT = 60


class App:
    """Answers when ``release`` is set; counts connections by the client's ports."""

    def __init__(self) -> None:
        self.ports: set[int] = set()
        self.versions: set[str] = set()
        self.waiting = threading.Semaphore(0)
        self.gone = threading.Semaphore(0)
        self.release = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The wire, in ASGI."""
        if scope["type"] != "http":
            return
        self.ports.add(scope["client"][1])
        self.versions.add(scope["http_version"])
        value: object = StandIn().capabilities()
        while (await receive()).get("more_body"):
            pass
        if scope["method"] == "POST":
            self.waiting.release()
            if not await self._released(receive):
                return
            value = to_answer(OcrResult(text="x"), "fake")
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(value).encode()})

    async def _released(self, receive: Any) -> bool:
        """Wait to be told to answer; False when the client has gone before."""
        gone = asyncio.ensure_future(receive())
        while not self.release.is_set():
            await asyncio.wait([gone], timeout=0.01)
            if gone.done():
                self.gone.release()
                return False
        gone.cancel()
        return True


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-made one for 127.0.0.1, and its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    return file


@pytest.fixture(scope="module")
def server(certificate: Path) -> Iterator[tuple[App, str]]:
    """hypercorn, which speaks HTTP/2."""
    app, listener = App(), socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.certfile = config.keyfile = str(certificate)
    config.errorlog = config.accesslog = None
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        await serve(app, config, shutdown_trigger=stop.wait)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    yield app, f"https://127.0.0.1:{listener.getsockname()[1]}"
    app.release.set()
    loop.call_soon_threadsafe(stop.set)
    thread.join(WAIT)
    loop.close()
    listener.detach()


def test_many_requests_share_one_connection(
    server: tuple[App, str], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that is cancelled is told to the server alone, while the others go on."""
    app, url = server
    with (
        RemoteEngine(url) as engine,
        pytest.raises(EngineDeadError, match=r"self-signed.*SSL_CERT_FILE"),
    ):
        engine.submit(OcrRequest(images=(picture(),)))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with RemoteEngine(url, max_in_flight=40) as engine:
        futures = [engine.submit(OcrRequest(images=(picture(),))) for _ in range(40)]
        for _ in futures:
            assert app.waiting.acquire(timeout=WAIT)
        assert all(future.cancel() for future in futures[:5])
        for _ in range(5):
            assert app.gone.acquire(timeout=WAIT)
        app.release.set()
        assert [future.result(WAIT).text for future in futures[5:]] == ["x"] * 35
    assert app.versions == {"2"}
    assert len(app.ports) == 1
