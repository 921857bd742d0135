"""Page selections: a text that counts from 1, or whole numbers that count from 0."""

from __future__ import annotations

import re
from collections.abc import Sequence

from got_loaders.errors import OptionError, shown

__all__ = ["Pages", "check_pages", "parse_pages"]

Pages = str | int | range | slice | Sequence[int] | None

_PAGES = re.compile(r"\s*(-?\d{1,18})\s*(?:-\s*(-?\d{1,18}|)\s*)?")


def check_pages(name: str, pages: object) -> object:
    """``pages``; :class:`OptionError` unless it selects pages, whatever the document."""
    if isinstance(pages, str):
        parse_pages(pages)
    elif isinstance(pages, slice):
        parts = (pages.start, pages.stop, pages.step)
        if not all(p is None or _is_int(p) for p in parts) or pages.step == 0:
            raise OptionError(f"{name}={shown(pages)}: expected a slice of whole numbers")
    elif isinstance(pages, Sequence) and not isinstance(pages, bytes):
        if not isinstance(pages, range) and not all(_is_int(p) for p in pages):
            raise OptionError(f"{name}={shown(pages)}: expected whole numbers, counting from 0")
    elif pages is not None and not _is_int(pages):
        raise OptionError(
            f'{name}={shown(pages)}: expected a text such as "1-3,7,-1", which counts from 1, or '
            "whole numbers, a range or a slice, which count from 0"
        )
    return pages


def parse_pages(text: str) -> list[tuple[int, int | None]]:
    """``"1-3,7,-1,9-"`` → ``[(1, 3), (7, 7), (-1, -1), (9, None)]``: as people count, from 1.

    A negative number counts from the end; a range without an end goes to the last page.
    """
    spans: list[tuple[int, int | None]] = []
    for part in text.split(","):
        match = _PAGES.fullmatch(part)
        if match is None:
            raise OptionError(
                f'pages={shown(text)}: {shown(part.strip())} is not like "3", "1-3" or "-1"'
            )
        first, last = int(match[1]), match[2]
        end = first if last is None else int(last) if last else None
        if first == 0 or end == 0:
            raise OptionError(f"pages={shown(text)}: pages count from 1")
        spans.append((first, end))
    return spans


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
