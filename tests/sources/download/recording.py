"""A network that is not there: names with addresses, and a transport that notes who was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from got_loaders.sources.download import DownloadPolicy, fetch

PUBLIC = "93.184.216.34"
OTHER = "151.101.1.69"
BODY = b"%PDF-1.4 from afar"


def answer(
    content: bytes = BODY, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """An answer whose body is unread, as a real transport gives it."""
    return httpx.Response(status, headers=headers, stream=_Body(content))


def redirect(location: str, status: int = 302) -> httpx.Response:
    """An answer that leads elsewhere."""
    return answer(b"", status=status, headers={"Location": location})


class _Body(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


@dataclass
class Names:
    """A resolver: the answers of each name in turn, the last one for ever."""

    answers: dict[str, list[list[str]]]
    default: list[str] | None = None
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if answers is None:
            assert self.default is not None, f"{host} must not be looked up"
            return self.default
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Asked:
    """One request as it reached the network."""

    address: str
    port: int | None
    host: str
    sni: str
    target: str
    headers: httpx.Headers


class Web:
    """The transport; ``answers`` says what comes back."""

    def __init__(self, answers: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.asked: list[Asked] = []
        self._answers = answers or (lambda _: answer())
        self.transport = httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        self.asked.append(
            Asked(
                address=url.host,
                port=url.port,
                host=request.headers["Host"],
                sni=request.extensions["sni_hostname"],
                target=url.raw_path.decode(),
                headers=request.headers,
            )
        )
        return self._answers(request)


def get(
    url: str, folder: Path, web: Web, names: Names | None = None, hosts: tuple[str, ...] = ()
) -> bytes:
    """What ``fetch`` stores for ``url``; every name is public unless ``names`` says otherwise."""
    names = names or Names({}, default=[PUBLIC])
    rules = DownloadPolicy(hosts=hosts, max_bytes=1000, seconds=5)
    return fetch(url, folder, rules, resolve=names, transport=web.transport).read_bytes()
