"""What became of the pages of a run, counted as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from got_loaders.types import PageResult

__all__ = ["RunSummary"]

_MOST_NAMED = 20
_ORDER = {
    "read": "read",
    "cached": "from the cache",
    "own": "with their own text",
    "blank": "blank",
    "failed": "failed",
}


class RunSummary:
    """Counts pages by what became of them; remembers why some failed. Told of each page once."""

    def __init__(self) -> None:
        self.pages = 0
        self._kinds: Counter[str] = Counter()
        self._unsure = 0
        self._files = 0
        self._failures = 0
        self._errors: list[str] = []

    def __call__(self, pages: int, results: tuple[PageResult, ...]) -> None:
        """``pages`` pages, read as one, have these results."""
        errors = [result.error for result in results if result.error is not None]
        self._failures += bool(errors)
        if errors and len(self._errors) < _MOST_NAMED:
            self._errors.append("; ".join(errors))
        if results[0].info.number is None and errors:
            self._files += 1
            return
        self.pages += pages
        self._kinds[_kind(results)] += pages
        readings = [result.ocr for result in results if result.ocr is not None]
        if any(reading.finish_reason != "stop" for reading in readings):
            self._unsure += pages

    @property
    def has_content(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.pages or self._files)

    def lines(self, *, there: int = 0) -> Iterator[str]:
        """The summary; ``there`` pages were done before."""
        counts = ", ".join(
            f"{self._kinds[kind]} {words}" for kind, words in _ORDER.items() if self._kinds[kind]
        )
        yield f"{_pages(self.pages)}{': ' if counts else ''}{counts}" + (
            f"; done before: {there}" if there else ""
        )
        if self._unsure:
            yield f"{_pages(self._unsure)} cut off or going in circles: see ocr_finish_reason"
        if self._files:
            yield f"{self._files} file{'' if self._files == 1 else 's'} could not be opened"
        for error in self._errors:
            yield f"failed: {error}"
        if self._failures > len(self._errors):
            yield f"and {self._failures - len(self._errors)} more"


def _kind(results: tuple[PageResult, ...]) -> str:
    """What became of one page."""
    if any(result.error is not None for result in results):
        return "failed"
    readings = [result.ocr for result in results if result.origin == "ocr"]
    if readings:
        return "cached" if all(ocr is not None and ocr.cached for ocr in readings) else "read"
    return "own" if any(result.origin == "text_layer" for result in results) else "blank"


def _pages(count: int) -> str:
    return f"{count} page" if count == 1 else f"{count} pages"
