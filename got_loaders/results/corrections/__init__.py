"""What people put right in a reading, kept beside the documents, and put in its place again."""

from __future__ import annotations

from got_loaders.results.corrections.jsonl import load_corrections, save_corrections
from got_loaders.results.corrections.keys import corrected_of, reading_digest
from got_loaders.results.corrections.lookup import Corrections
from got_loaders.results.corrections.readings import is_reading
from got_loaders.types import Corrected, Correction

__all__ = [
    "Corrected",
    "Correction",
    "Corrections",
    "corrected_of",
    "is_reading",
    "load_corrections",
    "reading_digest",
    "save_corrections",
]
