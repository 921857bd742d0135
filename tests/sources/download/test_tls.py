"""Encrypted downloads: the certificate is checked for the URL's host, not for its address."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import certifi
import httpx
import pytest

from got_loaders.errors import SourceError
from got_loaders.sources.download import DownloadPolicy, fetch
from got_loaders.sources.download.client import _tls_context, default_transport
from tests.sources.download.recording import BODY, Names
from tests.sources.download.servers import ok, says, serving

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

NAMES = Names({"wiki.intranet": [["127.0.0.1"]], "other.intranet": [["127.0.0.1"]]})
RULES = DownloadPolicy(hosts=("wiki.intranet", "other.intranet", "127.0.0.1"), seconds=5)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two self-signed certificates, of a name and of an address."""
    folder = tmp_path_factory.mktemp("tls")
    for file, name in (("name", "DNS:wiki.intranet"), ("address", "IP:127.0.0.1")):
        command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=test"]
        command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        command += ["-addext", f"subjectAltName={name}", "-keyout", f"{file}.key"]
        command += ["-out", f"{file}.crt"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def server_side(folder: Path, file: str) -> ssl.SSLContext:
    """What a server with this certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{file}.crt", folder / f"{file}.key")
    return context


def trusting(folder: Path, file: str) -> httpx.HTTPTransport:
    """A transport that trusts this certificate alone."""
    context = ssl.create_default_context(cafile=str(folder / f"{file}.crt"))
    return httpx.HTTPTransport(verify=context, trust_env=False)


@pytest.mark.parametrize(
    ("file", "host"),
    [("name", "wiki.intranet"), ("name", "WIKI.intranet."), ("address", "127.0.0.1")],
)
def test_the_certificate_is_the_hosts(
    file: str, host: str, certificates: Path, tmp_path: Path
) -> None:
    """The connection goes to an address, but the name is sent and checked."""
    asked: list[str | None] = []
    context = server_side(certificates, file)
    context.sni_callback = lambda _, name, __: asked.append(name)
    with serving(says(ok(BODY)), context) as port, trusting(certificates, file) as transport:
        url = f"https://{host}:{port}/a.pdf"
        path = fetch(url, tmp_path, RULES, resolve=NAMES, transport=transport)
    assert path.read_bytes() == BODY
    assert asked == [None if file == "address" else "wiki.intranet"]


@pytest.mark.parametrize(
    ("file", "host"),
    [("name", "other.intranet"), ("name", "127.0.0.1"), ("address", "wiki.intranet")],
)
def test_a_certificate_of_another_host_is_an_error(
    file: str, host: str, certificates: Path, tmp_path: Path
) -> None:
    """Even where it is trusted, and the address is the same."""
    with (
        serving(says(ok(BODY)), server_side(certificates, file)) as port,
        trusting(certificates, file) as transport,
        pytest.raises(SourceError, match=r"certificate is not valid: .*mismatch.*not valid for"),
    ):
        fetch(f"https://{host}:{port}/", tmp_path, RULES, resolve=NAMES, transport=transport)


def test_an_unknown_certificate_is_an_error(
    certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trust comes with the library; the environment adds none."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "name.crt"))
    with (
        serving(says(ok(BODY)), server_side(certificates, "name")) as port,
        pytest.raises(SourceError, match=r"certificate is not valid: self.signed certificate"),
    ):
        fetch(f"https://wiki.intranet:{port}/", tmp_path, RULES, resolve=NAMES)


def test_a_connection_is_not_used_for_another_host(certificates: Path, tmp_path: Path) -> None:
    """A redirect to another name at the same address has its certificate checked."""

    def script(connection: socket.socket, head: bytes) -> None:
        location = b"https://other.intranet:%d/" % connection.getsockname()[1]
        connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location)
        connection.sendall(b"\r\n\r\n")

    with (
        serving(script, server_side(certificates, "name")) as port,
        trusting(certificates, "name") as transport,
        pytest.raises(SourceError, match=r"redirected to .*certificate is not valid"),
    ):
        fetch(f"https://wiki.intranet:{port}/", tmp_path, RULES, resolve=NAMES, transport=transport)


def test_a_server_without_tls_is_an_error(tmp_path: Path) -> None:
    """The message says what is wrong, not what was sent."""

    def plain() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 secret\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=plain)
        thread.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(SourceError, match="does not speak TLS as expected") as caught:
            fetch(url, tmp_path, RULES)
        thread.join()
    assert "secret" not in str(caught.value)


def test_a_handshake_that_never_ends_meets_the_deadline(tmp_path: Path) -> None:
    """A server that accepts and says nothing costs no more than the time allowed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        began = time.monotonic()
        with pytest.raises(SourceError, match=r"max_url_seconds=0\.3"):
            fetch(url, tmp_path, DownloadPolicy(hosts=RULES.hosts, seconds=0.3))
    assert time.monotonic() - began < 30  # no end comes from the server


@pytest.mark.parametrize("file", ["keys", "missing/keys"])
def test_keys_are_written_nowhere(
    file: str, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ``SSLKEYLOGFILE`` says; that it can't be written is no error."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / file))
    with default_transport() as transport:
        assert transport is not None
    assert list(tmp_path.iterdir()) == []


def test_certificates_and_names_are_checked_by_default() -> None:
    """Against those that the HTTP library brings."""
    context = _tls_context()
    expected = ssl.create_default_context(cafile=certifi.where())
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.verify_flags == expected.verify_flags
    assert context.options == expected.options
    assert context.minimum_version == expected.minimum_version
    assert len(context.get_ca_certs()) == len(expected.get_ca_certs()) > 50
