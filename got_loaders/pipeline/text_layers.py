"""A page's own text as the result of a page, or of its regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from got_loaders.options import ReadOptions
from got_loaders.pages import TextLayer, TextPart
from got_loaders.pipeline.figures import is_kept
from got_loaders.results import PageResult
from got_loaders.types import OcrResult, PageInfo, Region

__all__ = ["mixed_parts", "select_parts", "text_layer_result", "text_layer_results"]


def text_layer_results(info: PageInfo, layer: TextLayer, options: ReadOptions) -> list[PageResult]:
    """The results of a page whose own text is good: one, or one a region where these are wanted."""
    info = info.warned(*layer.warnings)
    if options.effective_regions is None:
        return [text_layer_result(PageResult(info=info), layer.parts)]
    parts = [part for part in layer.parts if part.region.type not in options.drop]
    results = [
        text_layer_result(PageResult(info=info, region=part.region, region_index=index), [part])
        for index, part in enumerate(parts)
    ]
    return results or [PageResult(info=info, origin="blank")]


def mixed_parts(layer: TextLayer, options: ReadOptions) -> list[TextPart] | None:
    """The parts of a page whose own text is good, some of which are pictures to be read, or kept.

    None where none is. Pictures that the options drop are not read.
    """
    dropped, whole = options.drop, options.effective_regions is None

    def is_looked_at(part: TextPart) -> bool:
        is_read = part.unread and part.region.type not in dropped
        return is_read or is_kept(part.region, options)

    if not any(map(is_looked_at, layer.parts)):
        return None
    return [
        part
        for part in layer.parts
        if is_looked_at(part) or (part.text and (whole or part.region.type not in dropped))
    ]


def text_layer_result(result: PageResult, parts: Sequence[TextPart]) -> PageResult:
    """``result`` with the document's own text, whatever was there before."""
    text = "\n\n".join(part.text for part in parts if part.text)
    return replace(result, ocr=OcrResult(text=text), origin="text_layer", retried=False, error=None)


def select_parts(
    layers: Sequence[TextLayer], region: Region | None, options: ReadOptions
) -> list[TextPart]:
    """The parts that have text, are not dropped, and stand for the most part in ``region``."""
    dropped = () if options.effective_regions is None else options.drop
    parts = (part for layer in layers for part in layer.parts)
    return [
        part
        for part in parts
        if part.text
        and part.region.type not in dropped
        and (region is None or part.region.box.overlap(region.box) > 0.5)
    ]
