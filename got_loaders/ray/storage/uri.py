"""Reads the URI of a file in storage, and gives it a name without credentials. Pure.

The path of such a URI is a key as the storage has it: ``#``, ``%`` and spaces are part of it, as
they are for the storages' own command lines. Only a query that sets something for the file system
(``?region=eu-west-1``) ends it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from got_loaders.errors import UnsupportedSourceError
from got_loaders.sources import display_path
from got_loaders.sources.inline import clip

__all__ = ["StorageURI"]

_URI = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<authority>[^/?]*)(?P<path>.*)", re.DOTALL
)
_QUERY = re.compile(r"\?[A-Za-z_][\w.-]*=.*$", re.DOTALL)
_OURS = frozenset({"http", "https", "file"})
_ALIASES = {"s3a": "s3", "s3n": "s3"}
"""What Hadoop calls a storage, where that is not what Arrow calls it."""

_NAMING_USERS = frozenset({"abfs", "abfss", "wasb", "wasbs", "az", "adl"})
"""Schemes whose authority has the name of a container before its ``@``."""

_PLAIN_SETTINGS = frozenset({"region", "scheme", "endpoint_override"})
"""Settings that errors may repeat: without them nobody finds out what is wrong."""

_MIN_SECRET = 3
"""Characters of what is kept from errors: shorter texts are in any."""

_PORT = re.compile(r"(?:\[[^\[\]]*\]|[^:\[\]]*)(?::[0-9]{1,5})?")
_NO_PORT = frozenset({"s3", "gs", "gcs", "abfs", "abfss"})
_ANYTHING_AT = re.compile(r"://.*@", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StorageURI:
    """``scheme``, the ``authority`` (a bucket, say, and before it maybe credentials), the ``path``
    below it without its first slash, and the ``query`` with its question mark; the last two may be
    "". ``is_bare``: not even a slash follows the authority."""

    scheme: str
    authority: str
    path: str
    query: str = ""
    is_bare: bool = False

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The parts of a URI; None where it is a local path, or a URL that has its own rules.

        Raises :class:`UnsupportedSourceError` for one whose credentials can't be told from the
        rest: all up to the last ``@`` is left out of the message.
        """
        match = _URI.fullmatch(text.lstrip())
        if match is None or (scheme := match["scheme"].lower()) in _OURS:
            return None
        path, authority = match["path"], match["authority"]
        query = _QUERY.search(path)
        host = authority.rpartition("@")[2]
        kind = _ALIASES.get(scheme, scheme)
        if not _PORT.fullmatch(host) or ("@" not in authority and ":" in host and kind in _NO_PORT):
            name = display_path(clip(_ANYTHING_AT.sub("://", text).partition("?")[0]))
            reason = "its host is malformed; a / in a password is written as %2F"
            raise UnsupportedSourceError(f"{name}: {reason}", source=name)
        path = path[: query.start()] if query else path
        return cls(scheme, authority, path[1:], query[0] if query else "", not path)

    @property
    def kind(self) -> str:
        """The scheme as Arrow calls it."""
        return _ALIASES.get(self.scheme, self.scheme)

    @property
    def root(self) -> str:
        """What names the file system: all but the path. It may hold credentials."""
        return f"{self.kind}://{self.authority}/{self.query}"

    @property
    def place(self) -> str:
        """The beginning of names: scheme and authority with its slash, credentials left out."""
        host = self.authority.rpartition("@")[2]
        user = f"{self._naming_user}@" if self._naming_user else ""
        return display_path(f"{self.scheme}://{user}{host}/")

    @property
    def name(self) -> str:
        """What metadata and errors call it: as it was given, without credentials and query."""
        return self.place[:-1] if self.is_bare else self.place + display_path(self.path)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat, the longest first: credentials, and values of the query."""
        user = self.authority.rpartition("@")[0]
        settings = (part.partition("=") for part in self.query[1:].split("&"))
        values = [value for key, _, value in settings if key not in _PLAIN_SETTINGS]
        texts = {user, *user.split(":"), *values} - {self._naming_user}
        return tuple(sorted((t for t in texts if len(t) >= _MIN_SECRET), key=len, reverse=True))

    @property
    def _naming_user(self) -> str:
        """What stands before the ``@`` and is no credential."""
        user = self.authority.rpartition("@")[0]
        if self.scheme == "github":
            return user
        return user.partition(":")[0] if self.scheme in _NAMING_USERS else ""
