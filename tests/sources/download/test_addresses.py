"""What counts as a public address."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from got_loaders.sources.download.ip_ranges import is_public, parse_address

CALM = settings(deadline=None)
V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)

WRAPPINGS: dict[str, Callable[[int], IPv6Address]] = {
    "mapped": lambda v4: IPv6Address(0xFFFF << 32 | v4),
    "compatible": IPv6Address,
    "6to4": lambda v4: IPv6Address(0x2002 << 112 | v4 << 80 | 1),
    "Teredo server": lambda v4: IPv6Address(0x20010000 << 96 | v4 << 64),
    "Teredo client": lambda v4: IPv6Address(0x20010000 << 96 | v4 ^ 0xFFFF_FFFF),
    "NAT64": lambda v4: IPv6Address(0x64FF9B << 96 | v4),
}
"""The ways to put an IPv4 address into an IPv6 address."""


@pytest.mark.parametrize("kind", WRAPPINGS)
@CALM
@given(v4=V4)
def test_a_wrapped_address_is_never_more_public_than_itself(kind: str, v4: IPv4Address) -> None:
    """No IPv6 form opens what the plain IPv4 address would not."""
    wrapped = WRAPPINGS[kind](int(v4))
    assert is_public(v4) or not is_public(wrapped)
    assert is_public(v4) or not is_public(parse_address(str(wrapped)))


@CALM
@given(address=V4 | V6)
def test_what_is_public_here_is_global_to_python(address: IPv4Address | IPv6Address) -> None:
    """Our list leaves out nothing that the standard library knows."""
    nat64 = isinstance(address, IPv6Address) and str(address).startswith("64:ff9b::")
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    if is_public(address) and not nat64 and not mapped:
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@pytest.mark.parametrize(
    "text",
    [
        *("8.8.8.8", "93.184.216.34", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.128.0.0"),
        *("100.63.255.255", "169.253.0.1", "223.255.255.255", "192.0.1.1", "198.17.0.1"),
        *("2606:2800:220:1:248:1893:25c8:1946", "2a00:1450::1", "2001:4860:4860::8888"),
        *("64:ff9b::8.8.8.8", "::ffff:8.8.8.8"),
    ],
)
def test_the_internet_is_public(text: str) -> None:
    """Neighbours of the closed networks are open, as are networks that reach IPv4 by NAT64."""
    assert is_public(parse_address(text))


def test_a_mapped_address_is_the_ipv4_address() -> None:
    """It is judged and connected to in its plain form."""
    assert parse_address("::ffff:a00:1") == IPv4Address("10.0.0.1")


@pytest.mark.parametrize("text", ["fe80::1%eth0", "2a00:1450::1%eth0", "127.1", "", "a.example"])
def test_what_is_no_address_of_the_internet_is_an_error(text: str) -> None:
    """A zone makes an address a matter of one machine."""
    with pytest.raises(ValueError):
        parse_address(text)


def test_a_zone_is_never_public() -> None:
    """Even if it gets as far as the judgement."""
    assert not is_public(IPv6Address("2a00:1450::1%eth0"))
