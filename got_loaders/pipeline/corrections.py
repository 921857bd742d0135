"""The corrections of a job: loaded when it begins, put in, and what became of those left over."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from got_loaders.errors import printable
from got_loaders.options import ReadOptions
from got_loaders.results import PageResult
from got_loaders.results.corrections import Corrected, Corrections, is_reading, load_corrections
from got_loaders.sources import sanitize_text
from got_loaders.types import describe_page

__all__ = ["JobCorrections", "with_corrections"]

_log = logging.getLogger(__name__)


def with_corrections(options: ReadOptions) -> ReadOptions:
    """The options, with the corrections themselves in the place of their file; blocks.

    For whoever reads more than once by them, or must not tell later where the file lies. Raises
    :class:`OptionError`.
    """
    given = options.corrections
    if not isinstance(given, str | os.PathLike):
        return options
    return replace(options, corrections=load_corrections(given))


class JobCorrections:
    """Corrects a job's results as they come.

    A file is read once, when the job begins: what changes in it later is for the next job.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._corrections: Corrections | None = None
        self._of_name: dict[tuple[str, int | None], list[Corrected]] = {}
        self._missing: set[str] = set()
        self._elsewhere: dict[str, Corrected] = {}
        self._renamed: dict[str, tuple[Corrected, str]] = {}

    def load(self) -> None:
        """Read the file, the first time; raises :class:`OptionError`. Blocks."""
        if self._corrections is not None:
            return
        given = self._options.corrections
        if isinstance(given, str | os.PathLike):
            self._corrections = load_corrections(given)
        else:
            self._corrections = Corrections(given or ())
        for each in self._corrections:
            of = each.corrected
            self._of_name.setdefault((_last_part(of.source), of.page), []).append(of)
            self._missing.add(of.id)

    @property
    def unread(self) -> int:
        """How many are of no page that was read."""
        return self._count(self._missing - self._elsewhere.keys() - self._renamed.keys())

    def apply(self, results: tuple[PageResult, ...]) -> tuple[PageResult, ...]:
        """A page's results, corrected."""
        if not self._corrections:
            return results
        self._hear(results)
        return self._corrections.apply(results)

    def apply_file(self, results: tuple[PageResult, ...]) -> tuple[PageResult, ...]:
        """All results of a file that becomes one Document, corrected where that was one text."""
        return self._corrections.apply_file(results) if self._corrections else results

    def finish(self) -> None:
        """Warn, once each, of those that are of the same pages, but of other Documents: by other
        options, or under another name."""
        elsewhere = [of for id_, of in self._elsewhere.items() if id_ in self._missing]
        if elsewhere:
            _log.warning(
                "%s: %s left out: what was read is part of another Document than what was "
                "corrected, for mode, regions, box, color or multi_page have changed",
                *self._described(elsewhere),
            )
        renamed = [found for id_, found in self._renamed.items() if id_ in self._missing]
        if renamed:
            _log.warning(
                "%s: %s left out: the same was read of %s, whose name makes another Document of "
                "it; name it as it was named when it was corrected",
                *self._described(of for of, _ in renamed),
                printable(renamed[0][1]),
            )

    def _described(self, left_out: Iterable[Corrected]) -> tuple[str, str]:
        """The place of the first, and how many corrections there are of all, in words."""
        first, *others = left_out
        count = self._count({first.id, *(of.id for of in others)})
        place = describe_page(first.source, first.page, region=first.region)
        were = "a correction was" if count == 1 else f"this and {count - 1} more corrections were"
        return printable(place), were

    def _count(self, ids: set[str]) -> int:
        return sum(each.corrected.id in ids for each in self._corrections or ())

    def _hear(self, results: tuple[PageResult, ...]) -> None:
        """These are read: whose they are, and which corrections are of the same page."""
        self._missing -= {result.document_id for result in results}
        source = sanitize_text(results[0].info.source)
        for of in self._of_same_page(results):
            if of.id not in self._missing:
                continue
            if sanitize_text(of.source) == source:
                self._elsewhere.setdefault(of.id, of)
            elif is_reading(of, _part(results, of.region)):
                self._renamed.setdefault(of.id, (of, source))

    def _of_same_page(self, results: tuple[PageResult, ...]) -> Iterator[Corrected]:
        """What was corrected of pages of this number in files that are called so."""
        info = results[0].info
        numbers: list[int | None] = [None]
        if info.number is not None:
            numbers += range(info.number, (info.last_number or info.number) + 1)
        name = _last_part(info.source)
        for number in numbers:
            yield from self._of_name.get((name, number), ())


def _part(results: tuple[PageResult, ...], region: int | None) -> tuple[PageResult, ...]:
    """The results that a correction of this region, or of all of the page, is of."""
    if region is None:
        return results
    return tuple(result for result in results if result.region_index == region)


def _last_part(source: str) -> str:
    """What a file is called, wherever it lies."""
    return re.split(r"[/\\]", sanitize_text(source).rstrip("/\\"))[-1]
