"""Results → metadata: flat, of plain types, the same from run to run; what is not known is None."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from got_loaders.options import ReadOptions
from got_loaders.sources import sanitize_text, strip_controls
from got_loaders.types import DOCUMENT_KEYS, PageResult

__all__ = ["Value", "present", "reading_of", "region_of", "shared_place"]

Value = str | int | float | bool

_MOST_ERROR = 1_600


def _place(result: PageResult) -> dict[str, Value | None]:
    """What metadata says of where the result comes from."""
    info = result.info
    label = info.label or (None if info.number is None else str(info.number + 1))
    place: dict[str, Value | None] = {
        "source": info.source,
        "file_path": info.source,
        "page": info.number,
        "page_last": info.last_number,
        "page_label": label,
        "total_pages": info.total,
    }
    place |= {key: info.document.get(key) or None for key in DOCUMENT_KEYS}
    if info.width and info.height:
        place |= {"page_width": _rounded(info.width), "page_height": _rounded(info.height)}
        place["page_unit"] = info.unit
    return place


def region_of(result: PageResult) -> dict[str, Value | None]:
    """What metadata says of the part of the page that was read."""
    region, index = result.region, result.region_index
    if region is None:
        return {}
    told: dict[str, Value | None] = {"region_index": index}
    told["region_type"] = None if index is None else region.type
    return told | {name: _rounded(getattr(region.box, name)) for name in region.box._fields}


def reading_of(
    results: Sequence[PageResult], options: ReadOptions, model: Callable[[], str]
) -> dict[str, Value | None]:
    """What metadata says of how the reading went, over all pages of a record."""
    read = [result for result in results if result.origin == "ocr"]
    readings = [result.ocr for result in read if result.ocr is not None]
    errors = [result.error for result in results if result.error is not None]
    origins = [result.origin for result in results]
    known = ("ocr", "text_layer", "failed", "blank")
    told: dict[str, Value | None] = {
        "ocr_origin": next(origin for origin in known if origin in origins),
        "ocr_retried": True if any(result.retried for result in results) else None,
        "error": _clipped("; ".join(errors)) or None,
    }
    if not readings:
        return told
    reasons = [reading.finish_reason for reading in readings]
    weights = [max(reading.num_tokens, 1) for reading in readings]
    total = sum(r.confidence * weight for r, weight in zip(readings, weights, strict=True))
    return told | {
        "ocr_model": model(),
        "ocr_mode": "format" if options.formatted else "plain",
        "ocr_finish_reason": next((reason for reason in reasons if reason != "stop"), "stop"),
        "ocr_confidence": _rounded(total / sum(weights)),
    }


def _clipped(text: str) -> str:
    """Not longer than metadata should be: splitters count it against their chunks."""
    return text if len(text) <= _MOST_ERROR else f"{text[:_MOST_ERROR]}…"


def shared_place(results: Sequence[PageResult]) -> dict[str, Value | None]:
    """Where all results of a record come from, as far as they have it in common."""
    first, *others = [_place(result) for result in results]
    return {key: first[key] for key in first if all(o.get(key) == first[key] for o in others)}


def present(
    metadata: Mapping[str, Value | None], omitted: Collection[str] = ()
) -> dict[str, Value]:
    """What is known and not ``omitted``, as a store may hold it."""
    return {
        key: _plain(key, value) if isinstance(value, str) else value
        for key, value in metadata.items()
        if value is not None and key not in omitted
    }


def _plain(key: str, text: str) -> str:
    """A value as metadata may hold it; a path or URL stays what it is, whatever is in it."""
    text = sanitize_text(text)
    return text if key in ("source", "file_path") else strip_controls(text)


def _rounded(value: float) -> float:
    return round(float(value), 2)
