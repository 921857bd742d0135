"""What a request names as its document → what the pipeline reads.

A document comes as bytes (a data URL, an upload, the body itself), or by name: a URL where the
server has leave to fetch, a path where it has a root folder.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from got_loaders.errors import SourceError, shown
from got_loaders.server.data_url import decode_data_url, is_data_url
from got_loaders.server.errors import ApiError
from got_loaders.server.settings import ServerSettings
from got_loaders.sources import (
    Source,
    display_path,
    file_sources,
    is_file_url,
    looks_like_url,
    sanitize_text,
)

__all__ = [
    "DOCUMENT_SCHEMA",
    "FILE_URL",
    "DocumentRef",
    "FileRef",
    "bytes_ref",
    "decode_header_name",
    "file_name",
    "no_such_file",
    "resolve",
    "to_ref",
]

DOCUMENT_SCHEMA = {
    "type": "object",
    "example": {"type": "document_url", "document_url": "data:application/pdf;base64,…"},
}
"""A document of a request, in the words of OpenAPI."""

FILE_URL = "got-loaders:files/"
"""How the URLs of uploaded files begin; only this server understands them."""

_MAX_NAME = 300
_HTTP = re.compile(r"\s*https?:", re.I)
_DRIVE_OR_FOLDER = re.compile(r"[\\/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A document as it was sent: ``data`` under a ``name``, or a ``locator`` (a path or URL)."""

    name: str
    data: bytes | None = field(default=None, repr=False)
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that was uploaded before."""

    id: str


def to_ref(document: object, *, param: str = "document") -> DocumentRef | FileRef:
    """What a request's ``document`` names, in Mistral's shape; :class:`ApiError` for what is none.

    ``{"type": "document_url", "document_url": URL, "document_name": …}``, ``{"type": "image_url",
    "image_url": URL or {"url": URL}}`` or ``{"type": "file", "file_id": ID}``.
    """
    if not isinstance(document, Mapping):
        raise _wrong(param, 'expected an object like {"type": "document_url", "document_url": …}')
    kind = document.get("type", _guessed_type(document))
    if kind == "file":
        return FileRef(_text(document, "file_id", param))
    if kind not in ("document_url", "image_url"):
        raise _wrong(f"{param}.type", 'expected "document_url", "image_url" or "file"')
    where, value = f"{param}.{kind}", document.get(kind)
    if isinstance(value, Mapping):
        where, value = f"{where}.url", value.get("url")
    if not isinstance(value, str) or not value.strip():
        raise _wrong(where, "expected a URL")
    name = document.get("document_name")
    return _from_url(value, file_name(name) if isinstance(name, str) else None, where)


def file_name(text: str) -> str | None:
    """The last part of a client's name for a file, as metadata may hold it; None: there is none."""
    base = _DRIVE_OR_FOLDER.split(sanitize_text(text).strip().rstrip("\\/"))[-1].strip()
    return None if base in ("", ".", "..") else display_path(base[:_MAX_NAME])


def bytes_ref(data: bytes, name: str | None) -> DocumentRef:
    """A document by its bytes; its name is a digest of these where the client gave none."""
    return DocumentRef(name=name or f"sha256:{hashlib.sha256(data).hexdigest()}", data=data)


def decode_header_name(value: str) -> str | None:
    """The name in a header ``X-Filename``: quoted as in URLs, in UTF-8, or in Latin-1."""
    raw = unquote_to_bytes(value.encode("latin-1"))  # headers come as Latin-1, whatever they are
    try:
        return file_name(raw.decode())
    except UnicodeDecodeError:
        return file_name(raw.decode("latin-1"))


def no_such_file(file: str) -> ApiError:
    """What is told of an id that no uploaded file has."""
    return ApiError(
        "not_found",
        f"{shown(file)}: there is no such file, or it was kept long enough; upload it again",
        param="file_id",
    )


def resolve(ref: DocumentRef, settings: ServerSettings) -> Source:
    """What the pipeline is to read. A path is judged by where it leads, a URL by its looks; where
    a URL leads is judged when it is fetched. Raises :class:`SourceError` or :class:`ApiError`."""
    if ref.data is not None:
        if not ref.data:
            raise SourceError(f"{ref.name}: there are no bytes in it", source=ref.name)
        given = None if ref.name.startswith("sha256:") else ref.name
        return Source(name=ref.name, data=ref.data, file_name=given)
    assert ref.locator is not None, "a document has bytes or a locator"
    is_url = _HTTP.match(ref.locator) is not None
    _check_leave(is_url, settings)
    found = file_sources(ref.locator, root=settings.root, urls=settings.urls)
    source = next(found, None)
    if isinstance(source, SourceError):
        raise source
    if source is None or source.inner is not None:
        raise SourceError(
            f"{ref.name}: it is a folder or a pattern; name one document", source=ref.name
        )
    return source


def _check_leave(is_url: bool, settings: ServerSettings) -> None:
    if is_url and not settings.urls:
        raise ApiError(
            "invalid_request",
            "this server reads no URLs: send the document as a data: URL, or start the server with "
            "--urls",
            param="document",
        )
    if not is_url and settings.root is None:
        raise ApiError(
            "invalid_request",
            "this server reads no files of its own: send the document as a data: URL, or start the "
            "server with --root FOLDER",
            param="document",
        )


def _from_url(url: str, name: str | None, param: str) -> DocumentRef | FileRef:
    if is_data_url(url):
        return bytes_ref(decode_data_url(url, param), name)
    if url.startswith(FILE_URL):
        return FileRef(url.removeprefix(FILE_URL))
    if url[:5].lower() == "file:" and not is_file_url(url):
        url = url[5:]  # a relative path, as people write it
    if looks_like_url(url) and not _HTTP.match(url) and not is_file_url(url):
        raise _wrong(param, "only data:, https:, http: and file: URLs are understood")
    return DocumentRef(name=display_path(url)[:_MAX_NAME], locator=url)


def _guessed_type(document: Mapping[object, object]) -> object:
    """Mistral takes documents without a type, by what is in them."""
    for name, kind in (("document_url",) * 2, ("image_url",) * 2, ("file_id", "file")):
        if name in document:
            return kind
    return None


def _text(document: Mapping[object, object], name: str, param: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{param}.{name}", "expected a text")
    return value


def _wrong(param: str, reason: str) -> ApiError:
    return ApiError("invalid_request", f"{param}: {reason}", param=param)
