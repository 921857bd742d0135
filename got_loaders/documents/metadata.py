"""Results → metadata: flat, of plain types, the same from run to run; what is not known is None.

But for ``ocr_draft_share``, which the options leave out unless they are told otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from got_loaders._characters import clean_text
from got_loaders.documents.agreement import agreement_metadata
from got_loaders.documents.text import first_content_kind
from got_loaders.options import ReadOptions
from got_loaders.results import PageResult
from got_loaders.sources import sanitize_text
from got_loaders.types import DOCUMENT_KEYS, OcrResult

__all__ = ["Value", "build_metadata", "drop_missing", "place_metadata"]

Value = str | int | float | bool

_MAX_ERROR = 1_600
_MAX_WARNINGS = 800
_ORIGINS = ("corrected", "ocr", "text_layer", "failed", "blank")
"""Of a record's results the first of these is named."""
_PAGE_KEYS = {"page", "page_last", "page_label"}
_SIZE_KEYS = ("page_width", "page_height", "page_unit")


def build_metadata(results: Sequence[PageResult], options: ReadOptions) -> dict[str, Value]:
    """What metadata says of a record that is made of ``results``; what is not known is absent.

    What was corrected says so, whatever the options leave out.
    """
    first = results[0]
    metadata = _common_metadata(results)
    if options.mode == "single":
        metadata = {key: metadata[key] for key in metadata if key not in _PAGE_KEYS}
    if options.mode == "region" or (len(results) == 1 and first.region_index is None):
        metadata |= _region_metadata(first)
    metadata |= {
        "content_format": options.output,
        "content_kind": first_content_kind(results),
        "figure_files": _figure_files(results),
    }
    metadata |= _ocr_metadata(results, options)
    omitted = set(options.omit_metadata)
    if metadata["ocr_origin"] == "corrected":
        omitted.discard("ocr_origin")  # what a run that is resumed has to know
    return drop_missing(metadata, omitted)


def drop_missing(
    metadata: Mapping[str, Value | None], omitted: Collection[str] = ()
) -> dict[str, Value]:
    """What is known and not ``omitted``, as a store may hold it."""
    return {
        key: _plain(key, value) if isinstance(value, str) else value
        for key, value in metadata.items()
        if value is not None and key not in omitted
    }


def place_metadata(result: PageResult, options: ReadOptions) -> dict[str, Value]:
    """Where one result stands: of which page it is, and which part of it."""
    page = _page_metadata(result)
    place = {key: page.get(key) for key in (*sorted(_PAGE_KEYS), *_SIZE_KEYS)}
    return drop_missing(place | _region_metadata(result), options.omit_metadata)


def _common_metadata(results: Sequence[PageResult]) -> dict[str, Value | None]:
    """Where all results of a record come from, as far as they have it in common."""
    first, *others = [_page_metadata(result) for result in results]
    return {key: first[key] for key in first if all(o.get(key) == first[key] for o in others)}


def _page_metadata(result: PageResult) -> dict[str, Value | None]:
    """Where the result comes from."""
    info = result.info
    label = info.label or (None if info.number is None else str(info.number + 1))
    metadata: dict[str, Value | None] = {
        "source": info.source,
        "file_path": info.source,
        "page": info.number,
        "page_last": info.last_number,
        "page_label": label,
        "total_pages": info.total,
    }
    metadata |= {key: info.document.get(key) or None for key in DOCUMENT_KEYS}
    if info.width and info.height:
        metadata |= {"page_width": _rounded(info.width), "page_height": _rounded(info.height)}
        metadata["page_unit"] = info.unit
    return metadata


def _region_metadata(result: PageResult) -> dict[str, Value | None]:
    """The part of the page that was read."""
    region, index = result.region, result.region_index
    if region is None:
        return {}
    metadata: dict[str, Value | None] = {"region_index": index}
    metadata["region_type"] = None if index is None else region.type
    return metadata | {name: _rounded(getattr(region.box, name)) for name in region.box._fields}


def _figure_files(results: Sequence[PageResult]) -> str | None:
    """The paths of the figures that are files, as the text names them, a line each."""
    figures = (result.figure for result in results)
    paths = (figure.path for figure in figures if figure is not None and figure.file is not None)
    return "\n".join(dict.fromkeys(paths)) or None


def _ocr_metadata(results: Sequence[PageResult], options: ReadOptions) -> dict[str, Value | None]:
    """Who read, and how it went, over all pages of a record."""
    errors = [result.error for result in results if result.error is not None]
    origins = [result.origin for result in results]
    metadata: dict[str, Value | None] = {
        "ocr_origin": next(origin for origin in _ORIGINS if origin in origins),
        "ocr_retried": True if any(result.retried for result in results) else None,
        "page_warnings": _clipped(_joined_warnings(results), _MAX_WARNINGS) or None,
        "error": _clipped("; ".join(errors), _MAX_ERROR) or None,
    }
    outputs = [result.ocr for result in results if result.origin == "ocr" and result.ocr]
    if not outputs:
        return metadata | {"ocr_model": _corrected_model(results)}
    reasons = [output.finish_reason for output in outputs]
    is_formatted = options.formatted or any(output.markup != "mathpix" for output in outputs)
    return metadata | {
        "ocr_model": outputs[0].model,
        "ocr_mode": "format" if is_formatted else "plain",
        "ocr_finish_reason": next((reason for reason in reasons if reason != "stop"), "stop"),
        "ocr_confidence": _confidence(outputs),
        **agreement_metadata(results),
        "ocr_draft_share": _draft_share(results),
    }


def _corrected_model(results: Sequence[PageResult]) -> str | None:
    """Whose reading was corrected, where a model read at all."""
    corrected = [result.ocr for result in results if result.origin == "corrected" and result.ocr]
    return next((ocr.model for ocr in corrected if ocr.model), None)


def _confidence(outputs: Sequence[OcrResult]) -> float | None:
    """The mean over all tokens; None where an engine does not say it of one of them."""
    total, tokens = 0.0, 0
    for output in outputs:
        if output.confidence is None:
            return None
        total += output.confidence * max(output.num_tokens, 1)
        tokens += max(output.num_tokens, 1)
    return _rounded(total / tokens)


def _draft_share(results: Sequence[PageResult]) -> float | None:
    """The part of the tokens that came from drafts, over all that were read now."""
    shares = [
        (result.draft_share, result.ocr.num_tokens)
        for result in results
        if result.ocr is not None and result.draft_share is not None
    ]
    total = sum(tokens for _, tokens in shares)
    return _rounded(sum(share * tokens for share, tokens in shares) / total) if total else None


def _joined_warnings(results: Sequence[PageResult]) -> str:
    """What went wrong with the pages, each remark once, however many pages have it."""
    return "; ".join(dict.fromkeys(text for result in results for text in result.info.warnings))


def _clipped(text: str, length: int) -> str:
    """Not longer than metadata should be: splitters count it against their chunks."""
    return text if len(text) <= length else f"{text[:length]}…"


def _plain(key: str, text: str) -> str:
    """A value as metadata may hold it; a path or URL stays what it is, whatever is in it."""
    is_path = key in ("source", "file_path", "figure_files")
    return sanitize_text(text) if is_path else clean_text(text)


def _rounded(value: float) -> float:
    return round(float(value), 2)
