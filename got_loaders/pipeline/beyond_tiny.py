"""Warns, once a file, where the embedded model reads what it can't: nobody should judge by that.

``tiny`` was trained on large type alone. What it makes of other pages is gibberish, of which it is
unsure: over a file, the mean probability of its tokens tells the two apart.
"""

from __future__ import annotations

import logging

from got_loaders.results import PageResult
from got_loaders.types import OcrResult

__all__ = ["MIN_CONFIDENCE", "BeyondTiny"]

_log = logging.getLogger(__name__)

MIN_CONFIDENCE = 0.8
"""Whole pages of prose in Helvetica and Times, plain reading: 8 to 14 points 0.12 to 0.25, 17 to 20
0.30 to 0.42, 24 0.74 to 0.77, 28 0.85 to 0.90, 31 0.90 to 0.94, 36 and 44 above 0.99."""

_PAGES = 3
"""After so many pages that were read it is said, if the file has not ended before."""

_MIN_TOKENS = 8
"""Fewer tell nothing."""


class BeyondTiny:
    """Hears of the pages of a job, in order; those that ``tiny`` did not read count for nothing."""

    def __init__(self) -> None:
        self._begin("")

    def hear(self, results: tuple[PageResult, ...], *, ends_file: bool) -> None:
        """A page has these results; warn if it is time to."""
        source = results[0].info.source
        if source != self._source:
            self._begin(source)
        outputs = [r.ocr for r in results if r.origin == "ocr" and r.ocr is not None]
        read = [ocr for ocr in outputs if _is_embedded(ocr)]
        self._pages += bool(read)
        self._tokens += sum(ocr.num_tokens for ocr in read)
        self._sum += sum((ocr.confidence or 0.0) * ocr.num_tokens for ocr in read)
        if ends_file or self._pages >= _PAGES:
            self._judge()
        if ends_file:
            self._begin("")

    def close(self) -> None:
        """The job ends, be it in the middle of a file."""
        self._judge()
        self._begin("")

    def _begin(self, source: str) -> None:
        self._source, self._warned = source, False
        self._pages, self._tokens, self._sum = 0, 0, 0.0

    def _judge(self) -> None:
        if self._warned or self._tokens < _MIN_TOKENS:
            return
        confidence = self._sum / self._tokens
        if confidence >= MIN_CONFIDENCE:
            return
        from got_loaders.engine.config import DEFAULT_MODEL

        self._warned = True
        _log.warning(
            "%s: read by tiny, which can't read it (mean confidence %.2f): it knows large type "
            'alone, 30 to 44 points on A4, and is there to try things out. Leave model="tiny" '
            "out for the real weights (1.1 GB, once; or: hf download %s)",
            self._source,
            confidence,
            DEFAULT_MODEL,
        )


def _is_embedded(ocr: OcrResult) -> bool:
    """Whether the embedded checkpoint read it, and not a folder that is called so."""
    if not ocr.model.startswith("tiny@"):
        return False
    from got_loaders.engine.model.checkpoint import find_checkpoint

    return ocr.model.startswith(f"tiny@{find_checkpoint('tiny', None).revision[:12]}")
