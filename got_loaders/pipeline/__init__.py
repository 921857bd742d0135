"""Sources in, page results out: rendered, submitted, awaited in order, retried."""

from __future__ import annotations

from got_loaders.pipeline.engine_source import engine_source
from got_loaders.pipeline.reader import PageResults, Reading, aread, read

__all__ = ["PageResults", "Reading", "aread", "engine_source", "read"]
