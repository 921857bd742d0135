"""What becomes of a page once all its answers are there: as asked for, captioned, corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from got_loaders.errors import GotLoadersError
from got_loaders.options import ReadOptions
from got_loaders.pipeline.corrections import JobCorrections
from got_loaders.pipeline.pending import PendingPage
from got_loaders.results import PageResult
from got_loaders.results.captions import with_captions
from got_loaders.results.identity import document_id

__all__ = ["drop_failed", "final_results", "kept_results", "uncorrected_errors"]


def final_results(
    page: PendingPage, options: ReadOptions, corrections: JobCorrections
) -> tuple[PageResult, ...]:
    """The results of a page that is resolved; corrections are put in the place of readings."""
    read = with_captions([_as_asked(pending.result, options) for pending in page.results])
    return with_captions(corrections.apply(read))


def uncorrected_errors(page: PendingPage, results: Sequence[PageResult]) -> list[GotLoadersError]:
    """The errors of a page that no correction took the place of; ``results`` are its final ones."""
    if len(results) < len(page.results):  # one of all of it did
        return []
    pairs = zip(page.results, results, strict=True)
    return [read.error for read, now in pairs if read.error is not None and now.error is not None]


def kept_results(
    results: tuple[PageResult, ...], errors: Sequence[GotLoadersError], options: ReadOptions
) -> tuple[PageResult, ...]:
    """A page's results, or none where ``on_error`` leaves it out.

    One of which regions failed is not left out, nor is one of a file that becomes one Document: so
    that nobody takes these for whole.
    """
    if options.on_error != "skip" or not errors or options.mode == "single":
        return results
    return results if drop_failed(results, options) else ()


def drop_failed(results: tuple[PageResult, ...], options: ReadOptions) -> tuple[PageResult, ...]:
    """Those that ``on_error`` does not leave out."""
    if options.on_error != "skip":
        return results
    return tuple(result for result in results if result.error is None)


def _as_asked(result: PageResult, options: ReadOptions) -> PageResult:
    """The result, which says how its text was asked for and is to be written, and where to."""
    return replace(
        result,
        formatted=options.formatted,
        table_format=options.table_format,
        document_id=document_id(result, options),
    )
