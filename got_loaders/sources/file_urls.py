"""``file:`` URLs (RFC 8089) → paths."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote_to_bytes

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources.inline import clip

__all__ = ["file_url_paths", "is_file_url"]

_FILE_URL = re.compile(r"\s*file:(?://(?P<host>[^/]*))?(?P<path>/.*)?", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r"(?<=://)[^/]*@")
_DRIVE = re.compile(r"/[A-Za-z]:")


def is_file_url(text: str) -> bool:
    """Whether it begins as one, ``file:/``; it may name another host."""
    return re.match(r"\s*file:/", text, re.IGNORECASE) is not None


def file_url_paths(url: str) -> tuple[str, str]:
    """The path that a ``file:`` URL names, and the one that it names if nothing in it is encoded.

    Programs forget to encode a ``%`` or ``#`` of a file's name. Query and fragment are no part of
    the path. Raises :class:`SourceRefusedError` where the file is another host's, and
    :class:`SourceError` where there is no path.
    """
    match = _FILE_URL.fullmatch(url)
    assert match is not None, "is_file_url has seen it"
    if (match["host"] or "").casefold() not in ("", "localhost"):
        name = clip(_USER.sub("", url))
        text = "files of other hosts are not read; one of this machine's is file:///full/path"
        raise SourceRefusedError(f"{name}: {text}", source=name)
    if match["path"] is None:
        raise SourceError(f"{url}: there is no path in this URL", source=url)
    raw = match["path"]
    if os.name == "nt" and _DRIVE.match(raw):
        raw = raw[1:]
    return os.fsdecode(unquote_to_bytes(re.split("[?#]", raw, maxsplit=1)[0])), raw
