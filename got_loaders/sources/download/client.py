"""One GET after the other, until no redirect is left. Loads the HTTP library.

Requests are handed to a transport directly, without the library's client: so there are no proxies,
cookies, credentials or settings from the environment, and no redirect that was not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx

from got_loaders._version import __version__
from got_loaders.errors import OptionError, SourceError, SourceRefusedError
from got_loaders.sources.download.deadline import Clock
from got_loaders.sources.download.errors import network_error
from got_loaders.sources.download.hostnames import checked_host
from got_loaders.sources.download.resolve import Allowed, Resolve, vetted
from got_loaders.sources.download.rules import DownloadPolicy
from got_loaders.sources.download.urls import Target, failed, joined, parse_url

__all__ = ["Client", "ascii_name", "default_transport"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5


def default_transport() -> httpx.HTTPTransport:
    """A transport that never uses a connection twice.

    It would tell connections apart by address only, and so might send to one host what goes over a
    connection whose certificate was checked for another one.
    """
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
    return httpx.HTTPTransport(trust_env=False, limits=limits)


def ascii_name(host: str) -> str:
    """A checked host as the DNS has it: ``bücher.example`` → ``xn--bcher-kva.example``.

    Raises ``ValueError`` for letters that no name may have.
    """
    if host.isascii():
        return host
    try:
        return checked_host(httpx.URL(scheme="http", host=host).raw_host.decode("ascii"))
    except httpx.InvalidURL as error:
        raise ValueError("it has letters that no name may have") from error


@dataclass(frozen=True, slots=True)
class Client:
    """What all requests of one download share."""

    allowed: Allowed
    resolve: Resolve
    transport: httpx.BaseTransport
    clock: Clock

    @classmethod
    def of(
        cls, rules: DownloadPolicy, resolve: Resolve, transport: httpx.BaseTransport, clock: Clock
    ) -> Client:
        """The client for these rules."""
        try:
            allowed = Allowed.of(rules.hosts, ascii_name)
        except ValueError as error:
            raise OptionError(f"url_hosts={rules.hosts!r}: {error}") from error
        return cls(allowed, resolve, transport, clock)

    @contextmanager
    def get(self, name: str) -> Iterator[httpx.Response]:
        """The answer that the redirects from ``name`` end at, whatever its status; body unread."""
        response = self._followed(name)
        try:
            yield response
        finally:
            response.close()

    def _followed(self, name: str) -> httpx.Response:
        url = name
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                response = self._answer(url)
                if response.status_code not in _REDIRECTS:
                    return response
                response.close()
                url = joined(url, _location(url, response))
            except SourceError as error:
                if error.source == name:
                    raise
                raise _redirected(name, error) from error
        raise failed(SourceError, name, f"more than {_MOST_REDIRECTS} redirects")

    def _answer(self, url: str) -> httpx.Response:
        target = _encoded(parse_url(url))
        self.clock.check(url)
        reason: httpx.TransportError | None = None
        for address in vetted(target, self.allowed, self.resolve):
            self.clock.check(url)
            try:
                return self.transport.handle_request(self._request(target, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                reason = error
            except httpx.TransportError as error:
                raise network_error(url, error, self.clock) from error
        assert reason is not None  # a host has addresses
        raise network_error(url, reason, self.clock) from reason

    def _request(self, target: Target, address: str) -> httpx.Request:
        """Goes to ``address``; its Host header and the name in the certificate stay the host's."""
        step = self.clock.patience
        return httpx.Request(
            "GET",
            f"{target.scheme}://{target.origin(address)}{target.resource}",
            headers={
                "Host": target.host_header,
                "User-Agent": f"got_loaders/{__version__}",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
            extensions={
                "sni_hostname": target.host,
                "timeout": {"connect": step, "read": step, "write": step, "pool": step},
                "trace": self.clock.trace,
            },
        )


def _encoded(target: Target) -> Target:
    try:
        return replace(target, host=ascii_name(target.host))
    except ValueError as error:
        text = f"its host is refused: {error}"
        raise failed(SourceRefusedError, target.url, text) from error


def _location(url: str, response: httpx.Response) -> str:
    locations = response.headers.get_list("location")
    if len(locations) != 1:
        text = f"the server answers {response.status_code}, a redirect, but does not say where to"
        raise failed(SourceError, url, text)
    return locations[0]


def _redirected(name: str, error: SourceError) -> SourceError:
    """The same error, about the URL that was asked for."""
    return failed(type(error), name, f"redirected to {error}")
