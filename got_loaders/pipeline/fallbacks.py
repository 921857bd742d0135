"""What may be done where a first attempt failed or went wrong; ``retries`` carries it out.

Nothing of a page is held for it: the document is opened again when it comes to that.
"""

from __future__ import annotations

from dataclasses import dataclass

from got_loaders.pipeline.rendering import RenderPlan
from got_loaders.results import PageResult
from got_loaders.types import Region

__all__ = ["Fallback", "RetryInTiles", "UseTextLayer"]


@dataclass(frozen=True, slots=True)
class RetryInTiles:
    """Ask the model once more, by a plan in which it sees the page, or region, in tiles."""

    plan: RenderPlan

    def applies_to(self, result: PageResult) -> bool:
        """Where the model repeated itself."""
        return result.ocr is not None and result.ocr.finish_reason == "repetition"


@dataclass(frozen=True, slots=True)
class UseTextLayer:
    """Take the own text of these pages, or of the region of one, where all of it is good."""

    numbers: tuple[int, ...]
    region: Region | None = None

    def applies_to(self, result: PageResult) -> bool:
        """Where reading failed, was cut off, or the model repeated itself."""
        if result.error is not None:
            return True
        return result.ocr is not None and result.ocr.finish_reason != "stop"


Fallback = RetryInTiles | UseTextLayer
