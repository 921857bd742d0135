"""Resolves a host, once, to addresses that may be connected to, each of which is checked."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources.download.hostnames import is_address, is_localhost
from got_loaders.sources.download.ip_ranges import Address, Network, is_public, parse_address
from got_loaders.sources.download.urls import ParsedURL, url_error

__all__ = ["AllowList", "Resolve", "resolve_public", "system_resolve"]

Resolve = Callable[[str, int], Sequence[str]]
"""A host's name and port → its IP addresses as texts; raises ``OSError`` where there are none."""


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a name; blocks as long as the system's resolver."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in infos]


@dataclass(frozen=True, slots=True)
class AllowList:
    """Names and networks that may be read although they are not public."""

    names: frozenset[str]
    networks: tuple[Network, ...]

    @classmethod
    def from_hosts(cls, hosts: Sequence[str], ascii_name: Callable[[str], str]) -> AllowList:
        """From normalized hosts; ``ascii_name`` writes a name as the DNS does."""
        addresses = [host for host in hosts if "/" in host or is_address(host)]
        return cls(
            names=frozenset(ascii_name(host) for host in hosts if host not in addresses),
            networks=tuple(ip_network(host) for host in addresses),
        )

    def contains(self, address: Address) -> bool:
        """Whether one of the networks holds this address."""
        return any(address in network for network in self.networks)


def resolve_public(parsed: ParsedURL, allowed: AllowList, resolve: Resolve) -> list[str]:
    """The addresses of a URL's host, in the resolver's order, each once.

    Raises :class:`SourceRefusedError` if only one of them is neither public nor allowed: which one
    a connection takes would be chance.
    """
    by_name = parsed.host in allowed.names
    if is_localhost(parsed.host) and not by_name:
        raise _refusal(parsed, f"{parsed.host} is this machine itself", parsed.host)
    texts = [parsed.host] if is_address(parsed.host) else _lookup(parsed, resolve)
    addresses = dict.fromkeys(_parse(parsed, text) for text in texts)
    for address in addresses:
        if not by_name and not is_public(address) and not allowed.contains(address):
            text = f"its host's address {address} is not a public one"
            raise _refusal(parsed, text, str(address))
    return [str(address) for address in addresses]


def _lookup(parsed: ParsedURL, resolve: Resolve) -> Sequence[str]:
    try:
        addresses = resolve(parsed.host, parsed.port)
    except (OSError, UnicodeError) as error:
        text = getattr(error, "strerror", None) or "the name can't be looked up"
        raise url_error(SourceError, parsed.url, f"{parsed.host} is not found: {text}") from error
    if not addresses:
        raise url_error(SourceError, parsed.url, f"{parsed.host} has no address")
    return addresses


def _parse(parsed: ParsedURL, text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as error:
        text = f"its host's address {text} is not one of the internet"
        raise url_error(SourceRefusedError, parsed.url, text) from error


def _refusal(parsed: ParsedURL, text: str, host: str) -> SourceError:
    hint = f"if it may be read, pass url_hosts=[{host!r}]"
    return url_error(SourceRefusedError, parsed.url, f"{text}; {hint}")
