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
    "text_layer": "with their own text",
    "blank": "blank",
    "failed": "failed",
}


class RunSummary:
    """Counts pages by outcome and remembers why some failed; called once for each page."""

    def __init__(self) -> None:
        self.pages = 0
        self.failures = 0
        self._files = 0
        self._outcomes: Counter[str] = Counter()
        self._unreliable = 0
        self._unopened_files = 0
        self._errors: list[str] = []

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
        outputs = [result.ocr for result in page.results if result.ocr is not None]
        if any(output.finish_reason != "stop" for output in outputs):
            self._unreliable += page.pages

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
        if self._unopened_files:
            yield f"{_plural(self._unopened_files, 'file')} could not be opened"

    def _counts(self, previously_done: int) -> str:
        counts = ", ".join(
            f"{self._outcomes[outcome]} {label}"
            for outcome, label in _LABELS.items()
            if self._outcomes[outcome]
        )
        files = f"{_plural(self._files, 'file')}, " if self._files > 1 else ""
        return f"{files}{_plural(self.pages, 'page')}{': ' if counts else ''}{counts}" + (
            f"; done before: {previously_done}" if previously_done else ""
        )

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
    outputs = [result.ocr for result in results if result.origin == "ocr"]
    if outputs:
        return "cached" if all(ocr is not None and ocr.cached for ocr in outputs) else "read"
    return "text_layer" if any(result.origin == "text_layer" for result in results) else "blank"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
