"""A page on its way between processes: rendered and not asked about, or answered.

Plain values that can be pickled. What makes them, and what is done with them, is ``handover``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from got_loaders._image_ops import is_gray
from got_loaders.errors import GotLoadersError, PageError
from got_loaders.pipeline.fallbacks import Fallback
from got_loaders.results import PageResult
from got_loaders.sources import Source
from got_loaders.types import OcrRequest, PageInfo

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["AnsweredPage", "DetachedPage", "DetachedResult", "failed_page"]


@dataclass(frozen=True, slots=True)
class DetachedResult:
    """A result with what is to be asked about it; None where nothing is.

    On its way a picture without colours, as most scans are, takes a third of the room.
    """

    result: PageResult
    error: GotLoadersError | None
    request: OcrRequest | None
    fallbacks: tuple[Fallback, ...]

    def __reduce__(self) -> tuple[object, ...]:
        """For a pickle."""
        pictures: tuple[Image, ...] = ()
        if self.request is not None:
            pictures = (*self.request.images, *filter(None, [self.request.thumbnail]))
        gray = tuple(each.mode == "RGB" and is_gray(each) for each in pictures)
        request = _converted(self.request, gray, "L")
        return _unpickled, (self.result, self.error, request, self.fallbacks, gray)


def _unpickled(
    result: PageResult,
    error: GotLoadersError | None,
    request: OcrRequest | None,
    fallbacks: tuple[Fallback, ...],
    gray: tuple[bool, ...],
) -> DetachedResult:
    return DetachedResult(result, error, _converted(request, gray, "RGB"), fallbacks)


def _converted(request: OcrRequest | None, which: tuple[bool, ...], mode: str) -> OcrRequest | None:
    """The request with these of its pictures, the thumbnail last, in another mode."""
    if request is None or not any(which):
        return request
    pictures = (*request.images, *filter(None, [request.thumbnail]))
    pairs = zip(pictures, which, strict=True)
    made = [picture.convert(mode) if is_meant else picture for picture, is_meant in pairs]
    count = len(request.images)
    thumbnail = made[count] if len(made) > count else None
    return replace(request, images=tuple(made[:count]), thumbnail=thumbnail)


@dataclass(frozen=True, slots=True)
class DetachedPage:
    """A page that is rendered and not asked about yet; ``source`` is opened for second attempts."""

    source: Source
    pages: int
    results: tuple[DetachedResult, ...]

    @property
    def requests(self) -> int:
        """How many answers it needs."""
        return sum(result.request is not None for result in self.results)

    @property
    def key(self) -> tuple[str, int | None]:
        """Its source and number: what names it."""
        info = self.results[0].result.info
        return info.source, info.number

    def without_pixels(self) -> DetachedPage:
        """This page without what is to be asked: for whoever waits, and needs its name alone."""
        return replace(self, results=tuple(replace(each, request=None) for each in self.results))

    def failed(self, reason: str) -> AnsweredPage:
        """This page, about which nobody can be asked."""
        info = self.results[0].result.info
        return failed_page(info, PageError(reason, source=info.source, page=info.number))


@dataclass(frozen=True, slots=True)
class AnsweredPage:
    """A page with all that the engine said, and why what it did not say is missing."""

    pages: int
    results: tuple[tuple[PageResult, GotLoadersError | None], ...]


def failed_page(info: PageInfo, error: GotLoadersError) -> AnsweredPage:
    """The place of a file, or of a page, that nobody is asked about."""
    result = PageResult(info=info, origin="failed", error=str(error))
    return AnsweredPage(1, ((result, error.with_traceback(None)),))
