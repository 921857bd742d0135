"""What all pages of a job have in common, and the one call by which any of them asks the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from got_loaders.options import ReadOptions
from got_loaders.pipeline.pending import PendingResult
from got_loaders.pipeline.rendering import PromptImage, build_request, own_text
from got_loaders.results import PageResult
from got_loaders.types import Engine

__all__ = ["JobContext"]


@dataclass(frozen=True, slots=True)
class JobContext:
    """The options, the engine and the end of a job.

    ``engine`` is asked for at the first page that is to be read; what it raises is raised. Once the
    job is ``stopped``, a page of which some regions are asked about is not finished. ``max_side``
    is set where the engine sees pages in their own shape: pixels along the longer side.
    """

    options: ReadOptions
    engine: Callable[[], Engine]
    stopped: Callable[[], bool]
    max_side: int | None = None

    def submit(
        self,
        images: Sequence[PromptImage],
        pending: PendingResult,
        first_attempt: PageResult | None = None,
    ) -> PendingResult:
        """Ask the engine about a page, a region, or pages read as one; may block.

        A second attempt has to better the first one, which it names, and may copy from it.
        """
        earlier = None if first_attempt is None else first_attempt.ocr
        own = own_text(images)
        request = build_request(
            images, self.options, own or ("" if earlier is None else earlier.text)
        )
        if own and self.options.color is None:  # whose box is known to those who drew it alone
            pending = replace(pending, result=replace(pending.result, own_text=own))
        return pending.submitted(self.engine(), request, first_attempt)
