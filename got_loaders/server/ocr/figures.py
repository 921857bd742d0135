"""Figures on the pages of an answer: where they are, and, where asked for, their pictures.

Layout finds them, so there are some only where pages are read by regions. For the pictures the
document is opened and rendered once more: of a page that was read nobody keeps the pixels.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from got_loaders.errors import PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pages import open_document
from got_loaders.results import PageResult
from got_loaders.sources import Source

__all__ = ["FigureLimits", "add_pictures", "is_figure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLimits:
    """Mistral's ``image_limit``, of a document, and ``image_min_size``, of both sides in pixels."""

    count: int | None = None
    min_size: int = 0


def is_figure(result: PageResult) -> bool:
    """Whether it is of a region that layout took for a figure."""
    region = result.region
    return region is not None and result.region_index is not None and region.type == "figure"


def add_pictures(pages: Sequence[dict[str, Any]], source: Source, options: ReadOptions) -> None:
    """Put the pictures of their figures into these pages, as ``data:`` URLs. Blocks.

    What can't be rendered again stays without.
    """
    wanted = [page for page in pages if page["images"] and page["dimensions"] is not None]
    if not wanted or source.url is not None:
        return
    try:
        document = open_document(source, password=options.password, limits=options.limits)
    except SourceError:
        return
    with closing(document):
        for page in wanted:
            size = page["dimensions"]
            dpi = float(size["dpi"]) if document.info(page["index"]).unit == "pt" else None
            try:
                picture = document.page(
                    page["index"], width=size["width"], height=size["height"], dpi=dpi
                ).image
            except PageError:
                continue
            x, y = picture.width / size["width"], picture.height / size["height"]
            for figure in page["images"]:
                box = (
                    round(figure["top_left_x"] * x),
                    round(figure["top_left_y"] * y),
                    round(figure["bottom_right_x"] * x),
                    round(figure["bottom_right_y"] * y),
                )
                figure["image_base64"] = _data_url(picture.crop(box))


def _data_url(picture: Any) -> str:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=90)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
