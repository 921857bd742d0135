"""Servers on this machine that hold files: a web server, and one that speaks S3."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

__all__ = ["FileServer", "s3_server", "web_server"]

_LIST = '<?xml version="1.0"?><ListBucketResult><KeyCount>{}</KeyCount>{}</ListBucketResult>'
_FILE = "<Contents><Key>{}</Key><Size>{}</Size></Contents>"
_FOLDER = "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>"
_DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'


class FileServer(ThreadingHTTPServer):
    """``files`` is what it has, ``asked`` what was asked of it, and how."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.files = dict(files)
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.server_port}"


class _Web(BaseHTTPRequestHandler):
    """Gives files whole."""

    server: FileServer

    def do_GET(self) -> None:  # the library's name
        self.server.asked.append(f"{self.command} {self.path}")
        content = self.server.files.get(self.path)
        self.answer(404 if content is None else 200, content or b"")

    def answer(self, status: int, body: bytes, length: int | None = None) -> None:
        """Send a response; of one to HEAD the body's ``length`` alone."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _S3(_Web):
    """As much of S3 as Arrow needs to list and read; the bucket ``closed`` may not be read."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the library's name
        self.server.asked.append(f"{self.command} {self.path}")
        url = urlsplit(self.path)
        bucket, _, key = unquote(url.path).lstrip("/").partition("/")
        if bucket == "closed":
            self.answer(403, b"" if self.command == "HEAD" else _DENIED)
        elif "list-type" in url.query:
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            self.answer(200, self._listing(query.get("prefix", ""), query.get("delimiter", "\0")))
        elif not key:
            self.answer(200, b"")
        elif (content := self.server.files.get(key)) is None:
            self.answer(404, b"")
        elif self.command == "HEAD":
            self.answer(200, b"", len(content))
        else:
            first, last = re.findall(r"\d+", self.headers["Range"])
            self.answer(206, content[int(first) : int(last) + 1])

    do_HEAD = do_GET  # noqa: N815  # the library's name

    def _listing(self, prefix: str, delimiter: str) -> bytes:
        below = {key: key[len(prefix) :] for key in self.server.files if key.startswith(prefix)}
        found = [
            _FILE.format(escape(key), len(self.server.files[key]))
            for key, rest in below.items()
            if delimiter not in rest
        ]
        folders = {prefix + r.partition("/")[0] + "/" for r in below.values() if delimiter in r}
        found += [_FOLDER.format(escape(folder)) for folder in folders]
        return _LIST.format(len(found), "".join(found)).encode()


@contextmanager
def web_server(files: Mapping[str, bytes]) -> Iterator[FileServer]:
    """A web server on a free port."""
    yield from _served(FileServer(_Web, files))


@contextmanager
def s3_server(files: Mapping[str, bytes]) -> Iterator[FileServer]:
    """A server that speaks S3 on a free port; every bucket holds the same."""
    yield from _served(FileServer(_S3, files))


def _served(server: FileServer) -> Iterator[FileServer]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)
