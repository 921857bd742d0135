"""Pages beside what was read on them, with their regions, and with the box of a chunk.

The scans are made here, and read with the embedded model; what the pictures say is what it gave.
"""

from __future__ import annotations

import sys
import tempfile
import textwrap
from pathlib import Path

import pymupdf
from PIL import Image

from docs.drawing.svg import drawing, line, paper, rect, text
from got_loaders import GotOcrLoader, locate

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from sample_pages import write_scan
from show_chunk import QUESTION, shared_words, split

__all__ = ["pictures"]

WIDTH = 620
PAGE = 270
"""How wide a page is drawn."""
UPPER = 0.6
"""How much is shown of a page whose lower part is empty."""
COLORS = {
    "title": "#c2410c",
    "text": "#1d5fa8",
    "table": "#15803d",
    "figure": "#7e22ce",
    "header": "#64748b",
}


def pictures() -> dict[str, str]:
    """Name → content."""
    with tempfile.TemporaryDirectory() as folder:
        scan = write_scan(Path(folder, "scan.pdf"))
        return {
            "scan-and-markdown.svg": scan_and_markdown(scan),
            "chunk.svg": chunk_and_box(scan),
            "regions.svg": page_and_regions(write_columns(Path(folder, "columns.pdf"))),
        }


def scan_and_markdown(scan: Path) -> str:
    """A page with a table, and the Document that it became."""
    (document,) = GotOcrLoader(scan, model="tiny", pages="2").load()
    lines = document.page_content.splitlines()
    about = document.metadata
    parts = [paper(picture(scan, 1, UPPER), 20, 20, PAGE), line(f"M{PAGE + 28} 150 h32")]
    panel = (PAGE + 68.0, 20.0, WIDTH - 20.0, 48.0 + 21 * len(lines))
    parts.append(rect(panel, "panel", ' rx="6"'))
    parts += [text(panel[0] + 16, 46 + 21 * n, row, "code") for n, row in enumerate(lines)]
    told = ", ".join(f"{key}: {about[key]}" for key in ("page_label", "ocr_confidence"))
    parts.append(text(panel[0] + 2, panel[3] + 24, told, "quiet"))
    alt = f"A scanned page, and the Markdown that was read on it: {'; '.join(filter(None, lines))}"
    return drawing(WIDTH, 40 + PAGE * UPPER * 842 / 595, alt, *parts)


def chunk_and_box(scan: Path) -> str:
    """A question, the chunk that answers it, and where the chunk stands."""
    (document,) = GotOcrLoader(scan, model="tiny", mode="single", regions="auto").load()
    chunk = max(split(document), key=lambda chunk: shared_words(chunk.page_content, QUESTION))
    (place,) = locate(chunk)
    assert place.box is not None
    scale = PAGE / 595
    box = place.box.scaled(scale, scale)
    left = WIDTH - 20 - PAGE
    frame = (left + box.x0 - 3, 20 + box.y0 - 3, left + box.x1 + 3, 20 + box.y1 + 3)
    width = left - 40
    parts = [paper(picture(scan, place.page or 0, UPPER), left, 20, PAGE)]
    parts.append(rect(frame, "frame", ' fill="none" stroke="#d11f2f" stroke-width="2.5" rx="2"'))
    y = 44.0
    for head, words, kind in (
        ("question", QUESTION, "text"),
        ("the chunk that was found", chunk.page_content, "code"),
        ("locate(chunk)", f"page {(place.page or 0) + 1}, {place.region_type}", "code"),
    ):
        parts.append(text(20, y, head, "quiet"))
        for row in textwrap.wrap(words, width // (8 if kind == "text" else 9)):
            y += 24
            parts.append(text(20, y, row, kind))
        y += 44
    said = chunk.page_content.strip()
    alt = f"“{QUESTION}” finds the chunk “{said}”; a frame shows where it stands"
    return drawing(WIDTH, 40 + PAGE * UPPER * 842 / 595, alt, *parts)


def page_and_regions(scan: Path) -> str:
    """A page in two columns with a table, its regions in frames, in reading order."""
    documents = GotOcrLoader(scan, model="tiny", mode="region", output="text").load()
    scale = PAGE / 595
    parts = [paper(picture(scan, 0), 20, 20, PAGE)]
    y = 44.0
    for number, document in enumerate(documents, 1):
        about = document.metadata
        kind = about["region_type"]
        x0, y0, x1, y1 = (20 + about[edge] * scale for edge in ("x0", "y0", "x1", "y1"))
        fill = f' fill="{COLORS[kind]}" fill-opacity="0.08" stroke="{COLORS[kind]}"'
        parts.append(rect((x0 - 2, y0 - 2, x1 + 2, y1 + 2), "frame", fill))
        parts += [mark(x0 - 11, y0 + 6, number, kind), mark(PAGE + 52.0, y - 5, number, kind)]
        first = textwrap.shorten(document.page_content, 34, placeholder=" …")
        parts += [text(PAGE + 72, y, kind), text(PAGE + 72, y + 20, first, "quiet")]
        y += 56
    kinds = ", ".join(document.metadata["region_type"] for document in documents)
    alt = f"A page in two columns, its regions framed and numbered in reading order: {kinds}"
    return drawing(WIDTH, 40 + PAGE * 842 / 595, alt, *parts)


def mark(x: float, y: float, number: int, kind: str) -> str:
    """A number in a circle of the region's color."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="{COLORS[kind]}"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}" fill="#ffffff" text-anchor="middle" '
        f'font-family="sans-serif" font-size="12.5">{number}</text>'
    )


def picture(scan: Path, page: int, upper: float = 1) -> Image.Image:
    """A page, or the upper part of it."""
    with pymupdf.open(scan) as pdf:  # type: ignore[no-untyped-call]  # it has no types
        pixmap = pdf[page].get_pixmap(dpi=150)
    whole = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    return whole.crop((0, 0, whole.width, round(whole.height * upper)))


def write_columns(path: Path) -> Path:
    """A scan of a title, two columns and a table."""
    with pymupdf.open() as drawn, pymupdf.open() as scan:  # type: ignore[no-untyped-call]
        page = drawn.new_page(width=595, height=842)
        page.insert_text((45, 58), "No. 7", fontsize=24, fontname="helv")
        page.insert_text((45, 150), "Village News", fontsize=44, fontname="hebo")
        columns = (
            (45, ("The river was", "high in May", "and the old", "bridge is now", "closed.")),
            (325, ("The garden", "house opens", "on Monday.", "Please come", "and help.")),
        )
        for x, lines in columns:
            for number, words in enumerate(lines):
                page.insert_text((x, 225 + 40 * number), words, fontsize=30, fontname="helv")
        rows = (("Part", "Price"), ("Bolt", "$4"), ("Wheel", "$27"))
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                x, y = 45 + 200 * column, 470 + 54 * number
                page.draw_rect((x, y, x + 200, y + 54))
                page.insert_text((x + 10, y + 38), cell, fontsize=30, fontname="helv")
        page.insert_text((45, 705), "Call 555-0142 for help", fontsize=30, fontname="helv")
        page.insert_text((45, 745), "with the new pump.", fontsize=30, fontname="helv")
        sheet = scan.new_page(width=595, height=842)
        sheet.insert_image(sheet.rect, stream=page.get_pixmap(dpi=150).tobytes("png"))
        scan.save(path)
    return path
