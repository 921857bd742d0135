"""How the texts of several pages stand in one output: what is written before, between and after.

Nothing that is written around a text may spoil it: a page is named by a comment in Markdown and
LaTeX, by a section's label in HTML. Plain text has no comments: on standard output it gets header
lines, as ``head`` and ``tail`` write them, in a file form feeds, as ``pdftotext`` writes them.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from got_loaders.errors import printable

if TYPE_CHECKING:
    from got_loaders.documents.records import Record

__all__ = ["PageLayout", "describe_record"]

_STYLE = (
    "table{border-collapse:collapse}td,th{border:1px solid;padding:.2em .5em}"
    "img{max-width:100%;height:auto}"
)


@dataclass(slots=True, kw_only=True)
class PageLayout:
    """Lays out the records of one output, in order.

    ``titled`` is asked at the first record: whether each gets its place. In a ``file`` HTML is a
    whole document, in any case; on standard output only where there is more than one record.
    """

    output: str
    titled: Callable[[], bool]
    file: bool = False
    title: str = "got-loaders"
    encoding: str = "utf-8"
    _titled: bool | None = field(default=None, init=False)

    def next(self, record: Record) -> str:
        """The record's text, with what stands before it; ends in a line end."""
        first = self._titled is None
        if self._titled is None:
            self._titled = self.titled()
        start = self._start() if first else self._separator()
        text = f"{self._before(record)}{record.text}\n{self._after()}"
        # on standard output nobody knows which record is the last
        return self._encodable(f"{start}{text}" + ("" if self.file or not self._titled else "\n"))

    def end(self) -> str:
        """What stands after the last record."""
        return "</body>\n</html>\n" if self._is_document and self._titled is not None else ""

    @property
    def _is_document(self) -> bool:
        return self.output == "html" and (self.file or self._titled is True)

    def _start(self) -> str:
        if not self._is_document:
            return ""
        title = html.escape(printable(self.title))
        return (
            f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="{html.escape(self.encoding)}">\n'
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        )

    def _encodable(self, text: str) -> str:
        """The text; in HTML, letters that the encoding lacks by their numbers: ``&#8804;``."""
        if self.output != "html":
            return text
        return text.encode(self.encoding, "xmlcharrefreplace").decode(self.encoding)

    def _separator(self) -> str:
        if not self.file:
            return ""
        return "\f" if self.output in ("text", "raw") else "\n"

    def _before(self, record: Record) -> str:
        if not self._titled:
            return ""
        place = describe_record(record)
        match self.output:
            case "markdown":
                return f"<!-- {_in_comment(place)} -->\n\n"
            case "html":
                return f'<section aria-label="{html.escape(place)}">\n'
            case "latex":
                return f"% {place}\n"
            case _:
                return "" if self.file else f"==> {place} <==\n"

    def _after(self) -> str:
        return "</section>\n" if self.output == "html" and self._titled else ""


def describe_record(record: Record) -> str:
    """Source and page as people say it, in one line: ``scan.pdf, page 2 of 3``."""
    metadata = record.metadata
    if not isinstance(number := metadata.get("page"), int):
        return printable(str(metadata["source"]))
    last = metadata.get("page_last")
    pages = f"pages {number + 1}-{last + 1}" if isinstance(last, int) else f"page {number + 1}"
    total, region = metadata.get("total_pages"), metadata.get("region_index")
    pages += f" of {total}" if total else ""
    if isinstance(region, int):
        pages += f", region {region + 1} ({metadata['region_type']})"
    return printable(f"{metadata['source']}, {pages}")


def _in_comment(text: str) -> str:
    """A text that does not end the comment that it stands in."""
    while "--" in text:
        text = text.replace("--", "- -")
    return text.replace("<", "&lt;").replace(">", "&gt;")
