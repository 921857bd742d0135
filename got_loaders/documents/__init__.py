"""Page results to records: the text, metadata and id that a framework's Document is made of."""

from __future__ import annotations

from got_loaders.documents.records import Record, Value, abuild, build

__all__ = ["Record", "Value", "abuild", "build"]
