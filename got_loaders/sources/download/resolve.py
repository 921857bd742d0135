"""A host → the addresses that may be connected to. Resolves a name once, judges every answer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources.download.hostnames import is_address, is_localhost
from got_loaders.sources.download.ip_ranges import Address, Network, checked_address, is_public
from got_loaders.sources.download.urls import Target, failed

__all__ = ["Allowed", "Resolve", "system_resolve", "vetted"]

Resolve = Callable[[str, int], Sequence[str]]
"""A host's name and port → its IP addresses as texts; raises ``OSError`` where there are none."""


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a name; blocks as long as the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The names and networks that may be read although they are not public."""

    names: frozenset[str]
    networks: tuple[Network, ...]

    @classmethod
    def of(cls, hosts: Sequence[str], ascii_name: Callable[[str], str]) -> Allowed:
        """From checked hosts; ``ascii_name`` writes a name as the DNS does."""
        addresses = [host for host in hosts if "/" in host or is_address(host)]
        return cls(
            names=frozenset(ascii_name(host) for host in hosts if host not in addresses),
            networks=tuple(ip_network(host) for host in addresses),
        )

    def has(self, address: Address) -> bool:
        """Whether one of the networks holds this address."""
        return any(address in network for network in self.networks)


def vetted(target: Target, allowed: Allowed, resolve: Resolve) -> list[str]:
    """The addresses of the target's host, in the resolver's order, each once.

    Raises :class:`SourceRefusedError` if only one of them is neither public nor allowed: which one
    a connection takes would be chance.
    """
    by_name = target.host in allowed.names
    if is_localhost(target.host) and not by_name:
        raise _refused(target, f"{target.host} is this machine itself", target.host)
    found = [target.host] if is_address(target.host) else _resolved(target, resolve)
    addresses = dict.fromkeys(_address(target, text) for text in found)
    for address in addresses:
        if not by_name and not is_public(address) and not allowed.has(address):
            text = f"its host's address {address} is not a public one"
            raise _refused(target, text, str(address))
    return [str(address) for address in addresses]


def _resolved(target: Target, resolve: Resolve) -> Sequence[str]:
    try:
        found = resolve(target.host, target.port)
    except (OSError, UnicodeError) as error:
        text = getattr(error, "strerror", None) or "the name can't be looked up"
        raise failed(SourceError, target.url, f"{target.host} is not found: {text}") from error
    if not found:
        raise failed(SourceError, target.url, f"{target.host} has no address")
    return found


def _address(target: Target, text: str) -> Address:
    try:
        return checked_address(text)
    except ValueError as error:
        text = f"its host's address {text} is not one of the internet"
        raise failed(SourceRefusedError, target.url, text) from error


def _refused(target: Target, text: str, host: str) -> SourceError:
    hint = f"if it may be read, pass url_hosts=[{host!r}]"
    return failed(SourceRefusedError, target.url, f"{text}; {hint}")
