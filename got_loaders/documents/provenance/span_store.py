"""Passages in the store of readings, for other processes and later days."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack

from got_loaders.cache import PLACES, PageStore, cache_folder, open_store, store_file
from got_loaders.documents.provenance.span_registry import ledger
from got_loaders.documents.provenance.spans import Passages, bytes_of, passages_of
from got_loaders.options import Cache, ReadOptions

__all__ = ["PlaceKeeper", "kept_passages"]


class PlaceKeeper:
    """Writes down what this process remembers, where the options have a cache; else nothing."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._held = ExitStack()
        self._store: PageStore | None = None

    def keep(self, ref: str) -> None:
        """Write what the ledger holds under ``ref``; it is there when the keeper is closed."""
        passages = ledger.get(ref)
        if self._options.cache is None or passages is None:
            return
        if self._store is None:
            folder = cache_folder(self._options.cache)
            opened = open_store(folder, max_bytes=self._options.max_cache_bytes)
            self._store = self._held.enter_context(opened)
        if self._store.get(_key(ref)) is None:
            self._store.put(_key(ref), PLACES, bytes_of(passages))

    def close(self) -> None:
        """Let go of the store."""
        self._held.close()


def kept_passages(ref: str, cache: Cache) -> Passages | None:
    """What was written down under ``ref`` in the store that the option ``cache`` names."""
    options = ReadOptions(cache=cache)
    if options.cache is None:
        return None
    folder = cache_folder(options.cache)
    if not store_file(folder).exists():  # looking up makes none
        return None
    with open_store(folder, max_bytes=None) as store:
        payload = store.get(_key(ref))
    return None if payload is None else passages_of(payload)


def _key(ref: str) -> bytes:
    return hashlib.blake2b(f"{PLACES}\0{ref}".encode(), digest_size=32).digest()
