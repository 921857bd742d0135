"""Pictures of pages as files beside the HTML."""

from __future__ import annotations

import re
from pathlib import Path

from got_loaders.report.values import Picture, ReportPage

__all__ = ["PICTURES", "PICTURE_NAME", "PictureFiles"]

PICTURES = "pictures"
"""The folder with them, beside the HTML."""

PICTURE_NAME = re.compile(r"\d{5,}-(\d+|small)\.(webp|png)")
"""What they are called in it."""

_SUFFIXES = {"image/webp": ".webp", "image/png": ".png"}


class PictureFiles:
    """Writes the pictures of one page, whose ``number`` counts from 1, and says where each is."""

    def __init__(self, page: ReportPage, number: int, folder: Path) -> None:
        self._hrefs: dict[int, str] = {}
        for place, picture in enumerate(page.pictures, 1):
            self._write(folder, picture, f"{number:05}-{place}")
        if page.thumbnail is not None:
            self._write(folder, page.thumbnail, f"{number:05}-small")

    def url(self, picture: Picture) -> str:
        """The address of one of them, relative to the HTML."""
        return self._hrefs[id(picture)]

    def _write(self, folder: Path, picture: Picture, stem: str) -> None:
        href = f"{PICTURES}/{stem}{_SUFFIXES[picture.media_type]}"
        (folder / PICTURES).mkdir(exist_ok=True)
        (folder / href).write_bytes(picture.data)
        self._hrefs[id(picture)] = href
