"""A picture that was kept of a page: a figure, beside what was read."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["FIGURE_NAME", "Figure"]

FIGURE_NAME = re.compile(r"[0-9a-f]{16}\.(?:png|webp)")
"""What the file of a kept figure is called: by a digest of its pixels."""

_MAX_SHOWN = 200
_URL_START = 30
"""Characters of a ``data:`` URL that ``repr`` shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The picture of a region of type "figure".

    ``path`` is what the texts name: a path with ``/`` between its parts, as ``figures_dir`` was
    given, or a ``data:`` URL. ``file`` is where the picture lies; None where it is in the URL.
    ``caption`` is that of the page, without mark-up, "" where it has none. ``width`` and ``height``
    are in pixels. ``media_type`` is that of the file ("image/png", "image/webp").
    """

    path: str
    file: str | None
    width: int
    height: int
    media_type: str
    caption: str = ""

    def __repr__(self) -> str:
        """Its path and size; of a ``data:`` URL how it begins and how long it is."""
        path = repr(self.path)
        if len(self.path) > _MAX_SHOWN and self.file is None:
            path = f"{self.path[:_URL_START]!r}… ({len(self.path):,} characters)"
        size = f"{self.width} x {self.height}"
        return f"Figure(path={path}, {size}, {self.media_type}, caption={self.caption!r})"
