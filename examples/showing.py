"""What several examples need: a folder, a count of pages, and a picture of where a text stood."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw

from got_loaders import Location, ProgressEvent

__all__ = ["ReadBefore", "draw", "in_folder"]

DPI = 100


def in_folder(work: Callable[[Path], None]) -> None:
    """Work in the folder that the command line names, or in one that is removed again."""
    if len(sys.argv) > 1:
        work(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        work(Path(folder))


class ReadBefore:
    """As ``progress=``: counts the pages that the model did not have to read again."""

    def __init__(self) -> None:
        self.pages = 0

    def __call__(self, event: ProgressEvent) -> None:
        """One more page is done."""
        self.pages += event.result.ocr is not None and event.result.ocr.cached


def draw(scan: Path, places: tuple[Location, ...]) -> Image.Image:
    """The first page of the places, with a frame around each of its boxes."""
    with pymupdf.open(scan) as pdf:  # type: ignore[no-untyped-call]  # it has no types
        pixmap = pdf[places[0].page].get_pixmap(dpi=DPI)
    picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    pen = ImageDraw.Draw(picture)
    for place in places:
        if place.page == places[0].page and place.box is not None:
            pen.rectangle(place.box.scaled(DPI / 72, DPI / 72), outline="red", width=3)
    return picture
