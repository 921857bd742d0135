"""Results → text in the form that the options ask for, and where in it each of them stands."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders._characters import clean_text
from got_loaders.markup import (
    content_kind,
    escape_html,
    escape_latex,
    escape_markdown,
    to_html,
    to_latex,
    to_markdown,
    to_text,
)
from got_loaders.options import ReadOptions
from got_loaders.sources import sanitize_text
from got_loaders.types import Location, PageResult

__all__ = ["content_kind_of", "join_texts", "text_of"]

_SEPARATOR = "\n\n"


def join_texts(results: Sequence[PageResult], options: ReadOptions) -> tuple[str, list[Location]]:
    """The results' texts, an empty line between them, and where in it each begins and ends."""
    texts: list[str] = []
    locations: list[Location] = []
    start = 0
    for result in results:
        text = text_of(result, options)
        if not text:
            continue
        texts.append(text)
        locations.append(_location(result, start, start + len(text)))
        start += len(text) + len(_SEPARATOR)
    return _SEPARATOR.join(texts), locations


def _location(result: PageResult, start: int, end: int) -> Location:
    region, info = result.region, result.info
    kind = None if region is None or result.region_index is None else region.type
    return Location(
        source=sanitize_text(info.source),
        page=info.number,
        page_last=info.last_number,
        box=None if region is None else region.box,
        region_index=result.region_index,
        region_type=kind,
        start=start,
        end=end,
    )


def text_of(result: PageResult, options: ReadOptions) -> str:
    """What becomes a Document's text; empty where nothing was read.

    Formatted output and a page's own text are converted; plain output is no mark-up, and is only
    escaped. Characters that nobody sees are left out first: afterwards, that would undo escapes.
    """
    if result.ocr is None:
        return ""
    text, output = clean_text(result.ocr.text), options.output
    if not _formatted(result, options):
        return _escape(text, output)
    match output:
        case "markdown":
            return to_markdown(text, table_format=options.table_format)
        case "latex":
            return to_latex(text)
        case "html":
            return to_html(text)
        case "raw" if options.formatted:
            return text
        case _:
            return to_text(text)


def content_kind_of(results: Sequence[PageResult], options: ReadOptions) -> str:
    """The first notation beside "text" that a formatted result is in, else "text"."""
    texts = (r.ocr.text for r in results if r.ocr is not None and _formatted(r, options))
    return next((kind for kind in map(content_kind, texts) if kind not in ("", "text")), "text")


def _formatted(result: PageResult, options: ReadOptions) -> bool:
    """Whether the text is in the model's mark-up; a page's own text always is."""
    return options.formatted or result.origin == "text_layer"


def _escape(text: str, output: str) -> str:
    escapes = {"markdown": escape_markdown, "latex": escape_latex, "html": escape_html}
    return escapes[output](text) if output in escapes else text
