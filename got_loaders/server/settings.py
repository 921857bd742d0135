"""What a server may do, and how much of it: checked when made, never changed afterwards."""

from __future__ import annotations

import ipaddress
import math
import re
from dataclasses import dataclass, field, fields

from got_loaders.errors import OptionError, shown
from got_loaders.types import Limits, check_positive_int

__all__ = ["ServerSettings", "is_loopback"]

_KEY = re.compile(r"[\x21-\x7e]{8,512}")
"""What travels in a header unchanged, and is not guessed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where a server listens, who may ask, and what one client may cost the others.

    Sizes are bytes, times seconds. A wrong value raises :class:`OptionError`; so does a ``host``
    that others can reach while there are no ``api_keys``.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    """0 takes any free one."""
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    """Who sends one of these may ask; none: everybody on this machine may."""
    root: str | None = None
    """The folder that paths in requests must lie in; None: no paths."""
    urls: bool = False
    """Whether http(s) URLs in requests are downloaded, by the rules for URLs of strangers."""
    cache: bool | str | None = None
    """Keep readings: True in the user's own folder, or the folder; None: don't."""
    max_cache_bytes: int = 1_000_000_000
    jobs_dir: str | None = None
    """Where jobs and their results are kept; None: the user's own folder for such data."""
    max_body_bytes: int = 50_000_000
    """Of one request; more is refused before it is read."""
    max_held_bytes: int = 1_000_000_000
    """Of all requests that are being received, wait or are read; more are told to come later."""
    max_image_pixels: int = 50_000_000
    """Of all pictures of one request, and of each frame of an image file in a document."""
    max_pages: int = 1_000
    """Of one document."""
    max_queued: int = 1_000
    """Requests that wait for the engine."""
    max_running: int | None = None
    """Requests that the engine has at once; None: a quarter more than it runs at once."""
    max_documents: int = 4
    """Documents that are read at once, each of which keeps many pages in flight."""
    max_jobs: int = 100
    """Jobs that wait or run; half as many as documents are read at once."""
    max_jobs_bytes: int = 10_000_000_000
    """Of all documents and results of jobs, and uploaded files, that are kept."""
    keep_jobs_seconds: float = 7 * 86_400.0
    """How long the results of a job are kept once it has ended."""
    request_seconds: float = 600.0
    """From the last byte of a request to the last byte of its answer."""
    receive_seconds: float = 60.0
    """For a request's headers, for its body, and for taking what is sent."""
    keep_alive_seconds: float = 65.0
    """How long a connection without a request stays open."""
    grace_seconds: float = 30.0
    """After SIGTERM, for what runs."""
    jobs: bool = True
    """Whether it keeps jobs and uploaded files, which live in one server and not in its likes."""
    replicas: int = 1
    """Servers like this one behind the same address: clients are told what all of them take."""

    def __post_init__(self) -> None:
        if not isinstance(self.host, str) or not self.host:
            raise OptionError(f"host={shown(self.host)}: expected an address or a name")
        if not isinstance(self.port, int) or not 0 <= self.port <= 65535:
            raise OptionError(f"port={shown(self.port)}: expected a number from 0 to 65535")
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name.startswith("max_") and value is not None:
                check_positive_int(item.name, value, minimum=0 if item.name == "max_queued" else 1)
            if item.name.endswith("_seconds"):
                _check_seconds(item.name, value)
        check_positive_int("replicas", self.replicas)
        if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in self.api_keys):
            raise OptionError(
                "api_keys: a key has 8 to 512 letters, digits and signs of ASCII, and no blanks"
            )
        if not self.api_keys and not is_loopback(self.host):
            raise OptionError(
                f"host={shown(self.host)}: other machines can reach this address, so a key is "
                "needed: pass api_key_file (a file with a key on a line), or set "
                "GOT_LOADERS_API_KEY"
            )

    @property
    def limits(self) -> Limits:
        """What one document may cost."""
        return Limits(
            file_bytes=self.max_body_bytes,
            pages=self.max_pages,
            image_pixels=self.max_image_pixels,
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check_seconds(name: str, value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    least = 0 if name == "grace_seconds" else 0.001
    if not number or not math.isfinite(value) or value < least:  # type: ignore[arg-type,operator]  # a number
        raise OptionError(f"{name}={shown(value)}: expected seconds, more than none")
