"""The body of ``POST /v1/ocr`` → what is asked; every field of Mistral's is known here.

What this model can't do is refused by name. What changes nothing in an answer is taken and ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeGuard

from got_loaders._spelling import did_you_mean
from got_loaders.errors import shown
from got_loaders.options import ReadOptions
from got_loaders.server.errors import ApiError
from got_loaders.server.ocr.figures import FigureLimits
from got_loaders.server.reading.document import DocumentRef, FileRef, to_ref
from got_loaders.server.reading.options import parse_options
from got_loaders.server.settings import ServerSettings

__all__ = ["OcrCall", "parse_call", "parse_page_numbers"]

_TAKEN = (
    *("model", "document", "id", "pages", "table_format", "include_image_base64", "image_limit"),
    *("image_min_size", "confidence_scores_granularity", "options"),
)
_UNABLE = {
    "bbox_annotation_format": "this model describes no pictures",
    "document_annotation_format": "this model extracts no structured data",
    "document_annotation_prompt": "this model takes no instructions",
    "extract_header": 'headers are left out by options={"regions": "auto", "drop": ["header"]}',
    "extract_footer": 'footers are left out by options={"regions": "auto", "drop": ["footer"]}',
    "include_blocks": 'blocks are not given; /v1/jobs gives regions, by options={"mode": "region"}',
}
_OWN_FIELD = "it has a field of its own in this request"
_NO_OPTIONS = {
    "pages": _OWN_FIELD,
    "table_format": _OWN_FIELD,
    "output": "the answer is Markdown; /v1/jobs gives other forms",
    "mode": "the answer is one page after the other; /v1/jobs gives regions",
    "multi_page": "each page of the answer is one page",
    "on_error": "a page that fails says so in the answer, and the others are there",
    "drop_blank": "a blank page is empty in the answer",
    "omit_metadata": "the answer has no metadata",
}
_RANGE = re.compile(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrCall:
    """What is asked: which document, and how it is read."""

    document: DocumentRef | FileRef
    options: ReadOptions
    model: str | None = None
    table_format: Literal["markdown", "html"] | None = None
    confidence: bool = False
    figures: FigureLimits = field(default_factory=FigureLimits)
    include_pictures: bool = False


def parse_call(body: object, settings: ServerSettings) -> OcrCall:
    """What a request's JSON asks; :class:`ApiError` names the field that is wrong."""
    if not isinstance(body, Mapping):
        raise ApiError("invalid_request", "expected a JSON object")
    _check_fields(body)
    table_format = _choice(body, "table_format", ("markdown", "html"))
    granularity = _choice(body, "confidence_scores_granularity", ("page",))
    if not isinstance(body.get("include_image_base64"), bool | None):
        raise _invalid("include_image_base64", "expected true or false")
    for name in ("image_limit", "image_min_size"):
        if body.get(name) is not None and not _is_count(body[name]):
            raise _invalid(name, "expected a whole number, at least 0")
    for name in ("model", "id"):
        if not isinstance(body.get(name), str | None):
            raise _invalid(name, "expected a text")
    if body.get("document") is None:
        raise _invalid("document", "it is missing")
    options = parse_options(body.get("options"), settings, refused=_NO_OPTIONS)
    pages = parse_page_numbers(body.get("pages"), settings.max_pages)
    return OcrCall(
        document=to_ref(body["document"]),
        options=replace(
            options, pages=pages, table_format="html" if table_format == "html" else "gfm"
        ),
        model=body.get("model"),
        table_format=table_format,
        confidence=granularity is not None,
        figures=FigureLimits(
            count=body.get("image_limit"), min_size=body.get("image_min_size") or 0
        ),
        include_pictures=bool(body.get("include_image_base64")),
    )


def parse_page_numbers(pages: object, most: int) -> list[int] | None:
    """Mistral's ``pages``: a number, a list of numbers and ranges, or a text of these with commas;
    all count from 0. None, and an empty list, are all pages."""
    if pages is None or pages == []:
        return None
    parts = pages.split(",") if isinstance(pages, str) else pages
    numbers: list[int] = []
    listed: Sequence[object] = parts if isinstance(parts, Sequence) else [parts]
    for part in listed:
        match = _RANGE.fullmatch(part) if isinstance(part, str) else None
        if match is not None:
            first, last = int(match[1]), int(match[2] or match[1])
        elif _is_count(part):
            first = last = part
        else:
            raise _invalid("pages", f'{shown(part)} is not like 0 or "2-4"; pages count from 0')
        if last < first:
            raise _invalid("pages", f"{shown(part)}: a range begins with its lower end")
        if last - first >= most or len(numbers) + last - first >= most:
            raise _invalid("pages", f"more than {most} pages, which is the most that are read")
        numbers += range(first, last + 1)
    if len(set(numbers)) < len(numbers):
        raise _invalid("pages", "a page is named twice")
    return numbers


def _check_fields(body: Mapping[object, object]) -> None:
    for name, value in body.items():
        if name in _UNABLE:
            if value not in (None, False):
                raise _invalid(str(name), _UNABLE[str(name)])
        elif name not in _TAKEN:
            known = (*_TAKEN, *_UNABLE)
            text = f"{shown(name)} is no field of this request{did_you_mean(str(name), known)}"
            raise ApiError("unknown_field", text, param=str(name))


def _choice(body: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> Any:
    value = body.get(name)
    if value is not None and value not in choices:
        expected = " or ".join(f'"{choice}"' for choice in choices)
        raise _invalid(name, f"{shown(value)}: expected {expected}, or null")
    return value


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _invalid(name: str, reason: str) -> ApiError:
    return ApiError("invalid_option", f"{name}: {reason}", param=name)
