"""Page results → the pages of a report, without their pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from got_loaders._characters import clean_text
from got_loaders.errors import OptionError, printable, shown
from got_loaders.rendering.page import render_reading
from got_loaders.report.doubt import flags_of
from got_loaders.report.page_info import page_of
from got_loaders.report.values import Form, Reading, ReportPage
from got_loaders.results import Agreement, PageResult
from got_loaders.results.corrections import corrected_of
from got_loaders.results.figures import embedded, figure_reference
from got_loaders.results.text_forms import is_markup, reading_in, text_in
from got_loaders.types import PageInfo

__all__ = ["page_of_results", "pages_of_results"]

_MAX_FIGURE = 4_000_000
"""Letters of a figure's URL; a larger one is seen on the page."""

_MIN_WORDS = 3
"""Of a part that only the model wrote: one or two words are misread, and not invented."""


def pages_of_results(results: Iterable[PageResult]) -> Iterator[tuple[PageInfo, ReportPage]]:
    """The pages that results in their order are of, as they come; one at a time is kept."""
    page: list[PageResult] = []
    for result in map(_checked, results):
        if page and not _is_next_region(page[-1], result):
            yield page[0].info, page_of_results(page)
            page = []
        page.append(result)
    if page:
        yield page[0].info, page_of_results(page)


def page_of_results(results: Sequence[PageResult]) -> ReportPage:
    """The page that they all are of."""
    info = results[0].info
    warnings = tuple(dict.fromkeys(text for result in results for text in result.info.warnings))
    return replace(
        page_of(info),
        readings=tuple(map(_reading, results)),
        warnings=tuple(map(printable, warnings)),
        page_flags=("warning",) if warnings else (),
    )


def _checked(result: object) -> PageResult:
    if isinstance(result, PageResult):
        return result
    raise OptionError(f"results: {shown(result)} is no PageResult, as read(…) gives them")


def _is_next_region(before: PageResult, result: PageResult) -> bool:
    """Whether it is of the same page, which is not read once more."""
    one, other = before.info, result.info
    places = ((info.source, info.number, info.last_number) for info in (one, other))
    first, second = before.region_index, result.region_index
    return len(set(places)) == 1 and first is not None and second is not None and first < second


def _reading(result: PageResult) -> Reading:
    agreement, ocr, region = result.agreement, result.ocr, result.region
    return Reading(
        shown=_shown(result),
        texts=_texts(result),
        origin=result.origin,
        key=None if result.info.number is None else corrected_of(result),
        index=result.region_index,
        type="" if region is None or result.region_index is None else region.type,
        box=None if region is None else region.box,
        flags=flags_of(result, agreement),
        confidence=ocr.confidence if ocr is not None and result.origin == "ocr" else None,
        agreement=None if agreement is None else agreement.score,
        only_in_reading=_only_in_reading(agreement),
        model="" if ocr is None else printable(ocr.model),
        error=None if result.error is None else printable(result.error),
    )


def _shown(result: PageResult) -> str:
    """What was read, typeset, below the picture of a figure where that is kept."""
    if result.ocr is None:
        return _figure(result)
    language, formatted = result.ocr.markup, is_markup(result)
    shown = render_reading(result.ocr.text, language=language, formatted=formatted)
    return "\n".join(filter(None, [_figure(result), shown]))


def _figure(result: PageResult) -> str:
    """The picture inside the page; "" where there is none, or its file is gone, or too large."""
    if result.figure is None:
        return ""
    inside = embedded(result)
    url = "" if inside.figure is None else inside.figure.path
    is_picture = url.startswith("data:image/") and len(url) <= _MAX_FIGURE
    return figure_reference(inside, "html") if is_picture else ""


def _texts(result: PageResult) -> dict[Form, str]:
    """The texts in all forms; "raw" is what the model wrote, or how a page's own text is noted.

    A figure that is inside the text itself is left out: its URL has half a million letters.
    """
    if result.ocr is None:
        return {}
    is_inline = result.figure is not None and result.figure.file is None
    forms: tuple[Form, ...] = ("markdown", "html", "latex", "text")
    texts = {form: (reading_in if is_inline else text_in)(result, form) for form in forms}
    return texts | {"raw": clean_text(result.ocr.text)}


def _only_in_reading(agreement: Agreement | None) -> tuple[str, ...]:
    spans = () if agreement is None else agreement.only_in_reading
    return tuple(" ".join(span.text.split()) for span in spans if span.words >= _MIN_WORDS)
