"""Paths, folders, patterns, URLs and storage → files to read, and these as files of a node."""

from __future__ import annotations

from got_loaders.ray.storage.fetcher import FileFetcher
from got_loaders.ray.storage.listing import as_file_system, list_sources, resolve_path

__all__ = ["FileFetcher", "as_file_system", "list_sources", "resolve_path"]
