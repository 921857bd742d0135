"""Sources in, page results out: rendered, submitted, awaited in order, retried."""

from __future__ import annotations

from got_loaders.pipeline.engines import engine_fingerprint, resolve_engine
from got_loaders.pipeline.page_picture import page_png
from got_loaders.pipeline.read_results import aread, read
from got_loaders.pipeline.reader import PageResults, ReadJob

__all__ = [
    "PageResults",
    "ReadJob",
    "aread",
    "engine_fingerprint",
    "page_png",
    "read",
    "resolve_engine",
]
