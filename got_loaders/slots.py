"""A place in the order of results: what is known of it, and the answer that it waits for."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace

from got_loaders.errors import (
    EngineDeadError,
    GotLoadersError,
    MissingDependencyError,
    ModelNotFoundError,
    OptionError,
    PageError,
)
from got_loaders.types import OcrResult, PageInfo, PageResult

__all__ = ["Slot"]

_FATAL = (OptionError, ModelNotFoundError, MissingDependencyError, EngineDeadError)
"""What no other page could escape: raised, whatever ``on_error`` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One result on its way.

    ``result`` lacks only the engine's answer while there is a ``future``. ``pages`` counts the
    pages in it. ``error`` says why a failed one failed.
    """

    result: PageResult
    pages: int = 1
    future: Future[OcrResult] | None = None
    error: GotLoadersError | None = None

    @classmethod
    def failed(cls, info: PageInfo, error: GotLoadersError) -> Slot:
        """The place of a page, or a file, that can't be shown to an engine."""
        result = PageResult(info=info, origin="failed", error=str(error))
        return cls(result=result, error=error)

    @classmethod
    def refused(cls, result: PageResult, cause: BaseException, *, pages: int) -> Slot:
        """The place of pages that the engine can't read; raises what concerns all pages."""
        if isinstance(cause, _FATAL):
            raise cause
        error = _page_error(result.info, cause)
        return cls(
            result=replace(result, origin="failed", error=str(error)), pages=pages, error=error
        )

    @property
    def done(self) -> bool:
        """Whether its result is there."""
        return self.future is None or self.future.done()

    def cancel(self) -> None:
        """Tell the engine that nobody waits any more."""
        if self.future is not None:
            self.future.cancel()

    def settled(self) -> Slot:
        """This place without a future: the engine's answer is waited for and put in."""
        if self.future is None:
            return self
        try:
            ocr = self.future.result()
        except Exception as cause:  # noqa: BLE001  # whatever an engine answers concerns this page
            return Slot.refused(self.result, cause, pages=self.pages)
        return Slot(result=replace(self.result, ocr=ocr), pages=self.pages)


def _page_error(info: PageInfo, cause: BaseException) -> PageError:
    first, last = (info.number or 0) + 1, info.last_number
    pages = f"page {first}" if last is None else f"pages {first} to {last + 1}"
    reason = str(cause) or type(cause).__name__
    error = PageError(f"{info.source}, {pages}: {reason}", source=info.source, page=info.number)
    error.__cause__ = cause
    return error
