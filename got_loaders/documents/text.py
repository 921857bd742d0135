"""Results → a Document's text, and where in it each result stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from got_loaders.options import ReadOptions
from got_loaders.results import PageResult
from got_loaders.results.text_forms import content_kind_of, text_in
from got_loaders.sources import sanitize_text
from got_loaders.types import Location

__all__ = ["first_content_kind", "join_texts"]

_SEPARATOR = "\n\n"


def join_texts(results: Sequence[PageResult], options: ReadOptions) -> tuple[str, list[Location]]:
    """The results' texts, an empty line between them, and where in it each begins and ends."""
    texts: list[str] = []
    locations: list[Location] = []
    start = 0
    for result in results:
        text = text_in(result, options.output)
        if not text:
            continue
        texts.append(text)
        source, end = sanitize_text(result.info.source), start + len(text)
        locations.append(replace(result.location, source=source, start=start, end=end))
        start = end + len(_SEPARATOR)
    return _SEPARATOR.join(texts), locations


def first_content_kind(results: Sequence[PageResult]) -> str:
    """The first notation beside "text" that a formatted result is in, else "text"."""
    kinds = map(content_kind_of, results)
    return next((kind for kind in kinds if kind != "text"), "text")
