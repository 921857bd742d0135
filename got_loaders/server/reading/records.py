"""Records as clients get them: what names a place of this machine or process is left out."""

from __future__ import annotations

from got_loaders.documents.provenance import REF_KEY
from got_loaders.documents.records import Record, Value
from got_loaders.server.errors import without_paths

__all__ = ["public_metadata"]

_FREE_TEXTS = ("error", "page_warnings")
"""What engines and decoders say, in their words."""


def public_metadata(record: Record) -> dict[str, Value]:
    """The metadata of a record, and what is known of its file."""
    return {
        name: without_paths(value) if name in _FREE_TEXTS and isinstance(value, str) else value
        for name, value in (record.metadata | record.file).items()
        if name != REF_KEY
    }
