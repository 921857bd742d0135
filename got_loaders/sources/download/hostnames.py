"""Normalizes the host of a URL, so that it can be checked and compared. Pure."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address

__all__ = ["is_address", "is_localhost", "normalize_host"]

_CHARACTERS = re.compile(r"(?:[a-z0-9_.-]|[^\x00-\x7f])+")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MAX_LENGTH = 253  # characters of a name (RFC 1035, as text)


def normalize_host(text: str) -> str:
    """A host in lower case, without trailing dot, as plain characters; an address in short form.

    IPv6 addresses are given in square brackets, and returned without. A name may still hold
    letters beyond ASCII: the HTTP library encodes them. Raises ``ValueError``, saying why, for what
    is not a plain name or address: ``127.1``, ``0x7f000001``, ``%6cocalhost``, ``[fe80::1%eth0]``.
    """
    if text.startswith("[") and text.endswith("]"):
        return _normalize_ipv6(text[1:-1])
    host = unicodedata.normalize("NFKC", text).lower().replace("\u3002", ".")
    host = host.removesuffix(".")
    if not _CHARACTERS.fullmatch(host) or (host.isascii() and not _is_name(host)):
        raise ValueError("it is not a plain name or address")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _normalize_ipv4(host)
    return host


def is_address(host: str) -> bool:
    """Whether a normalized host is an IP address; no name ends in a number."""
    return ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]) is not None


def is_localhost(host: str) -> bool:
    """Whether a normalized host means this machine, whatever a resolver says (RFC 6761)."""
    return host == "localhost" or host.endswith(".localhost")


def _is_name(host: str) -> bool:
    return len(host) <= _MAX_LENGTH and all(_LABEL.fullmatch(label) for label in host.split("."))


def _normalize_ipv4(host: str) -> str:
    """Four decimal numbers; resolvers also take ``127.1``, octal and hexadecimal ones."""
    try:
        return str(IPv4Address(host))
    except AddressValueError as error:
        raise ValueError("an IPv4 address is written as four plain numbers") from error


def _normalize_ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError as error:
        raise ValueError("it is not an IPv6 address") from error
    if address.scope_id is not None:
        raise ValueError("an address with a zone is not one of the internet")
    return str(address)
