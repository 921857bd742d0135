"""Resolves the ``pages`` option to page numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from got_loaders.errors import PageError, SourceRefusedError, shown
from got_loaders.options import Pages, check_pages, parse_pages

__all__ = ["select_pages"]

_MAX_NAMED = 5
"""Pages that an error names one by one."""


def select_pages(
    pages: Pages, total: int, *, source: str, max_pages: int | None = None
) -> list[int]:
    """The 0-based numbers that ``pages`` selects of ``total`` pages, in the order given.

    Text counts from 1, everything else from 0; negative numbers count from the end; a range of
    people's numbers may go backwards (``"3-1"``). Slices clip. :class:`PageError` for any other
    number out of range, and for a page that is selected twice (``"3,-1"`` of three pages).
    More than ``max_pages`` pages raise :class:`SourceRefusedError`; a file may claim any number.
    """
    check_pages("pages", pages)
    if pages is None or isinstance(pages, slice):
        chosen = range(total)[pages or slice(None)]
        if max_pages is not None and len(chosen) > max_pages:
            raise _too_many(pages, chosen[:max_pages], total, source)
        return list(chosen)
    if isinstance(pages, str):
        numbers = _from_text(pages, total, source)
    else:
        listed = [pages] if isinstance(pages, int) else pages
        numbers = (_resolve_number(number, listed, total, source) for number in listed)
    return _check_numbers(numbers, pages, total, source, max_pages)


def _from_text(text: str, total: int, source: str) -> Iterator[int]:
    for first, last in parse_pages(text):
        start = _resolve_number(first - 1 if first > 0 else first, text, total, source)
        if last is None:
            end = total - 1
        else:
            end = _resolve_number(last - 1 if last > 0 else last, text, total, source)
        yield from range(start, end + 1) if start <= end else range(start, end - 1, -1)


def _resolve_number(number: int, pages: object, total: int, source: str) -> int:
    if -total <= number < total:
        return number % total
    page = f"page {number + 1}" if number >= 0 else f"page {number} (from the end)"
    count = f"{total} page" if total == 1 else f"{total} pages"
    from_0 = "" if isinstance(pages, str) or number < 0 else " (whole numbers count from 0)"
    raise PageError(
        f"{source}: pages={shown(pages)} asks for {page}{from_0}, but the document has {count}",
        source=source,
        page=number if number >= 0 else None,
    )


def _check_numbers(
    numbers: Iterable[int], pages: object, total: int, source: str, max_pages: int | None
) -> list[int]:
    chosen: dict[int, None] = {}
    for number in numbers:
        if number in chosen:
            text = f"{source}: pages={shown(pages)} selects page {number + 1} twice"
            raise PageError(text, source=source, page=number)
        if len(chosen) == max_pages:
            raise _too_many(pages, list(chosen), total, source)
        chosen[number] = None
    return list(chosen)


def _too_many(pages: object, allowed: Sequence[int], total: int, source: str) -> SourceRefusedError:
    """The error that ``pages`` are more than the ``allowed`` first ones of them."""
    more = f"more than max_pages={len(allowed)} pages"
    hint = f"name those that you want by pages=, as in pages={_as_text(allowed)!r}"
    if pages is None:
        text = f"{source}: it has {total} pages, {more}; {hint}"
    else:
        text = f"{source}: pages={shown(pages)} asks for {more}; {hint} (it has {total} pages)"
    return SourceRefusedError(text, source=source)


def _as_text(numbers: Sequence[int]) -> str:
    """Page numbers as :func:`parse_pages` reads them; of scattered ones the first few."""
    first, last = numbers[0] + 1, numbers[-1] + 1
    if abs(last - first) + 1 == len(numbers):
        return f"{first}-{last}" if len(numbers) > 1 else str(first)
    return ",".join(str(number + 1) for number in numbers[:_MAX_NAMED])
