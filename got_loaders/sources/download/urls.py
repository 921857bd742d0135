"""Parses URLs, by stricter rules than the web's, so that no two parsers can disagree. Pure.

What other programs repair (a backslash, a tab, a space, a missing slash) is refused here: repairs
differ, and an address that is checked in one form and connected to in another is no longer safe.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urljoin

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.download.hostnames import normalize_host
from got_loaders.sources.inline import clip

__all__ = ["ParsedURL", "check_url", "parse_url", "resolve_redirect", "url_error"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_URL = re.compile(
    r"[A-Za-z]+://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?"
)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,5}))?")
_USER = re.compile(r"(?<=://)[^/?#]*@")
_ANYTHING_AT = re.compile(r"^((?i:https?):/*|[A-Za-z][A-Za-z0-9+.-]*://)?.*@", re.DOTALL)
_PORTS = {"http": 80, "https": 443}
_MAX_LENGTH = 8192  # characters of a URL


@dataclass(frozen=True, slots=True)
class ParsedURL:
    """A URL in parts: ``host`` as ``hostnames.normalize_host`` gives it."""

    url: str
    scheme: str
    host: str
    port: int
    resource: str
    """Path and query; begins with a slash."""

    @property
    def host_header(self) -> str:
        """The host as a request names it: with brackets and port where they are needed."""
        return _bracketed(self.host) if self.port == _PORTS[self.scheme] else self.origin(self.host)

    def origin(self, host: str) -> str:
        """``host`` with this URL's port."""
        return f"{_bracketed(host)}:{self.port}"


def _bracketed(host: str) -> str:
    """An IPv6 address in brackets, any other host as it is."""
    return f"[{host}]" if ":" in host else host


def check_url(url: str) -> str:
    """The name of the URL as metadata may hold it: the URL itself.

    Raises :class:`UnsupportedSourceError` or :class:`SourceRefusedError` for what can be told
    without a network: other schemes than http and https, a user or password, no host, a host in
    disguise, a bad port, characters that no URL may have. No error repeats a user or password.
    """
    return parse_url(url).url


def parse_url(url: str) -> ParsedURL:
    """The parts of ``url``; raises as :func:`check_url` does."""
    _check_characters(url)
    scheme = _scheme(url)
    match = _URL.fullmatch(url)
    if match is None or not match["authority"]:
        raise _malformed_error(url, "there is no host in it; expected http://host/path")
    if "@" in match["authority"]:
        text = "a user or password in a URL is not sent; download it yourself and pass the file"
        raise url_error(SourceRefusedError, _USER.sub("", url, count=1), text)
    authority = _AUTHORITY.fullmatch(match["authority"])
    if authority is None or not 0 < (port := int(authority["port"] or _PORTS[scheme])) < 65536:
        raise _malformed_error(url, "its host or port is malformed")
    host = _host(url, authority["host"])
    resource = (match["path"] or "/") + (match["query"] or "")
    return ParsedURL(url=url, scheme=scheme, host=host, port=port, resource=resource)


def resolve_redirect(base: str, location: str) -> str:
    """Where a redirect from ``base`` leads; ``location`` may be relative, and hold spaces."""
    location = location.replace(" ", "%20")
    _check_characters(location)
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise _malformed_error(location, "it is not a URL") from error


def url_error(kind: type[SourceError], url: str, text: str) -> SourceError:
    """An error of this kind; its message clips a long ``url`` and shows invisible letters."""
    label = "".join(char if char.isprintable() else "\ufffd" for char in clip(url))
    return kind(f"{label}: {text}", source=url)


def _check_characters(url: str) -> None:
    if len(url) > _MAX_LENGTH:
        raise _malformed_error(url[:_MAX_LENGTH], f"the URL has more than {_MAX_LENGTH} characters")
    if any(char == "\\" or _is_bad(char) for char in url):
        text = "spaces, backslashes and control characters in a URL must be written as %20, %5C, …"
        raise _malformed_error(url, text)


def _is_bad(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cs")


def _scheme(url: str) -> str:
    match = _SCHEME.match(url)
    if match is None or (scheme := match[1].lower()) not in _PORTS:
        raise _malformed_error(url, "only http:// and https:// URLs are read")
    return scheme


def _host(url: str, text: str) -> str:
    if not text:
        raise _malformed_error(url, "there is no host in it; expected http://host/path")
    try:
        return normalize_host(text)
    except ValueError as error:
        raise url_error(SourceRefusedError, url, f"its host is refused: {error}") from error


def _malformed_error(url: str, text: str) -> SourceError:
    """Where the user or password ends in a malformed URL is unknown: all up to the last @ goes."""
    name = _ANYTHING_AT.sub(r"\1", url)
    name = "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in name)
    return url_error(UnsupportedSourceError, clip(name), text)
