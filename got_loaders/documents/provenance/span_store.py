"""Span maps in the cache of results, for other processes and later days."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack

from got_loaders.cache import SPANS_NAMESPACE, ResultCache, cache_file, cache_folder, open_cache
from got_loaders.documents.provenance.span_registry import registry
from got_loaders.documents.provenance.spans import SpanMap, decode_spans, encode_spans
from got_loaders.options import Cache, ReadOptions

__all__ = ["SpanWriter", "load_spans"]


class SpanWriter:
    """Writes down what this process registers, where the options have a cache; else nothing."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._resources = ExitStack()
        self._cache: ResultCache | None = None

    def write(self, ref: str) -> None:
        """Write what is registered under ``ref``; it is there when the writer is closed."""
        spans = registry.get(ref)
        if self._options.cache is None or spans is None:
            return
        if self._cache is None:
            folder = cache_folder(self._options.cache)
            opened = open_cache(folder, max_bytes=self._options.max_cache_bytes)
            self._cache = self._resources.enter_context(opened)
        if self._cache.get_payload(_key(ref)) is None:
            self._cache.put_payload(_key(ref), SPANS_NAMESPACE, encode_spans(spans))

    def close(self) -> None:
        """Let go of the cache."""
        self._resources.close()


def load_spans(ref: str, cache: Cache) -> SpanMap | None:
    """What was written down under ``ref`` in the cache that the option ``cache`` names."""
    options = ReadOptions(cache=cache)
    if options.cache is None:
        return None
    folder = cache_folder(options.cache)
    if not cache_file(folder).exists():  # looking up makes none
        return None
    with open_cache(folder, max_bytes=None) as results:
        payload = results.get_payload(_key(ref))
    return None if payload is None else decode_spans(payload)


def _key(ref: str) -> bytes:
    return hashlib.blake2b(f"{SPANS_NAMESPACE}\0{ref}".encode(), digest_size=32).digest()
