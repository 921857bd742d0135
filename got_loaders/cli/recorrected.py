"""Which kept records a resumed run makes anew, for a correction is to be in them, or was."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from got_loaders.errors import GotLoadersError
from got_loaders.options import ReadOptions
from got_loaders.sources import Source, sanitize_text

__all__ = ["Recorrected"]


class Recorrected:
    """Asked of a record: whether it is taken out and read again.

    So is what was corrected, and what the options' corrections (they, not their file) name; but
    only of the ``sources`` of this run and the pages that it reads, for the others would be lost.
    """

    def __init__(self, options: ReadOptions, sources: Iterable[object]) -> None:
        given = options.corrections or ()
        named = () if isinstance(given, str | os.PathLike) else given
        self._named = {each.corrected.id for each in named}
        self._names = {sanitize_text(each.name) for each in sources if isinstance(each, Source)}
        self._options = options

    def __call__(self, record: dict[str, Any]) -> bool:
        """Whether it is."""
        metadata = record["metadata"]
        concerned = metadata.get("ocr_origin") == "corrected" or record["id"] in self._named
        return concerned and metadata["source"] in self._names and self._is_read(metadata)

    def _is_read(self, metadata: dict[str, Any]) -> bool:
        """Whether all its pages are among those that are read; not where that can't be told."""
        from got_loaders.pages import select_pages

        first, total = metadata.get("page"), metadata.get("total_pages")
        if first is None or self._options.pages is None:
            return True
        if not isinstance(total, int):
            return False
        try:
            numbers = select_pages(self._options.pages, total, source=metadata["source"])
        except GotLoadersError:
            return False
        return set(range(first, metadata.get("page_last", first) + 1)) <= set(numbers)
