"""Corrections by the reading that each is of, and readings with them in their place."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, overload

from got_loaders.results.captions import with_captions
from got_loaders.results.corrections.readings import corrected_result, is_reading
from got_loaders.types import Correction, describe_page

if TYPE_CHECKING:
    from got_loaders.results.page_result import PageResult

__all__ = ["CHANGED", "Corrections"]

_log = logging.getLogger(__name__)

CHANGED = "a correction was left out: the page has changed since, or is read otherwise"
_UNREAD = "a correction was left out: there is no reading to hold it against"

_Lines = Mapping[int | None, Sequence[Correction]]


class Corrections(Sequence[Correction]):
    """Corrections, in order; of several for the same reading there is only the last.

    One may correct what another has made of a reading: they are tried in order.
    """

    def __init__(self, corrections: Iterable[Correction] = ()) -> None:
        last: dict[object, Correction] = {}
        for each in corrections:
            of = each.corrected
            key = (of.id, of.page, of.region, of.of, of.digest)
            last.pop(key, None)
            last[key] = each
        self._all = tuple(last.values())
        self._by_page: dict[tuple[str, int | None], dict[int | None, list[Correction]]] = {}
        for each in self._all:
            of = each.corrected
            regions = self._by_page.setdefault((of.id, of.page), {})
            regions.setdefault(of.region, []).append(each)

    @overload
    def __getitem__(self, index: int) -> Correction: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Correction, ...]: ...
    def __getitem__(self, index: int | slice) -> Correction | tuple[Correction, ...]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"<Corrections: {len(self)}>"

    def apply(self, results: Sequence[PageResult]) -> tuple[PageResult, ...]:
        """A page's results, corrected: by regions, or all of them as one text.

        They say what Document they are in. Where what was read is not what was corrected, it stays,
        and both the log and the page's warnings say so.
        """
        regions = _regions(results, [self._of_region(result) for result in results])
        documents: dict[str, list[int]] = {}
        for place, result in enumerate(results):
            documents.setdefault(result.document_id, []).append(place)
        corrected: list[PageResult] = []
        for places in documents.values():
            read, now = [results[place] for place in places], [regions[place] for place in places]
            lines = self._of_page(read[0])
            corrected += _page(read, now, lines) if lines else now
        return tuple(corrected)

    def apply_file(self, results: Sequence[PageResult]) -> tuple[PageResult, ...]:
        """The results of all pages of a Document, corrected as one text where that was done."""
        lines = self._by_page.get((results[0].document_id, None), {})
        if results[0].info.number is None or None not in lines:
            return tuple(results)
        return tuple(_page(results, results, MappingProxyType({None: lines[None]})))

    def _of_page(self, result: PageResult) -> _Lines:
        return self._by_page.get((result.document_id, result.info.number), {})

    def _of_region(self, result: PageResult) -> Sequence[Correction]:
        index = result.region_index
        return () if index is None else self._of_page(result).get(index, ())


def _regions(
    results: Sequence[PageResult], lines: Sequence[Sequence[Correction]]
) -> list[PageResult]:
    """Results of one page, each with the corrections of its region.

    A figure may have been corrected when its caption was already, which the text calls it by.
    """
    regions = [_corrected(own, [each]) or each for own, each in zip(lines, results, strict=True)]
    for place, called in enumerate(with_captions(regions)):
        read = results[place]
        if lines[place] and regions[place] is read:
            regions[place] = _corrected(lines[place], [read], [called]) or read
    return regions


def _page(
    read: Sequence[PageResult], regions: Sequence[PageResult], lines: _Lines
) -> Sequence[PageResult]:
    """The results of one Document: its ``regions``, or what stands for all of it."""
    pairs = zip(regions, read, strict=True)
    changed = {now.region_index for now, before in pairs if now is not before}
    whole = _corrected(lines.get(None, ()), read, with_captions(regions) if changed else ())
    if whole is not None:
        return [whole]
    left_out = [each[-1] for index, each in lines.items() if index is None or index not in changed]
    return _with_warning(regions, left_out) if left_out else regions


def _corrected(
    lines: Iterable[Correction], read: Sequence[PageResult], now: Sequence[PageResult] = ()
) -> PageResult | None:
    """What they make of what was ``read``, or of what it is ``now``; None: none is of that."""
    found: PageResult | None = None
    for line in lines:
        if any(is_reading(line.corrected, text) for text in (read, now) if text):
            found = corrected_result(line, read)
            now = [found]
    return found


def _with_warning(
    results: Sequence[PageResult], left_out: Iterable[Correction]
) -> list[PageResult]:
    info = results[0].info
    text = _UNREAD if all(result.error is not None for result in results) else CHANGED
    for each in left_out:
        place = describe_page(info.source, info.number, info.last_number, each.corrected.region)
        _log.warning("%s: %s", place, text)
    return [replace(result, info=result.info.warned(text)) for result in results]
