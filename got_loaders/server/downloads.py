"""Pictures on the web → bytes, by the library's rules for URLs of strangers."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from got_loaders.errors import SourceError
from got_loaders.server.errors import ApiError, without_paths
from got_loaders.server.settings import ServerSettings
from got_loaders.sources.download import DownloadPolicy, fetch

__all__ = ["download", "is_web_url", "without_addresses"]

_ADDRESS = re.compile(r"(?<=address )\S+(?= is not)|(?<=redirected to )[^\s:]\S*(?=:)")
"""What a refusal says of a network that its client may not look into."""


def is_web_url(url: str) -> bool:
    """Whether it names something to download."""
    return url[:8].lower().startswith(("http://", "https://"))


def download(url: str, param: str, settings: ServerSettings, stopped: Callable[[], bool]) -> bytes:
    """What lies at ``url``; blocks. :class:`ApiError` where it may not, or can't, be had."""
    if not settings.urls:
        raise ApiError(
            "invalid_option",
            f"{param}: URLs are not downloaded here: send the picture as a data: URL, or have the "
            "server started with --urls",
            param=param,
        )
    policy = DownloadPolicy(max_bytes=settings.max_body_bytes, seconds=settings.receive_seconds)
    try:
        with tempfile.TemporaryDirectory(prefix="got-loaders-") as folder:
            return fetch(url, Path(folder), policy, stopped=stopped).read_bytes()
    except SourceError as error:
        text = without_paths(without_addresses(str(error)))
        raise ApiError("unreadable_document", text, param=param) from error


def without_addresses(text: str) -> str:
    """A refusal without the address that a name has, or a redirect leads to."""
    return _ADDRESS.sub("…", text)
