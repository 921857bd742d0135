"""Where the characters of a text came from, and ``locate``, which says it of a chunk.

Splitters copy a Document's metadata and nothing else. So the spans of a text are kept beside it,
in this process and in the cache of results, where there is one; its metadata holds one short key,
``ocr_ref``, by which they are found. A text that came from one place alone needs no such key: its
metadata says where.
"""

from __future__ import annotations

from got_loaders.documents.provenance.locate import locate
from got_loaders.documents.provenance.span_registry import REF_KEY, register_spans
from got_loaders.documents.provenance.span_store import SpanWriter
from got_loaders.documents.provenance.spans import SpanMap

__all__ = ["REF_KEY", "SpanMap", "SpanWriter", "locate", "register_spans"]
