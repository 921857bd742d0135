"""Readings on disk: what was read once is not read again.

``keys`` says what makes two requests the same, ``database`` keeps answers in SQLite, ``flights``
lets those who ask for the same at the same time share one answer, ``store`` brings these together
with a thread that writes, ``engine`` is the :class:`~got_loaders.types.Engine` in front, ``shared``
keeps one store a folder and process. This package knows requests and answers, and neither pages
nor what reads.
"""

from __future__ import annotations

from got_loaders.cache.cached_engine import CachedEngine
from got_loaders.cache.maintenance import StoreInfo, clear_store, inspect_store
from got_loaders.cache.paths import PLACES, cache_folder, store_file
from got_loaders.cache.result_cache import PageStore
from got_loaders.cache.shared import open_store

__all__ = [
    "PLACES",
    "CachedEngine",
    "PageStore",
    "StoreInfo",
    "cache_folder",
    "clear_store",
    "inspect_store",
    "open_store",
    "store_file",
]
