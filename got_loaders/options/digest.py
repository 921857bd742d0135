"""Whether two reads say the same of a page: a few characters that stand for the options of one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields

from got_loaders.options.read import ReadOptions
from got_loaders.options.serialization import options_to_json

__all__ = ["NON_CONTENT_OPTIONS", "options_digest"]

NON_CONTENT_OPTIONS = frozenset(
    f.name for f in fields(ReadOptions) if not f.metadata["affects_text"]
)
"""Options that decide which pages are read, and not what a record of one says."""


def options_digest(options: ReadOptions) -> str:
    """Twelve characters that are the same for options under which records say the same.

    Of a whole file, a record says what the pages say that were selected.
    """
    ignored = NON_CONTENT_OPTIONS - ({"pages"} if options.mode == "single" else set())
    values = {k: v for k, v in options_to_json(options).items() if k not in ignored}
    values["format"] = options.formatted
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("ascii")).hexdigest()[:12]
