"""Extracts the text of a PDF's pages. Runs in the worker only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from got_loaders.pages.protocol import WorkerFailure
from got_loaders.pages.text_layer.assign_lines import TextBlock, assign_lines
from got_loaders.pages.text_layer.code_blocks import is_monospace_page
from got_loaders.pages.text_layer.column_breaks import join_divided_words
from got_loaders.pages.text_layer.encodings import contradict, font_uses
from got_loaders.pages.text_layer.graphics import (
    DrawOp,
    add_pictures,
    add_ruling_lines,
    covered_fraction,
    insert_pictures,
    pictures,
    without_words,
)
from got_loaders.pages.text_layer.hyphens import known_words
from got_loaders.pages.text_layer.layout_model import detect_boxes, load_layout_model
from got_loaders.pages.text_layer.mupdf_page import (
    PageText,
    RawText,
    clip_lines,
    draw_ops,
    ink_coverage,
    page_as_shown,
    read_text,
    seen_text,
)
from got_loaders.pages.text_layer.page_pixels import draw_page
from got_loaders.pages.text_layer.quality import (
    MAX_UNSEEN,
    QualitySignals,
    TextQuality,
    assess_quality,
    unseen_fraction,
)
from got_loaders.pages.text_layer.rotation import dominant_rotation, rotate_box, rotate_skew
from got_loaders.pages.text_layer.to_mmd import to_mmd
from got_loaders.pages.text_layer.values import TextLayer, TextPart
from got_loaders.pages.text_layer.words import is_bold_page
from got_loaders.types import Box, Region, RegionType

_REGION_TYPES: dict[str, RegionType] = {"heading": "title", "footnote": "text"}
"""Regions have fewer types than blocks."""


MIN_PICTURE = 0.01
"""The part of a page that a picture fills at least to be read; on A4 a square of 71 points, so that
icons and most logos stay what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageBlocks:
    """The blocks of a page whose text was turned upright, from ``rotation`` degrees clockwise.

    ``has_layout``: the layout model found them.
    """

    quality: TextQuality
    blocks: list[TextBlock]
    size: tuple[float, float]
    rotation: int = 0
    has_layout: bool = False

    def is_unread(self, block: TextBlock) -> bool:
        """Whether it is a picture of some size that no word stands on."""
        large = block.box.area >= MIN_PICTURE * self.size[0] * self.size[1]
        return block.kind in ("figure", "table") and not block.lines and large

    def region(self, block: TextBlock) -> Region | None:
        """The block's place on the page as it is shown; None where it has none."""
        box = block.box.clipped(*self.size)
        if box is None:
            return None
        kind = block.kind
        # The labels of a figure's axes are turned, and not the figure.
        angles = set() if kind == "figure" else {line.angle for line in block.lines}
        skew = angles.pop() if len(angles) == 1 else 0.0
        return Region(
            box=Box(*(round(v, 2) for v in rotate_box(box, self.size, self.rotation))),
            type=_REGION_TYPES.get(kind, kind),  # type: ignore[arg-type]  # else the same words
            skew=rotate_skew(skew, self.rotation),
        )


class TextExtractor:
    """Extracts the text of the pages that ``load_page`` gives, PyMuPDF's of one document."""

    def __init__(self, pymupdf: Any, load_page: Callable[[int], Any]) -> None:
        self._pymupdf = pymupdf
        self._load_page = load_page
        self._last: tuple[int, _PageBlocks] | None = None

    def layer(self, number: int) -> TextLayer:
        """The text of page ``number``; :class:`WorkerFailure` where it is damaged."""
        page = self._page_blocks(number)
        lines = [line for block in page.blocks for line in block.lines]
        known = known_words(line.text for line in lines)
        has_code, has_bold = not is_monospace_page(lines), not is_bold_page(lines)
        parts = [
            TextPart(
                region=region,
                text=to_mmd(block, known, has_code=has_code, has_bold=has_bold),
                unread=page.is_unread(placed),
            )
            for block, placed in zip(
                join_divided_words(page.blocks, known), page.blocks, strict=True
            )
            if (region := page.region(placed)) is not None
        ]
        quality = page.quality
        return TextLayer(good=quality.good, reason=quality.reason, parts=tuple(parts))

    def regions(self, number: int) -> tuple[Region, ...] | None:
        """The regions of page ``number``, or None where its text does not tell them."""
        page = self._page_blocks(number)
        if not page.has_layout or not page.quality.seen:
            return None
        regions = (page.region(block) for block in page.blocks)
        return tuple(region for region in regions if region is not None) or None

    def _page_blocks(self, number: int) -> _PageBlocks:
        if self._last is None or self._last[0] != number:
            try:
                self._last = number, self._extract(number)
            except WorkerFailure:
                raise
            except Exception as error:
                raise WorkerFailure("page", f"its text can't be read: {error}") from error
        return self._last[1]

    def _extract(self, number: int) -> _PageBlocks:
        page = self._load_page(number)
        with page_as_shown(self._pymupdf, page) as shown:
            ops = draw_ops(shown)
            raw = read_text(self._pymupdf, shown, ops)
            rotation = 0 if raw.simplified else dominant_rotation(raw.lines)
            if not rotation:
                return self._lay_out(shown, ops, raw, 0)
        with page_as_shown(self._pymupdf, self._load_page(number), -rotation) as turned:
            ops = draw_ops(turned)
            raw = read_text(self._pymupdf, turned, ops)
            return self._lay_out(turned, ops, raw, rotation)

    def _lay_out(self, page: Any, ops: list[DrawOp], raw: RawText, rotation: int) -> _PageBlocks:
        size = (page.rect.width, page.rect.height)
        text = self._seen_text(page, ops, raw, size)
        lines = text.lines
        signals = QualitySignals(
            outside=text.outside,
            covered=covered_fraction(ops, size),
            hidden=text.hidden,
            garbled=text.garbled,
        )
        if raw.simplified or not lines:
            quality, blocks = assess_quality(lines, signals), assign_lines([], lines)
            return _PageBlocks(quality=quality, blocks=blocks, size=size, rotation=rotation)
        classifier = load_layout_model()
        boxes = detect_boxes(page)
        found = pictures(ops, size)
        layout = add_ruling_lines(add_pictures(boxes, found), ops)
        signals = replace(
            signals,
            scanned=bool(classifier.analyze_page(page)["needs_ocr"]),
            ink=ink_coverage(self._pymupdf, page, ops, lines, layout),
        )
        return _PageBlocks(
            quality=assess_quality(lines, signals),
            blocks=insert_pictures(assign_lines(layout, lines), without_words(found, lines)),
            size=size,
            rotation=rotation,
            has_layout=bool(boxes),
        )

    def _seen_text(
        self, page: Any, ops: list[DrawOp], raw: RawText, size: tuple[float, float]
    ) -> PageText:
        """The page is not drawn where the text's own style says enough: scans are slow."""
        if unseen_fraction(raw.lines) > MAX_UNSEEN or not raw.lines:
            lines, outside = clip_lines(raw.lines, size)
            return PageText(lines=lines, outside=outside, hidden=unseen_fraction(raw.lines))
        commands = page.get_displaylist(annots=True)
        text = seen_text(raw, draw_page(self._pymupdf, page, commands), size, ops)
        garbled = not raw.simplified and contradict(font_uses(self._pymupdf, commands))
        return replace(text, garbled=garbled)
