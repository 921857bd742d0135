"""Results → text in the form that the options ask for, and where in it each of them stands."""

from __future__ import annotations

from collections.abc import Sequence

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
from got_loaders.sources import sanitize_text, strip_controls
from got_loaders.types import Location, PageResult

__all__ = ["joined", "kind_of", "text_of"]

_BETWEEN = "\n\n"


def joined(results: Sequence[PageResult], options: ReadOptions) -> tuple[str, list[Location]]:
    """The results' texts, an empty line between them, and where in it each begins and ends."""
    texts: list[str] = []
    places: list[Location] = []
    start = 0
    for result in results:
        text = strip_controls(sanitize_text(text_of(result, options)))
        if not text:
            continue
        texts.append(text)
        places.append(_location(result, start, start + len(text)))
        start += len(text) + len(_BETWEEN)
    return _BETWEEN.join(texts), places


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

    A formatted reading and a page's own text are converted; a plain reading is no mark-up, and is
    only escaped.
    """
    if result.ocr is None:
        return ""
    text, output = result.ocr.text, options.output
    if not _formatted(result, options):
        return _escaped(text, output)
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


def kind_of(result: PageResult, options: ReadOptions) -> str | None:
    """ "text", or the notation that a formatted reading is in; None where nothing was read."""
    if result.ocr is None:
        return None
    return content_kind(result.ocr.text) if _formatted(result, options) else "text"


def _formatted(result: PageResult, options: ReadOptions) -> bool:
    """Whether the text is in the model's mark-up; a page's own text always is."""
    return options.formatted or result.origin == "text_layer"


def _escaped(text: str, output: str) -> str:
    escapes = {"markdown": escape_markdown, "latex": escape_latex, "html": escape_html}
    return escapes[output](text) if output in escapes else text
