"""The results of a page → a page of Mistral's answer. Pure.

What this library knows beyond it stands in fields of its own: ``error``, where the page could not
be read; ``finish_reason``, where the model did not come to its end; ``warnings``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from got_loaders.results import PageResult
from got_loaders.results.text_forms import text_in
from got_loaders.server.errors import without_paths
from got_loaders.server.ocr.figures import FigureLimits, is_figure
from got_loaders.server.ocr.tables import extract_tables
from got_loaders.types import PageInfo

__all__ = ["OcrPage", "page_json"]

OcrPage = dict[str, Any]
"""A page as JSON has it."""

_PDF_DPI = 200
"""The nominal resolution of a PDF's page in an answer; what the model sees may differ."""
_IMAGE_DPI = 72
"""Of an image file: a unit is a pixel."""


def page_json(
    results: Sequence[PageResult],
    *,
    table_format: Literal["markdown", "html"] | None = None,
    confidence: bool = False,
    figures: FigureLimits | None = None,
    earlier: int = 0,
) -> OcrPage:
    """The page that these are the results of, in reading order.

    Each of its figures is mentioned in the text. ``earlier`` is the number of figures on the pages
    before it.
    """
    first = results[0]
    texts: list[str] = []
    images: list[dict[str, object]] = []
    limits = figures or FigureLimits()
    for result in results:
        figure = _figure(result, len(images), limits) if is_figure(result) else None
        if figure is not None and (limits.count is None or earlier + len(images) < limits.count):
            images.append(figure)
            texts.append(f"![{figure['id']}]({figure['id']})")
        texts.append(text_in(result, "markdown"))
    markdown = "\n\n".join(filter(None, texts))
    page: OcrPage = {"index": first.info.number or 0, "markdown": markdown, "images": images}
    if table_format is not None:
        page["markdown"], tables = extract_tables(markdown, table_format)
        page["tables"] = [asdict(table) for table in tables]
    page["dimensions"] = _dimensions(first.info)
    if confidence:
        page["confidence_scores"] = _confidence(results)
    reasons = [result.ocr.finish_reason for result in results if result.ocr is not None]
    ended = next((reason for reason in reasons if reason != "stop"), None)
    errors = [result.error for result in results if result.error is not None]
    extras = {
        "error": without_paths("; ".join(errors)) or None,
        "finish_reason": ended,
        "warnings": [without_paths(text) for text in first.info.warnings] or None,
    }
    return page | {name: value for name, value in extras.items() if value is not None}


def _scale(info: PageInfo) -> float:
    """Pixels of the answer's page in a unit of ours."""
    return _PDF_DPI / 72 if info.unit == "pt" else 1.0


def _dimensions(info: PageInfo) -> dict[str, int] | None:
    if not info.width or not info.height:
        return None
    scale = _scale(info)
    return {
        "dpi": _PDF_DPI if info.unit == "pt" else _IMAGE_DPI,
        "height": round(info.height * scale),
        "width": round(info.width * scale),
    }


def _figure(result: PageResult, number: int, limits: FigureLimits) -> dict[str, object] | None:
    """Where a figure is; None where it is smaller than it is wanted."""
    assert result.region is not None, "a figure is a region"
    scale = _scale(result.info)
    left, top, right, bottom = (round(edge * scale) for edge in result.region.box)
    if min(right - left, bottom - top) < max(limits.min_size, 1):
        return None
    return {
        "id": f"img-{number}.jpeg",
        "top_left_x": left,
        "top_left_y": top,
        "bottom_right_x": right,
        "bottom_right_y": bottom,
        "image_base64": None,
    }


def _confidence(results: Sequence[PageResult]) -> dict[str, float] | None:
    """Over the readings of a page, by their lengths; None of a page that no model read, or one
    that does not say how sure it was."""
    read = [result.ocr for result in results if result.origin == "ocr" and result.ocr is not None]
    known = [(ocr.confidence, max(ocr.num_tokens, 1)) for ocr in read if ocr.confidence is not None]
    if not known or len(known) < len(read):
        return None
    total = sum(confidence * weight for confidence, weight in known)
    return {
        "average_page_confidence_score": total / sum(weight for _, weight in known),
        "minimum_page_confidence_score": min(confidence for confidence, _ in known),
    }
