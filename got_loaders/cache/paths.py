"""Where the cache lies."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = [
    "DRAFTS_NAMESPACE",
    "FILE_NAME",
    "NAMESPACES",
    "SPANS_NAMESPACE",
    "cache_file",
    "cache_folder",
]

FILE_NAME = "readings.sqlite"

SPANS_NAMESPACE = "places"
"""Stands in the column of the model for what is no result: the span maps of Documents."""

DRAFTS_NAMESPACE = "drafts"
"""Likewise: which result is the latest of a picture."""

NAMESPACES = (SPANS_NAMESPACE, DRAFTS_NAMESPACE)


def cache_file(folder: Path) -> Path:
    """The cache's file in its folder."""
    return folder / FILE_NAME


def cache_folder(cache: object) -> Path:
    """The folder that the option ``cache`` names; for True that of this user and system."""
    if cache is True:
        from platformdirs import user_cache_path

        return user_cache_path("got_loaders", appauthor=False)
    assert isinstance(cache, str), "options check this"
    return Path(os.path.abspath(os.path.expanduser(cache)))  # noqa: PTH100, PTH111  # never raises
