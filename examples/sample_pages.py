"""Draws the pages that the examples read: scans, that is pictures without a text layer.

Large type in PyMuPDF's own fonts, which is what the embedded model, tiny, has learnt to read.
Lengths are points, origin top left.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pymupdf

A4 = (595, 842)
MARGIN, TITLE_SIZE, SIZE, LEADING = 45, 38, 31, 44


@dataclass(frozen=True)
class Sheet:
    """What stands on one page: a title, lines below it, and a table below those."""

    title: str = ""
    lines: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        """The page as people would type it; cells are separated by a bar."""
        rows = (" | ".join(row) for row in self.table)
        return "\n".join(filter(None, [self.title, *self.lines, *rows]))


REPORT = (
    Sheet(
        title="Annual Report",
        lines=(
            "The river was high in May",
            "and the old bridge is closed.",
            "Call 555-0142 for help.",
        ),
    ),
    Sheet(
        title="Spare Parts",
        lines=("These are needed soon.",),
        table=(("Part", "Price"), ("Bolt", "$4"), ("Wheel", "$27")),
    ),
    Sheet(lines=("The committee will meet", "on 24 May 2026", "in the small garden house.")),
)
NOTICE = Sheet(title="Notice", lines=("The library is closed", "on Monday."))


def write_scan(path: Path, sheets: tuple[Sheet, ...] = REPORT) -> Path:
    """Write a PDF that holds one picture a page and no text, like a scanner's."""
    with pymupdf.open() as scan:  # type: ignore[no-untyped-call]  # it has no types
        for sheet in sheets:
            page = scan.new_page(width=A4[0], height=A4[1])
            page.insert_image(page.rect, stream=_picture(sheet))
        scan.save(path)
    return path


def write_image(path: Path, sheet: Sheet = NOTICE) -> Path:
    """Write one page as a PNG image."""
    path.write_bytes(_picture(sheet))
    return path


def _picture(sheet: Sheet) -> bytes:
    with pymupdf.open() as drawing:  # type: ignore[no-untyped-call]  # it has no types
        page = drawing.new_page(width=A4[0], height=A4[1])
        bottom = _draw_lines(page, sheet)
        _draw_table(page, sheet.table, bottom)
        picture: bytes = page.get_pixmap(dpi=150).tobytes("png")
    return picture


def _draw_lines(page: pymupdf.Page, sheet: Sheet) -> float:
    """Draw the title and the lines; where the next thing starts."""
    y = 90.0
    if sheet.title:
        page.insert_text((MARGIN, y), sheet.title, fontsize=TITLE_SIZE, fontname="hebo")
        y += TITLE_SIZE * 1.7
    for line in sheet.lines:
        page.insert_text((MARGIN, y), line, fontsize=SIZE, fontname="helv")
        y += LEADING
    return y


def _draw_table(page: pymupdf.Page, rows: tuple[tuple[str, ...], ...], top: float) -> None:
    width, height = 160, SIZE * 1.7
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            x, y = MARGIN + column * width, top + number * height
            page.draw_rect((x, y, x + width, y + height))
            baseline = y + height / 2 + SIZE * 0.35
            page.insert_text((x + 7, baseline), cell, fontsize=SIZE, fontname="helv")
