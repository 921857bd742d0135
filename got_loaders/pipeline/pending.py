"""Results on their way: what is known of each, and the engine's answer that it waits for.

A pending page is a page, or several that are read in one request; its pending results are what is
asked of the engine, one by one: the page itself, or its regions in reading order.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
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
from got_loaders.pipeline.fallbacks import Fallback
from got_loaders.results import PageResult
from got_loaders.types import Engine, OcrRequest, OcrResult, PageInfo, describe_page

__all__ = ["Done", "Failed", "PendingPage", "PendingResult", "Waiting"]

_FATAL = (OptionError, ModelNotFoundError, MissingDependencyError, EngineDeadError)
"""What no other page could escape: raised, whatever ``on_error`` says."""

_MAX_REASON = 500
"""Characters of what an engine says: it goes into metadata."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The engine has been asked, and holds so many tiles until it answers.

    ``first_attempt`` is the result that this answer has to better.
    """

    future: Future[OcrResult]
    engine: Engine
    tiles: int
    first_attempt: PageResult | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """There is nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no reading, and why."""

    error: GotLoadersError


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingResult:
    """One result on its way; while it waits, it lacks only the engine's answer.

    ``fallbacks`` are tried in turn, each at most once, when it is resolved.
    """

    result: PageResult
    state: Waiting | Done | Failed = Done()
    fallbacks: tuple[Fallback, ...] = ()

    @classmethod
    def failed(
        cls, result: PageResult, error: GotLoadersError, fallbacks: Sequence[Fallback] = ()
    ) -> PendingResult:
        """What can't be shown to an engine. What the error's frames hold is let go."""
        _clear_frames(error)
        result = replace(result, origin="failed", ocr=None, error=str(error))
        return cls(result=result, state=Failed(error), fallbacks=tuple(fallbacks))

    @classmethod
    def from_engine_error(
        cls, result: PageResult, cause: BaseException, fallbacks: Sequence[Fallback] = ()
    ) -> PendingResult:
        """What the engine can't read; raises what concerns all pages."""
        if isinstance(cause, _FATAL):
            raise cause
        return cls.failed(result, _page_error(result.info, cause), fallbacks)

    @property
    def future(self) -> Future[OcrResult] | None:
        """The answer that is waited for."""
        return self.state.future if isinstance(self.state, Waiting) else None

    @property
    def error(self) -> GotLoadersError | None:
        """Why it failed."""
        return self.state.error if isinstance(self.state, Failed) else None

    @property
    def can_retry(self) -> bool:
        """Whether a fallback that is left may help; only a resolved one can tell."""
        if isinstance(self.state, Waiting):
            return False
        return any(fallback.applies_to(self.result) for fallback in self.fallbacks)

    def submitted(
        self, engine: Engine, request: OcrRequest, first_attempt: PageResult | None = None
    ) -> PendingResult:
        """This result once the engine is asked, or failed with what that raises; may block."""
        try:
            waiting = Waiting(engine.submit(request), engine, _count_tiles(request), first_attempt)
        except Exception as cause:  # noqa: BLE001  # what an engine raises concerns this result
            return self._without_answer(cause, first_attempt)
        return replace(self, state=waiting)

    def resolved(self) -> PendingResult:
        """This result with the engine's answer, which is waited for."""
        if not isinstance(self.state, Waiting):
            return self
        first_attempt = self.state.first_attempt
        try:
            ocr = self.state.future.result()
            if not ocr.model:
                ocr = replace(ocr, model=self.state.engine.fingerprint)
        except Exception as cause:  # noqa: BLE001  # whatever an engine answers concerns this one
            return self._without_answer(cause, first_attempt)
        if first_attempt is not None and not _is_better(ocr):
            return self._keep(first_attempt)
        return replace(self, result=replace(self.result, ocr=ocr), state=Done())

    def _without_answer(self, cause: Exception, first_attempt: PageResult | None) -> PendingResult:
        if first_attempt is not None and not isinstance(cause, _FATAL):
            return self._keep(first_attempt)
        return PendingResult.from_engine_error(self.result, cause, self.fallbacks)

    def _keep(self, first_attempt: PageResult) -> PendingResult:
        return replace(self, result=replace(first_attempt, retried=True), state=Done())


def _is_better(second: OcrResult) -> bool:
    """Whether a second attempt replaces the first, which repeated itself: it ended with a text."""
    return second.finish_reason == "stop" and bool(second.text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPage:
    """The results of a page, or of ``pages`` that are read as one, in reading order.

    ``retry`` starts the second attempts of a resolved one, and blocks; None where there are none.
    ``ends_file``: no page of its file comes after it.
    """

    results: tuple[PendingResult, ...]
    pages: int = 1
    ends_file: bool = False
    retry: Callable[[PendingPage], PendingPage] | None = None

    @classmethod
    def failed(cls, info: PageInfo, error: GotLoadersError) -> PendingPage:
        """The place of a file that can't be opened."""
        return cls(results=(PendingResult.failed(PageResult(info=info), error),), ends_file=True)

    @property
    def cost(self) -> int:
        """How much of a window it takes: its pages, or its unanswered results if more."""
        return max(self.pages, len(self.unanswered))

    @property
    def unanswered(self) -> list[Waiting]:
        """Its requests that the engine still has."""
        states = (pending.state for pending in self.results)
        return [s for s in states if isinstance(s, Waiting) and not s.future.done()]

    @property
    def futures(self) -> list[Future[OcrResult]]:
        """The answers that are waited for."""
        return [pending.future for pending in self.results if pending.future is not None]

    @property
    def done(self) -> bool:
        """Whether all answers are there."""
        return all(future.done() for future in self.futures)

    @property
    def has_failed(self) -> bool:
        """Whether a result failed for good."""
        return any(p.error is not None and not p.can_retry for p in self.results)

    @property
    def can_retry(self) -> bool:
        """Whether a resolved page can be bettered."""
        return self.retry is not None and any(pending.can_retry for pending in self.results)

    def cancel(self) -> None:
        """Tell the engine that nobody waits any more."""
        for future in self.futures:
            future.cancel()

    def resolved(self) -> PendingPage:
        """This page with all answers; waits for the engine."""
        return replace(self, results=tuple(pending.resolved() for pending in self.results))


def _count_tiles(request: OcrRequest) -> int:
    """Squares that the model sees of a request, at most: its grid and the whole, or its pages."""
    in_tiles = request.crop_to_patches and request.max_patches > 1
    return request.max_patches + 1 if in_tiles else len(request.images)


def _clear_frames(error: BaseException) -> None:
    """Empty the frames that an error came through: they hold pictures, and the error is kept.

    Its own still run, and are let go; the text says where it happened.
    """
    chain: BaseException | None = error.with_traceback(None)
    seen: set[int] = set()
    while chain is not None and id(chain) not in seen:  # an error may be said to cause itself
        seen.add(id(chain))
        traceback.clear_frames(chain.__traceback__)
        chain = chain.__cause__ or chain.__context__


def _page_error(info: PageInfo, cause: BaseException) -> PageError:
    place = describe_page(info.source, info.number, info.last_number)
    reason = (str(cause) or type(cause).__name__)[:_MAX_REASON]
    error = PageError(f"{place}: {reason}", source=info.source, page=info.number)
    error.__cause__ = cause
    return error
