"""Servers on this machine's loopback address that say exactly what a test wants."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

Script = Callable[[socket.socket, bytes], None]
"""Writes an answer to the connection; gets the head of the request."""


class _Server(socketserver.ThreadingTCPServer):
    script: Script
    tls: ssl.SSLContext | None


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = cast(_Server, self.server)
        with contextlib.suppress(OSError):  # the client may leave at any time
            self.request.settimeout(5)
            if server.tls is None:
                self._answer(self.request, server.script)
            else:
                with server.tls.wrap_socket(self.request, server_side=True) as connection:
                    self._answer(connection, server.script)

    def _answer(self, connection: socket.socket, script: Script) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (more := connection.recv(4096)):
                return
            head += more
        script(connection, head)


@contextmanager
def serving(
    script: Script, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[int]:
    """The port of a server whose every connection is answered by ``script``."""
    kind = _Server6 if ":" in host else _Server
    with kind((host, 0), _Handler) as server:
        server.script, server.tls = script, tls
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def says(*parts: bytes) -> Script:
    """A script that sends these bytes, whatever is asked."""

    def script(connection: socket.socket, head: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return script


def ok(body: bytes, *headers: bytes) -> bytes:
    """A whole answer."""
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
