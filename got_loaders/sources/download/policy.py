"""The policy of downloads: which hosts, how much, for how long."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from got_loaders.errors import OptionError, shown
from got_loaders.sources.download.hostnames import is_address, normalize_host
from got_loaders.sources.download.ip_ranges import parse_address

__all__ = ["DownloadPolicy", "normalize_hosts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadPolicy:
    """What a download may do."""

    hosts: tuple[str, ...] = ()
    """Names (``wiki.intranet``) and networks (``10.0.0.0/8``) that may be read although their
    addresses are not public; a name allows just what it resolves to."""

    max_bytes: int = 2_000_000_000
    """The most bytes of one download."""

    seconds: float = 300.0
    """The most seconds for one download, redirects included."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hosts", normalize_hosts(self.hosts))
        if self.max_bytes < 1:
            raise ValueError(f"max_bytes={self.max_bytes!r}: expected a positive number")
        if not 0 < self.seconds < math.inf:
            raise ValueError(f"seconds={self.seconds!r}: expected a positive number of seconds")


def normalize_hosts(hosts: object) -> tuple[str, ...]:
    """Names and networks in plain form, each once; a single text stands for itself.

    Raises :class:`OptionError` for what is neither: a URL, a port, a wildcard, ``127.1``.
    """
    if isinstance(hosts, str):
        return (_normalize(hosts),)
    if not isinstance(hosts, Iterable) or isinstance(hosts, bytes):
        raise OptionError(f"url_hosts={shown(hosts)}: expected names or networks")
    return tuple(dict.fromkeys(_normalize(host) for host in hosts))


def _normalize(host: object) -> str:
    if not isinstance(host, str):
        raise OptionError(f"url_hosts={shown(host)}: expected names or networks as texts")
    try:
        return _network(host) if "/" in host else _name_or_address(host)
    except ValueError as error:
        text = "expected a name like 'wiki.intranet' or a network like '10.0.0.0/8'"
        raise OptionError(f"url_hosts={shown(host)}: {text}: {error}") from error


def _network(text: str) -> str:
    network = ip_network(text)
    if network.version == 6 and network.network_address.ipv4_mapped is not None:
        raise ValueError("write an IPv4 network in its own form")
    return str(network)


def _name_or_address(text: str) -> str:
    host = normalize_host(f"[{text}]" if ":" in text and not text.startswith("[") else text)
    return str(parse_address(host)) if is_address(host) else host
