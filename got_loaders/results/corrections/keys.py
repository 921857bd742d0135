"""What a correction of a reading is kept by: its place, and a digest of what was read there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from got_loaders._characters import clean_text
from got_loaders.types import Corrected

if TYPE_CHECKING:
    from got_loaders.results.page_result import PageResult

__all__ = ["corrected_of", "joined", "reading_digest"]


def corrected_of(*results: PageResult) -> Corrected | None:
    """What a correction is kept by: of one result, or of all of a page's as one text.

    Of what has been corrected already, it is what the first correction was kept by. None where it
    can't be corrected, for it does not say what Document it is in: it was not read by a job.
    """
    first = results[0]
    if not first.document_id:
        return None
    if len(results) == 1 and first.corrected is not None:
        return first.corrected
    raw = joined(["" if result.ocr is None else clean_text(result.ocr.text) for result in results])
    return Corrected(
        id=first.document_id,
        page=first.info.number,
        region=first.region_index if len(results) == 1 else None,
        of="raw",
        digest=reading_digest(raw),
        source=first.info.source,
    )


def reading_digest(text: str) -> str:
    """Sixteen characters that are the same for the same text, as far as anybody sees it."""
    return hashlib.sha256(clean_text(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def joined(texts: list[str]) -> str:
    """Texts of one page as one, as a Document has them: an empty line between; empty ones go."""
    return "\n\n".join(filter(None, texts))
