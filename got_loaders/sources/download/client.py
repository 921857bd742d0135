"""Sends GET requests until no redirect is left. Loads the HTTP library.

Requests are handed to a transport directly, without the library's client: so there are no proxies,
cookies, credentials or settings from the environment, and no redirect that was not checked.
"""

from __future__ import annotations

import ssl
import sys
from dataclasses import replace

import certifi
import httpx

from got_loaders._version import __version__
from got_loaders.errors import OptionError, SourceError, SourceRefusedError
from got_loaders.sources.download.deadline import Deadline
from got_loaders.sources.download.errors import network_error
from got_loaders.sources.download.hostnames import normalize_host
from got_loaders.sources.download.policy import DownloadPolicy
from got_loaders.sources.download.resolve import AllowList, Resolve, resolve_public
from got_loaders.sources.download.urls import ParsedURL, parse_url, resolve_redirect, url_error

__all__ = ["Client", "ascii_name", "default_transport"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5


def default_transport() -> httpx.HTTPTransport:
    """A transport that never uses a connection twice.

    It would tell connections apart by address only, and so might send to one host what goes over a
    connection whose certificate was checked for another one.
    """
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
    return httpx.HTTPTransport(verify=_tls_context(), trust_env=False, limits=limits)


def _tls_context() -> ssl.SSLContext:
    """As ``ssl.create_default_context`` with the HTTP library's certificates, but that writes its
    keys into the file that ``SSLKEYLOGFILE`` names, or fails where it can't."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificates and names
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cafile=certifi.where())
    return context


def ascii_name(host: str) -> str:
    """A checked host as the DNS has it: ``bücher.example`` → ``xn--bcher-kva.example``.

    Raises ``ValueError`` for letters that no name may have.
    """
    if host.isascii():
        return host
    try:
        return normalize_host(httpx.URL(scheme="http", host=host).raw_host.decode("ascii"))
    except httpx.InvalidURL as error:
        raise ValueError("it has letters that no name may have") from error


class Client:
    """Sends the requests of one download."""

    def __init__(
        self,
        policy: DownloadPolicy,
        resolve: Resolve,
        transport: httpx.BaseTransport,
        deadline: Deadline,
    ) -> None:
        try:
            self._allowed = AllowList.from_hosts(policy.hosts, ascii_name)
        except ValueError as error:
            raise OptionError(f"url_hosts={policy.hosts!r}: {error}") from error
        self._resolve = resolve
        self._transport = transport
        self._deadline = deadline

    def get(self, name: str) -> httpx.Response:
        """The response that redirects from ``name`` end at, whatever its status, body unread."""
        url = name
        for _ in range(_MAX_REDIRECTS + 1):
            try:
                response = self._send(url)
                if response.status_code not in _REDIRECTS:
                    return response
                response.close()
                url = resolve_redirect(url, _location(url, response))
            except SourceError as error:
                if error.source == name:
                    raise
                raise _redirect_error(name, error) from error
        raise url_error(SourceError, name, f"more than {_MAX_REDIRECTS} redirects")

    def _send(self, url: str) -> httpx.Response:
        parsed = _to_ascii(parse_url(url))
        self._deadline.check(url)
        last_error: httpx.TransportError | None = None
        for address in resolve_public(parsed, self._allowed, self._resolve):
            self._deadline.check(url)
            try:
                return self._transport.handle_request(self._request(parsed, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                last_error = error
            except httpx.TransportError as error:
                raise network_error(url, error, self._deadline) from error
        assert last_error is not None  # a host has addresses
        raise network_error(url, last_error, self._deadline) from last_error

    def _request(self, parsed: ParsedURL, address: str) -> httpx.Request:
        """Goes to ``address``; its Host header and the name in the certificate stay the host's."""
        step = self._deadline.step_timeout
        return httpx.Request(
            "GET",
            f"{parsed.scheme}://{parsed.origin(address)}{parsed.resource}",
            headers={
                "Host": parsed.host_header,
                "User-Agent": f"got_loaders/{__version__}",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
            extensions={
                "sni_hostname": parsed.host,
                "timeout": {"connect": step, "read": step, "write": step, "pool": step},
                "trace": self._deadline.trace,
            },
        )


def _to_ascii(parsed: ParsedURL) -> ParsedURL:
    try:
        return replace(parsed, host=ascii_name(parsed.host))
    except ValueError as error:
        text = f"its host is refused: {error}"
        raise url_error(SourceRefusedError, parsed.url, text) from error


def _location(url: str, response: httpx.Response) -> str:
    locations = response.headers.get_list("location")
    if len(locations) != 1:
        text = f"the server answers {response.status_code}, a redirect, but does not say where to"
        raise url_error(SourceError, url, text)
    return locations[0]


def _redirect_error(name: str, error: SourceError) -> SourceError:
    """The same error, about the URL that was asked for."""
    return url_error(type(error), name, f"redirected to {error}")
