"""The address of a server, as users write it: what is meant, and what is refused.

Messages never show what stands before an ``@``, nor a query: either may be a secret. Asks no
network and loads no HTTP library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import SplitResult, urlsplit

from got_loaders._spelling import closest
from got_loaders.errors import OptionError, shown

__all__ = ["API_KEY_VARIABLE", "ServerAddress", "looks_like_url", "shown_url"]

API_KEY_VARIABLE = "GOT_LOADERS_API_KEY"
"""The variable of the environment that holds the key where none is passed."""

_SCHEMES = ("http", "https")
_HOST_AND_PORT = re.compile(
    r"(localhost|[\w.-]+:\d+|\[[0-9a-f:.]+\](:\d+)?|[\w-]+(\.[\w-]+)+)(/.*)?", re.I
)
"""What is a host, most likely: ``gpu:8000``, ``10.0.0.7``, ``ocr.example.org/prefix``."""


_HOST = re.compile(r"[\w.-]+")
_NUMBERS = re.compile(r"\d+\.\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server's API begins: ``http://gpu:8000``, ``https://example.org/prefix``.

    No slash at the end, and no ``/v1``, with which clients of OpenAI's API write it: either way it
    is the same address. Scheme and host are in small letters, and a port that goes without saying
    is left out.
    """

    url: str

    @classmethod
    def parse(cls, text: object, *, name: str = "url") -> Self:
        """The address that ``text`` is; :class:`OptionError` says what else was meant.

        ``name`` is what the argument is called in messages.
        """
        if not isinstance(text, str) or not text:
            raise OptionError(
                f"{name}={shown(text)}: expected the URL of a server, http://HOST:PORT"
            )
        if re.search(r"[\s\x00-\x1f\x7f\\]", text):
            raise _error(name, text, "an URL has no blanks, and no backslashes")
        match = re.match(r"(https?)://", text, re.IGNORECASE)
        if match is None:
            raise _error(name, text, _meant(text))
        return cls(_normalized(name, text))

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine: no proxy stands between."""
        host = urlsplit(self.url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def is_tls(self) -> bool:
        """Whether what is sent is encrypted."""
        return self.url.startswith("https:")

    def endpoint(self, path: str) -> str:
        """The URL of a path of the API, ``/v1/…``."""
        return f"{self.url}{path}"


def looks_like_url(text: str) -> bool:
    """Whether a text can be meant as a server's address, be it misspelt."""
    return "://" in text or _repaired(text) is not None


def shown_url(text: str) -> str:
    """``text`` as a message may show it: with no user, password, query or fragment."""
    text = re.split(r"[?#]", text, maxsplit=1)[0] if "@" not in text else text
    start = text.find("//") + 2 if "//" in text else 0
    at = text.rfind("@")
    if at >= start:
        rest = re.split(r"[?#]", text[at:], maxsplit=1)[0]
        text = f"{text[:start]}…{rest}"
    return shown(text)


def _normalized(name: str, text: str) -> str:
    if "@" in text:
        advice = f"keep a key in the variable {API_KEY_VARIABLE}, or pass api_key="
        raise _error(name, text, f"no user and no password belong into it; {advice}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _error(name, text, f"it is no URL: {error}") from None
    if not host or not all(0 < len(each) < 64 for each in host.removesuffix(".").split(".")):
        raise _error(name, text, "it has no host: expected http://HOST:PORT")
    if not _is_host(host):
        raise _error(name, text, "that is no host: expected http://HOST:PORT")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise _error(name, text, "an address has no query and no fragment")
    return f"{parts.scheme}://{_authority(parts.scheme, host, port)}{_prefix(parts)}"


def _is_host(host: str) -> bool:
    """Whether it is a name, or an address, by its signs alone. Names of any language are."""
    if ":" not in host and not _NUMBERS.fullmatch(host):
        return _HOST.fullmatch(host) is not None
    try:
        ip_address(host.replace("%25", "%"))
    except ValueError:
        return False
    return True


def _authority(scheme: str, host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host.removesuffix(".")
    default = {"http": 80, "https": 443}[scheme]
    return host if port in (None, default) else f"{host}:{port}"


def _prefix(parts: SplitResult) -> str:
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return path.removesuffix("/v1").rstrip("/")


def _meant(text: str) -> str:
    repaired = _repaired(text)
    if repaired is None:
        return "expected an URL that begins with http:// or https://"
    return f"did you mean {shown_url(repaired)}?"


def _repaired(text: str) -> str | None:
    """The URL that a misspelt one, or a host with its port, was meant to be."""
    if _HOST_AND_PORT.fullmatch(text.rpartition("@")[2]) and not re.match(r"https?:", text, re.I):
        return f"http://{text}"
    match = re.fullmatch(r"([a-z]{2,6})(?::?/+|:)([^/].*)", text, re.IGNORECASE)
    if match is None:
        return None
    word = match[1].lower()
    known = reversed(_SCHEMES) if word.endswith("s") else _SCHEMES
    scheme = closest(word, known)
    return None if scheme is None else f"{scheme}://{match[2]}"


def _error(name: str, text: str, reason: str) -> OptionError:
    return OptionError(f"{name}={shown_url(text)}: {reason}")
