"""Reads the text of a PDF's pages. Runs in the worker only.

It works on a copy of the open document: it turns pages upright and drops the structure tree, which
costs time and tells us nothing. Rendering must never see either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from got_loaders.pages.protocol import WorkerFailure
from got_loaders.pages.text_layer import mupdf_page as pages
from got_loaders.pages.text_layer.assign_lines import Block, arrange
from got_loaders.pages.text_layer.code_blocks import is_typewritten
from got_loaders.pages.text_layer.graphics import (
    Step,
    covered_share,
    hidden_share,
    with_pictures,
    with_rules,
)
from got_loaders.pages.text_layer.layout_model import find_boxes, load_layout
from got_loaders.pages.text_layer.paragraphs import compound_words
from got_loaders.pages.text_layer.quality import Evidence, Verdict, judge
from got_loaders.pages.text_layer.rotation import main_turn, turned_box, turned_skew
from got_loaders.pages.text_layer.to_mmd import written
from got_loaders.pages.text_layer.values import TextLayer, TextPart
from got_loaders.types import Box, Region, RegionType

_TYPES: dict[str, RegionType] = {"heading": "title", "footnote": "text"}
"""Regions have fewer types than blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was read of a page whose text was turned upright, from ``turn`` degrees clockwise."""

    verdict: Verdict
    blocks: list[Block]
    size: tuple[float, float]
    turn: int = 0
    laid_out: bool = False

    def region(self, block: Block) -> Region | None:
        """The block's place on the page as it is shown; None where it has none."""
        box = block.box.clipped(*self.size)
        if box is None:
            return None
        kind = block.found.kind
        angles = {line.angle for line in block.lines}
        skew = angles.pop() if len(angles) == 1 else 0.0
        return Region(
            box=Box(*(round(v, 2) for v in turned_box(box, self.size, self.turn))),
            type=_TYPES.get(kind, kind),  # type: ignore[arg-type]  # the others are the same words
            skew=turned_skew(skew, self.turn),
        )


class TextReader:
    """The text of one document's pages. ``open_copy`` opens the document once more."""

    def __init__(self, pymupdf: Any, open_copy: Callable[[], Any]) -> None:
        self._pymupdf = pymupdf
        self._open_copy = open_copy
        self._copy: Any = None
        self._turns: dict[int, int] = {}  # of the pages that are turned in the copy
        self._last: tuple[int, _Reading] | None = None

    def layer(self, number: int) -> TextLayer:
        """The text of page ``number``; :class:`WorkerFailure` where it is damaged."""
        reading = self._read(number)
        lines = [line for block in reading.blocks for line in block.lines]
        compounds, has_code = compound_words(lines), not is_typewritten(lines)
        parts = [
            TextPart(region=region, text=written(block, compounds, has_code=has_code))
            for block in reading.blocks
            if (region := reading.region(block)) is not None
        ]
        verdict = reading.verdict
        return TextLayer(good=verdict.good, reason=verdict.reason, parts=tuple(parts))

    def regions(self, number: int) -> tuple[Region, ...] | None:
        """The regions of page ``number``, or None where its text does not tell them."""
        reading = self._read(number)
        if not reading.laid_out or not reading.verdict.seen:
            return None
        found = (reading.region(block) for block in reading.blocks)
        return tuple(region for region in found if region is not None) or None

    def close(self) -> None:
        """Close the copy."""
        if self._copy is not None:
            self._copy.close()

    def _read(self, number: int) -> _Reading:
        if self._last is None or self._last[0] != number:
            try:
                self._last = number, self._reading(number)
            except WorkerFailure:
                raise
            except Exception as error:
                raise WorkerFailure("page", f"its text can't be read: {error}") from error
        return self._last[1]

    def _reading(self, number: int) -> _Reading:
        if self._copy is None:
            self._copy = self._open_copy()
            pages.drop_structure(self._pymupdf, self._copy)
        page = self._copy.load_page(number)
        pages.turn_upright(self._pymupdf, page)
        steps = pages.drawn_steps(page)
        text = pages.page_text(self._pymupdf, page, steps)
        turn = 0 if text.coarse or number in self._turns else main_turn(text.lines)
        if turn:
            pages.turn_upright(self._pymupdf, page, -turn % 360)
            self._turns[number] = turn
            steps = pages.drawn_steps(page)
            text = pages.page_text(self._pymupdf, page, steps)
        return self._laid_out(page, steps, text, self._turns.get(number, 0))

    def _laid_out(self, page: Any, steps: list[Step], text: pages.PageText, turn: int) -> _Reading:
        lines, size = text.lines, (page.rect.width, page.rect.height)
        evidence = Evidence(
            outside=text.outside,
            covered=covered_share(steps, size),
            hidden=hidden_share(steps) if text.coarse else 0.0,
        )
        reading = _Reading(verdict=judge(lines, evidence), blocks=[], size=size, turn=turn)
        if text.coarse or not lines:
            return replace(reading, blocks=arrange([], lines))
        classifier = load_layout()
        boxes = find_boxes(page)
        found = with_rules(with_pictures(boxes, steps, size), steps)
        evidence = replace(
            evidence,
            scanned=bool(classifier.analyze_page(page)["needs_ocr"]),
            ink=pages.seen_ink(self._pymupdf, page, steps, lines, found),
        )
        verdict, blocks = judge(lines, evidence), arrange(found, lines)
        return replace(reading, verdict=verdict, blocks=blocks, laid_out=bool(boxes))
