"""What is doubtful about a page, by the flags that docs/flags.md explains."""

from __future__ import annotations

from collections.abc import Mapping

from got_loaders.report.values import FLAGS, Flag
from got_loaders.results import Agreement, PageResult

__all__ = ["LOW_CONFIDENCE", "ending_flags", "flags_of", "is_low_agreement"]

LOW_CONFIDENCE = 0.8
"""As where the embedded model is said to be out of its depth: see ``pipeline.beyond_tiny``."""
_LOW_AGREEMENT = 0.8
_FEW_WORDS = 20
"""As in ``Agreement.is_low``."""

_ENDINGS: Mapping[str, Flag] = {"repetition": "looped", "length": "cut"}
_ORIGINS: Mapping[str, Flag] = {
    "failed": "failed",
    "blank": "blank",
    "corrected": "corrected",
    "text_layer": "own_text",
}


def flags_of(result: PageResult, agreement: Agreement | None) -> tuple[Flag, ...]:
    """What is to be known of a result, most doubtful first; ``agreement`` is its own."""
    ocr = result.ocr
    found = ending_flags(result.origin, None if ocr is None else ocr.finish_reason)
    if result.error is not None:
        found.add("failed")
    if agreement is not None and agreement.is_low:
        found.add("disagrees")
    confidence = None if ocr is None or result.origin != "ocr" else ocr.confidence
    if confidence is not None and confidence < LOW_CONFIDENCE:
        found.add("low_confidence")
    if result.retried:
        found.add("retried")
    return tuple(flag for flag in FLAGS if flag in found)


def ending_flags(origin: str, finish_reason: str | None) -> set[Flag]:
    """What the words of a result, or of metadata, for its origin and its ending stand for."""
    flags = _ORIGINS.get(origin), _ENDINGS.get(finish_reason or "")
    return {flag for flag in flags if flag is not None}


def is_low_agreement(score: float, words: int) -> bool:
    """``Agreement.is_low`` of a record, as far as can be told: it doesn't say how many words the
    file has, only the score, and has a text of so many ``words``. So a stamp counts, too.
    """
    most = max(words, words / score) if score else words
    return score < _LOW_AGREEMENT and most >= _FEW_WORDS
