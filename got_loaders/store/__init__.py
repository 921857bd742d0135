"""Readings on disk: what was read once is not read again.

``keys`` says what makes two requests the same, ``database`` keeps answers in SQLite, ``flights``
lets those who ask for the same at the same time share one answer, ``store`` brings these together
with a thread that writes, ``engine`` is the :class:`~got_loaders.types.Engine` in front, ``shared``
keeps one store a folder and process. This package knows requests and answers, and neither pages
nor what reads.
"""

from __future__ import annotations

from got_loaders.store.engine import CachedEngine
from got_loaders.store.places import PLACES, cache_folder, store_file
from got_loaders.store.shared import open_store
from got_loaders.store.store import PageStore
from got_loaders.store.upkeep import StoreInfo, clear_store, inspect_store

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
