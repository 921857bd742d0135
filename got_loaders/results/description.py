"""How a result shows itself: in one line, and as a cell of a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from got_loaders.errors import printable
from got_loaders.types import describe_page

if TYPE_CHECKING:
    from got_loaders.results.page_result import PageResult

__all__ = ["describe", "describe_place", "notebook_markdown", "notes_on"]

_MAX_SOURCE = 60
_MAX_TEXT = 36
_MAX_ERROR = 120
_ORIGINS = {"text_layer": "the page's own text", "corrected": "corrected by hand"}
_FINISH = {"length": "cut off", "repetition": "repeated itself"}


def describe(result: PageResult) -> str:
    """A line: where it comes from, what became of it, and how its text begins."""
    parts = [_place(result, _shortened_source(result.info.source))]
    if result.region is not None:
        parts.append(f"{result.region.box}")
    parts.append(result.origin)
    if result.ocr is not None:
        start = " ".join(result.ocr.text[: 2 * _MAX_TEXT].split())[:_MAX_TEXT]
        more = "…" if len(result.ocr.text) > len(start) else ""
        parts.append(repr(start + more))
    if result.figure is not None:
        parts.append(f"a picture of {result.figure.width} x {result.figure.height}")
    parts += _flags(result)
    if result.info.warnings:
        count = len(result.info.warnings)
        parts.append("1 warning" if count == 1 else f"{count} warnings")
    return f"<PageResult: {', '.join(parts)}>"


def notebook_markdown(result: PageResult) -> str:
    """The result's Markdown below a line that names its place, and what is to be known of it."""
    from got_loaders.markup import escape_markdown  # here: it loads the parser

    notes = notes_on(result)
    head = f"**{escape_markdown(describe_place(result))}**"
    if notes:
        head += f" *({escape_markdown('; '.join(notes))})*"
    return "\n\n".join(part for part in (head, result.markdown) if part)


def describe_place(result: PageResult) -> str:
    """ "scan.pdf, page 2 of 7, region 3 (table)"; fit to be seen."""
    return _place(result, printable(result.info.source))


def notes_on(result: PageResult) -> list[str]:
    """What is to be known of a result, in a few words each."""
    notes = [*_flags(result), *map(printable, result.info.warnings)]
    if result.origin == "blank" and result.figure is None:
        notes.insert(0, "blank: there was nothing to read")
    elif result.origin == "failed":
        notes.insert(0, "failed")
    elif result.origin != "corrected" and not result.markdown.strip():
        notes.insert(0, "nothing was read")
    if result.origin in _ORIGINS:
        notes.insert(0, _ORIGINS[result.origin])
    agreement = result.agreement
    if agreement is not None and agreement.is_low:
        notes.append(f"agrees with the page's own text by {agreement.score:.0%}")
    return notes


def _place(result: PageResult, source: str) -> str:
    """ "scan.pdf, page 2 of 7, region 3 (table)"."""
    info = result.info
    if info.number is None:
        return source
    place = describe_page(source, info.number, info.last_number)
    if info.total is not None:
        place += f" of {info.total}"
    if result.region is not None and result.region_index is not None:
        place += f", region {result.region_index + 1} ({result.region.type})"
    return place


def _shortened_source(source: str) -> str:
    """The end of a long path or URL: there is its name."""
    text = printable(source)
    return text if len(text) <= _MAX_SOURCE else f"…{text[-_MAX_SOURCE:]}"


def _flags(result: PageResult) -> Iterator[str]:
    """What is not as it should be, and what is worth knowing, in a word or two each."""
    if result.ocr is not None and result.ocr.finish_reason != "stop":
        yield _FINISH[result.ocr.finish_reason]
    if result.retried:
        yield "retried in tiles"
    if result.error is not None:
        error = printable(result.error)
        yield error if len(error) <= _MAX_ERROR else f"{error[:_MAX_ERROR]}…"
