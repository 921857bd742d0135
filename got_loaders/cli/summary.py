"""The summary of a run: its files and pages, counted by outcome as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from got_loaders.cli.messages import in_flags

if TYPE_CHECKING:
    from got_loaders.pipeline.progress import PageReport
    from got_loaders.results import PageResult

__all__ = ["RunSummary"]

_MAX_ERRORS = 20
_LABELS = {
    "read": "read",
    "cached": "from the cache",
    "corrected": "corrected",
    "text_layer": "with their own text",
    "blank": "blank",
    "failed": "failed",
}
_MIN_DRAFTED = 0.1
"""What pages repeat of themselves drafts a few percent of any scan, now more, now less."""


class RunSummary:
    """Counts pages by outcome and remembers why some failed; called once for each page.

    ``unread_corrections`` is set at the end: those of no page that was read.
    """

    def __init__(self) -> None:
        self.pages = 0
        self.failures = 0
        self._files = 0
        self._outcomes: Counter[str] = Counter()
        self._unreliable = 0
        self._accepted = self._tokens = 0
        self._disagreeing = 0
        self._unopened_files = 0
        self._figures = 0
        self._errors: list[str] = []
        self.unread_corrections = 0

    def __call__(self, page: PageReport) -> None:
        """Count one more page."""
        self._files += page.ends_file
        errors = [result.error for result in page.results if result.error is not None]
        self.failures += bool(errors)
        if errors and len(self._errors) < _MAX_ERRORS:
            source = page.results[0].info.source
            self._errors.append("; ".join(in_flags(error, source) for error in errors))
        if errors and not page.opened:
            self._unopened_files += 1
            return
        self.pages += page.pages
        self._outcomes[_outcome(page.results)] += page.pages
        self._figures += sum(result.figure is not None for result in page.results)
        outputs = [result.ocr for result in page.results if result.ocr is not None]
        if any(output.finish_reason != "stop" for output in outputs):
            self._unreliable += page.pages
        for output in outputs:
            if not output.cached:
                self._tokens += output.num_tokens
                self._accepted += output.accepted_tokens
        agreements = (result.agreement for result in page.results)
        if any(agreement is not None and agreement.is_low for agreement in agreements):
            self._disagreeing += page.pages

    @property
    def is_doubtful(self) -> bool:
        """Whether nothing but blank pages was there, or one was cut off or went in circles."""
        return bool(self._unreliable) or 0 < self.pages == self._outcomes["blank"]

    def lines(self, *, previously_done: int = 0) -> Iterator[str]:
        """What was done, and with what success; ``previously_done`` pages were done before."""
        if self.pages or previously_done:
            yield self._counts(previously_done)
        if self._unreliable:
            pages = _plural(self._unreliable, "page")
            yield f"{pages} cut off or going in circles: see ocr_finish_reason"
        if self._disagreeing:
            pages = _plural(self._disagreeing, "page")
            yield f"{pages} read otherwise than the file's own text has it: see ocr_agreement"
        if self._figures:
            yield f"{_plural(self._figures, 'figure')} kept"
        if self._unopened_files:
            yield f"{_plural(self._unopened_files, 'file')} could not be opened"
        if self.unread_corrections:
            count = _plural(self.unread_corrections, "correction")
            yield f"{count} of pages that were not among these"

    def _counts(self, previously_done: int) -> str:
        counts = ", ".join(
            f"{self._outcomes[outcome]} {label}"
            for outcome, label in _LABELS.items()
            if self._outcomes[outcome]
        )
        files = f"{_plural(self._files, 'file')}, " if self._files > 1 else ""
        done_before = f"; done before: {previously_done}" if previously_done else ""
        pages = _plural(self.pages, "page")
        return f"{files}{pages}{': ' if counts else ''}{counts}{self._drafts()}{done_before}"

    def _drafts(self) -> str:
        """How much of what was read now came from drafts, if that is worth a word."""
        share = min(1.0, self._accepted / max(1, self._tokens))
        return f"; drafts: {share:.0%} of the tokens" if share >= _MIN_DRAFTED else ""

    def failure_lines(self) -> Iterator[str]:
        """What failed, and why."""
        for error in self._errors:
            yield f"failed: {error}"
        if self.failures > len(self._errors):
            yield f"and {self.failures - len(self._errors)} more"


def _outcome(results: tuple[PageResult, ...]) -> str:
    """The outcome of one page."""
    if any(result.error is not None for result in results):
        return "failed"
    if any(result.origin == "corrected" for result in results):
        return "corrected"
    outputs = [result.ocr for result in results if result.origin == "ocr"]
    if outputs:
        return "cached" if all(ocr is not None and ocr.cached for ocr in outputs) else "read"
    return "text_layer" if any(result.origin == "text_layer" for result in results) else "blank"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
