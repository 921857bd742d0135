"""``got-loaders cache``: shows what the cache holds, or clears it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from got_loaders.cache import CacheInfo, cache_folder, clear_cache, inspect_cache, is_damage
from got_loaders.cli.help_texts import bytes_text
from got_loaders.errors import SourceError, printable
from got_loaders.options import Cache

__all__ = ["clear", "show"]

T = TypeVar("T")


def show(cache: Cache) -> int:
    """Print what the cache of a folder holds; 0."""
    info = _on_cache(inspect_cache, cache_folder(cache))
    print(f"{'file':>10}  {printable(str(info.file))}")
    print(f"{'readings':>10}  {info.results}")
    for line in _details(info):
        print(line)
    return 0


def clear(cache: Cache) -> int:
    """Clear it, and print how much that was; 0."""
    folder = cache_folder(cache)
    count = _on_cache(clear_cache, folder)
    place = printable(str(folder))
    if count is None:
        print(f"a cache that was damaged, or of another version, is removed; {place} is empty")
    else:
        print(f"{count} readings were let go of; {place} is empty")
    return 0


def _details(info: CacheInfo) -> list[str]:
    if info.oldest is None or info.newest is None:
        return []
    first, last = _minute(info.oldest), _minute(info.newest)
    lines = [f"{'size':>10}  {bytes_text(info.used_bytes)}", f"{'used':>10}  {first} to {last}"]
    if info.span_maps:
        lines.append(f"{'places':>10}  of {info.span_maps} Documents, for locate")
    return lines + [f"{'by':>10}  {printable(name)}: {count}" for name, count in info.models]


def _minute(timestamp: float) -> str:
    try:
        return datetime.fromtimestamp(timestamp).astimezone().isoformat(" ", "minutes")
    except (ValueError, OverflowError, OSError):  # of a damaged file
        return "an unknown time"


def _on_cache(work: Callable[[Path], T], folder: Path) -> T:
    try:
        return work(folder)
    except (sqlite3.Error, OSError) as error:
        advice = '; "got-loaders cache clear" makes a new one' if is_damage(error) else ""
        raise SourceError(f"the cache in {folder} can't be used: {error}{advice}") from error
