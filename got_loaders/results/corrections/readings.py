"""Whether what was read is what somebody corrected, and the result that holds the correction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from got_loaders._characters import clean_text
from got_loaders.results.corrections.keys import corrected_of, joined, reading_digest
from got_loaders.types import Corrected, Correction, DigestForm, OcrResult, PageInfo

if TYPE_CHECKING:
    from got_loaders.results.page_result import PageResult

__all__ = ["corrected_result", "is_reading"]


def is_reading(corrected: Corrected, results: Sequence[PageResult]) -> bool:
    """Whether these results, as one text, read as what was corrected."""
    return any(reading_digest(text) == corrected.digest for text in _texts(results, corrected.of))


def corrected_result(correction: Correction, results: Sequence[PageResult]) -> PageResult:
    """The result that stands for these, with the text of the correction."""
    first, of = results[0], correction.corrected
    outputs = [result.ocr for result in results if result.ocr is not None]
    is_markdown = correction.form == "markdown"
    markup = outputs[0].markup if outputs else "mathpix"
    own_text = any(result.origin == "text_layer" for result in results)
    ocr = OcrResult(
        text=_typed(correction, results),
        markup="markdown" if is_markdown else markup,
        confidence=None,
        model=next((output.model for output in outputs if output.model), ""),
    )
    result = replace(
        first,
        ocr=ocr,
        origin="corrected",
        error=None,
        retried=False,
        formatted=first.formatted or own_text,  # a page's own text is always mark-up
        corrected=of if of.page is None else corrected_of(*results),
    )
    if len(results) == 1:
        return result
    info = _joined_info([each.info for each in results])
    return replace(result, info=info, region=None, region_index=None, own_text=None, figure=None)


def _typed(correction: Correction, results: Sequence[PageResult]) -> str:
    """The text of a correction; a figure's image stands before it, and not in it as well."""
    text = clean_text(correction.text)
    if len(results) > 1 or results[0].figure is None or correction.form != "markdown":
        return text
    from got_loaders.results.figures import without_reference  # here: it loads the parser

    return without_reference(text, results[0])


def _texts(results: Sequence[PageResult], of: DigestForm) -> Iterator[str]:
    """The texts that may have been corrected: what the model wrote, or a Document's."""
    from got_loaders.results.text_forms import reading_in, text_in  # here: they load the parser

    if of == "raw":
        yield joined(["" if each.ocr is None else clean_text(each.ocr.text) for each in results])
    yield joined([text_in(each, of) for each in results])
    if any(each.figure is not None for each in results):  # called otherwise, or in the text
        yield joined([reading_in(each, of) for each in results])
    if of == "markdown":
        yield joined([text_in(_with_other_tables(each), of) for each in results])


def _with_other_tables(result: PageResult) -> PageResult:
    return replace(result, table_format="html" if result.table_format == "gfm" else "gfm")


def _joined_info(infos: Sequence[PageInfo]) -> PageInfo:
    """That of a page, or of the pages of a file, as of one."""
    info = infos[0].warned(*(text for info in infos for text in info.warnings))
    numbers = {n for info in infos for n in (info.number, info.last_number) if n is not None}
    if len(numbers) > 1:
        info = replace(info, number=min(numbers), last_number=max(numbers))
    sizes = {(info.width, info.height, info.unit) for info in infos}
    return info if len(sizes) == 1 else replace(info, width=0.0, height=0.0)
