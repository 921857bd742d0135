"""An http(s) URL → a file, safely, for servers that take URLs from strangers.

The life of a download: the URL is parsed by strict rules (``urls``, ``hostnames``), its host is
resolved once and every address is checked (``resolve``, ``ip_ranges``), the connection goes to
exactly these addresses (``client``), redirects start over from the first step, and the body is
counted and timed while it is written (``response``, ``deadline``, ``fetch``).

Importing this loads no HTTP library; only a real download does. This package knows nothing of
documents.
"""

from __future__ import annotations

from got_loaders.sources.download.fetch import fetch, save_chunks
from got_loaders.sources.download.policy import DownloadPolicy, normalize_hosts
from got_loaders.sources.download.resolve import Resolve, system_resolve
from got_loaders.sources.download.urls import check_url

__all__ = [
    "DownloadPolicy",
    "Resolve",
    "check_url",
    "fetch",
    "normalize_hosts",
    "save_chunks",
    "system_resolve",
]
