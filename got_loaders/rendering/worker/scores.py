"""Engraves ``**kern`` with verovio. Runs in the process that draws, only."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import verovio

from got_loaders.rendering.worker.values import DrawingError, Drawn

__all__ = ["OPTIONS", "draw", "files"]

OPTIONS = {
    "inputFrom": "humdrum",
    "pageWidth": 2100,
    "footer": "none",
    "header": "auto",
    "barLineWidth": 0.5,
    "beamMaxSlope": 15,
    "staffLineWidth": 0.2,
    "spacingStaff": 6,
    "adjustPageHeight": True,
    "adjustPageWidth": True,
    "svgViewBox": True,
    "xmlIdSeed": 1,
}
"""Those of the original's own rendering; beyond them, pages end where the music does, scale with
their surroundings, and are the same each time."""

_MAX_PAGES = 50


def draw(payload: bytes) -> Drawn:
    """All pages of the score in ``payload``."""
    toolkit = _toolkit()
    toolkit.resetXmlIdSeed(1)
    if not toolkit.loadData(payload.decode("utf-8")):
        raise DrawingError("verovio can't read it as **kern")
    pages = toolkit.getPageCount()
    if pages > _MAX_PAGES:
        raise DrawingError(f"the score has {pages} pages, more than {_MAX_PAGES}")
    return Drawn(tuple(toolkit.renderToSVG(number) for number in range(1, pages + 1)))


def files() -> str:
    """The folder that verovio reads while it works: its fonts."""
    _toolkit()
    return str(Path(verovio.__file__).parent)


@cache
def _toolkit() -> Any:
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(OPTIONS)
    toolkit.loadData("**kern\n4c\n*-\n")
    toolkit.renderToSVG(1)
    return toolkit
