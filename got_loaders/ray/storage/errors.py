"""What file systems and servers of others say → errors that can be shown."""

from __future__ import annotations

import re

from got_loaders.errors import SourceError

__all__ = ["error_reason", "storage_error"]

_DENIED = re.compile(
    r"ACCESS_DENIED|AccessDenied|PERMISSION_DENIED|UNAUTHENTICATED|Forbidden|Unauthorized|"
    r"InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|NoCredentials|\b(?:HTTP|status|code)\W{0,3}40[13]\b"
)
_HIDDEN = re.compile(r"""(?<=\?)\S+|'/[^']*'|"/[^"]*\"""")
"""Queries, which may be signed, and this machine's paths."""

_MAX_REASON = 200
"""Characters of what a file system says."""


def storage_error(
    name: str, error: Exception, *, doing: str, secrets: tuple[str, ...] = ()
) -> SourceError:
    """What a file system raised, as an error of the file or folder ``name``; its text is that of
    programs and servers of others: cut short, without secrets, queries and this machine's paths."""
    return SourceError(f"{name}: can't be {doing}: {error_reason(error, secrets)}", source=name)


def error_reason(error: Exception, secrets: tuple[str, ...] = ()) -> str:
    """The first line of an error, or what it means."""
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    text = str(error)
    if isinstance(error, PermissionError) or _DENIED.search(text):
        return "no permission; every node needs the credentials, in its environment or by its role"
    text = (text.strip() or type(error).__name__).splitlines()[0]
    for secret in secrets:
        text = text.replace(secret, "…")
    text = _HIDDEN.sub("…", text)
    return text if len(text) <= _MAX_REASON else f"{text[:_MAX_REASON]}…"
