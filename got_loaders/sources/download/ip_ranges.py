"""Decides whether an IP address is public. Pure.

The networks are listed here, from the registries of special-purpose addresses (RFC 6890 and its
updates), because ``is_global`` of the standard library differs from one Python version
to the next.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

__all__ = ["Address", "Network", "is_public", "parse_address"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network, the unspecified address
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; one cloud's metadata is at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # one cloud's own service for its machines, in public space
        "169.254.0.0/16",  # link-local; most clouds' metadata is at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; one cloud's metadata is at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

_UNICAST_V6 = IPv6Network("2000::/3")
"""All that is public lies in here; loopback, link-local, private and multicast do not."""

_NOT_PUBLIC_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, identifiers
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: leads wherever the IPv4 address inside does
        "3ffe::/16",  # a former test network
        "3fff::/20",  # documentation
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")
"""How networks without IPv4 reach it (RFC 6052): the last 32 bits are an IPv4 address."""


def parse_address(text: str) -> Address:
    """``text`` as an address, an IPv4 address out of its IPv6 form (``::ffff:10.0.0.1``).

    Raises ``ValueError`` for what is none, and for an address with a zone (``fe80::1%eth0``).
    """
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:
        raise ValueError("an address with a zone is not one of the internet")
    return address.ipv4_mapped or address


def is_public(address: Address) -> bool:
    """Whether everybody on the internet can reach this address, and means the same machine.

    An IPv6 address that embeds an IPv4 address (IPv4-mapped, NAT64) is public if that one is; the
    deprecated ways to do so (IPv4-compatible, 6to4, Teredo) never are.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None:
        return False
    embedded = _embedded_ipv4(address)
    if embedded is not None:
        return is_public(embedded)
    return address in _UNICAST_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped
