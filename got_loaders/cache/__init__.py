"""Results on disk: what was read once is not read again.

``keys`` says what makes two requests the same, ``sqlite`` keeps results in a database, to which
``writer`` writes in a thread; ``singleflight`` lets those who ask for the same at the same time
share one result. ``result_cache`` brings these together, ``cached_engine`` is the
:class:`~got_loaders.types.Engine` in front, ``shared`` keeps one cache per folder and process.
This package knows requests and results, and neither pages nor what reads.
"""

from __future__ import annotations

from got_loaders.cache.cached_engine import CachedEngine
from got_loaders.cache.maintenance import CacheInfo, clear_cache, inspect_cache
from got_loaders.cache.paths import SPANS_NAMESPACE, cache_file, cache_folder
from got_loaders.cache.result_cache import ResultCache
from got_loaders.cache.shared import open_cache
from got_loaders.cache.sqlite import is_damage

__all__ = [
    "SPANS_NAMESPACE",
    "CacheInfo",
    "CachedEngine",
    "ResultCache",
    "cache_file",
    "cache_folder",
    "clear_cache",
    "inspect_cache",
    "is_damage",
    "open_cache",
]
