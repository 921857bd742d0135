"""Takes off what models wrap answers in: a fence around all of it, front matter, places."""

from __future__ import annotations

import re

__all__ = ["unwrap"]

_IMAGE = '\n<img alt="">\n\n'
_FENCE = re.compile(r"\s*(`{3,}|~{3,})[ \t]*(?:markdown|md|mmd|html)[ \t]*\n", re.IGNORECASE)
_FENCE_LINE = re.compile(r"^[ \t]*(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n((?:[a-z_]{1,40}:[^\n]*\n){1,12})---[ \t]*(?:\n|\Z)")
_ABOUT_THE_PAGE = frozenset(
    ["primary_language", "is_rotation_valid", "rotation_correction", "is_table", "is_diagram"]
)
"""What olmOCR says of a page before its text; none of it stands on the page."""
_PLACE = re.compile(
    r"<\|ref\|>([^<|\n]{0,200})<\|/ref\|>[ \t]*"
    r"<\|det\|>(\[\[[\d., \t]{1,100}\](?:,[ \t]?\[[\d., \t]{1,100}\])*\])<\|/det\|>[ \t]*\n?"
)
"""What DeepSeek-OCR writes before each block: its kind, and boxes in thousandths of the page."""
_END = re.compile(r"\s*<\uff5cend\u2581of\u2581sentence\uff5c>\s*\Z")


def unwrap(text: str) -> str:
    """The Markdown that a model's answer is."""
    text = _without_front_matter(_without_fence(_without_front_matter(text)))
    return _without_places(text)


def _without_places(text: str) -> str:
    """Blocks without their kinds and boxes; of a picture these are all that there is."""
    if "<|ref|>" not in text:
        return text
    return _END.sub("", _PLACE.sub(lambda place: _IMAGE if place[1] == "image" else "", text))


def _without_fence(text: str) -> str:
    """A whole answer within a fence that says it is Markdown; the end may have been cut off."""
    opening = _FENCE.match(text)
    if opening is None:
        return text
    fence, inner = opening[1], text[opening.end() :]
    lines = list(_FENCE_LINE.finditer(inner))
    closing = lines[-1] if lines else None
    if closing is not None and not inner[closing.end() :].strip():
        closes = closing[1][0] == fence[0] and len(closing[1]) >= len(fence)
        if closes and not closing[2].strip() and len(lines) % 2:
            return inner[: closing.start()]
    if closing is None or len(lines) % 2 == 0:
        return inner  # it has no end; the fences within it have theirs
    return text


def _without_front_matter(text: str) -> str:
    front = _FRONT_MATTER.match(text)
    if front is None:
        return text
    keys = {line.partition(":")[0] for line in front[1].splitlines()}
    return text[front.end() :] if keys <= _ABOUT_THE_PAGE else text
