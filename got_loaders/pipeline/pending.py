"""A place in the order of results: what is known of it, and the answers that it waits for.

A slot is a page, or several that are read as one; its parts are what is asked of the engine, one
by one: the page itself, or its regions in reading order.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol

from got_loaders.errors import (
    EngineDeadError,
    GotLoadersError,
    MissingDependencyError,
    ModelNotFoundError,
    OptionError,
    PageError,
)
from got_loaders.types import OcrResult, PageInfo, PageResult

__all__ = ["Desk", "Part", "Rescue", "Slot"]

_FATAL = (OptionError, ModelNotFoundError, MissingDependencyError, EngineDeadError)
"""What no other page could escape: raised, whatever ``on_error`` says."""


_MOST_REASON = 500
"""Characters of what an engine says: it goes into metadata."""


class Desk(Protocol):
    """The document of a slot, opened again for its rescues."""

    def close(self) -> None:
        """Let go of it."""


class Rescue(Protocol):
    """Something else to try where a part failed, went in circles or was cut off."""

    def helps(self, part: Part) -> bool:
        """Whether it is worth a try for this part, which is settled."""

    def apply(self, part: Part, desk: Any) -> Part:  # the desk that the slot opens
        """The part as it is after the try, or with a future that will tell; may block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One result on its way.

    ``result`` lacks only the engine's answer while there is a ``future``. ``error`` says why a
    failed one failed. ``rescues`` are tried in turn, each at most once. ``before`` is the result
    that a second try is to better.
    """

    result: PageResult
    future: Future[OcrResult] | None = None
    error: GotLoadersError | None = None
    rescues: tuple[Rescue, ...] = ()
    before: PageResult | None = None

    @classmethod
    def failed(
        cls, result: PageResult, error: GotLoadersError, rescues: Sequence[Rescue] = ()
    ) -> Part:
        """The place of what can't be shown to an engine. What the error's frames hold is let go."""
        _clear_frames(error)
        lost = replace(result, origin="failed", ocr=None, error=str(error))
        return cls(result=lost, error=error, rescues=tuple(rescues))

    @classmethod
    def refused(
        cls, result: PageResult, cause: BaseException, rescues: Sequence[Rescue] = ()
    ) -> Part:
        """The place of what the engine can't read; raises what concerns all pages."""
        if isinstance(cause, _FATAL):
            raise cause
        return cls.failed(result, _page_error(result.info, cause), rescues)

    @property
    def hopeful(self) -> bool:
        """Whether a rescue that is left could help; only a settled part can tell."""
        return self.future is None and any(rescue.helps(self) for rescue in self.rescues)

    def submitted(self, submit: Callable[[], Future[OcrResult]]) -> Part:
        """This part with the future that ``submit`` gives, or refused with what it raises."""
        try:
            return replace(self, future=submit())
        except Exception as cause:  # noqa: BLE001  # what an engine raises concerns this part
            return self._without_answer(cause)

    def settled(self) -> Part:
        """This part without a future: the engine's answer is waited for and put in."""
        if self.future is None:
            return self
        try:
            ocr = self.future.result()
        except Exception as cause:  # noqa: BLE001  # whatever an engine answers concerns this part
            return self._without_answer(cause)
        if self.before is not None and not (ocr.finish_reason == "stop" and ocr.text.strip()):
            return self._as_before(self.before)
        return replace(self, result=replace(self.result, ocr=ocr), future=None, before=None)

    def rescued(self, desk: Desk) -> Part:
        """This part after the first rescue that may help."""
        for number, rescue in enumerate(self.rescues):
            if rescue.helps(self):
                return rescue.apply(replace(self, rescues=self.rescues[number + 1 :]), desk)
        return self

    def _without_answer(self, cause: Exception) -> Part:
        if self.before is not None and not isinstance(cause, _FATAL):
            return self._as_before(self.before)
        return Part.refused(self.result, cause, self.rescues)

    def _as_before(self, result: PageResult) -> Part:
        """The second try was no better."""
        return replace(self, result=replace(result, retried=True), future=None, before=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The parts of a page, or of ``pages`` that are read as one, in reading order.

    ``desk`` opens their document again, once for all rescues of the slot.
    """

    parts: tuple[Part, ...]
    pages: int = 1
    desk: Callable[[], Desk] | None = None

    @classmethod
    def failed(cls, info: PageInfo, error: GotLoadersError) -> Slot:
        """The place of a file that can't be opened."""
        return cls(parts=(Part.failed(PageResult(info=info), error),))

    @property
    def weight(self) -> int:
        """How much of a window it takes: its pages, or its unanswered parts if these are more."""
        return max(self.pages, sum(not future.done() for future in self.futures))

    @property
    def futures(self) -> list[Future[OcrResult]]:
        """The answers that are waited for."""
        return [part.future for part in self.parts if part.future is not None]

    @property
    def done(self) -> bool:
        """Whether all answers are there."""
        return all(future.done() for future in self.futures)

    @property
    def lost(self) -> bool:
        """Whether a part failed for good."""
        return any(part.error is not None and not part.hopeful for part in self.parts)

    @property
    def hopeful(self) -> bool:
        """Whether a settled slot can be bettered."""
        return self.desk is not None and any(part.hopeful for part in self.parts)

    def cancel(self) -> None:
        """Tell the engine that nobody waits any more."""
        for future in self.futures:
            future.cancel()

    def settled(self) -> Slot:
        """This slot without futures; waits for the engine."""
        return replace(self, parts=tuple(part.settled() for part in self.parts))

    def rescued(self, stopped: Callable[[], bool]) -> Slot:
        """A settled slot, with a second try under way, or over, for each part that needs one.

        None is begun once it is ``stopped``; what was begun is cancelled if another one raises.
        """
        assert self.desk is not None, "a slot without a desk is not hopeful"
        desk, parts = self.desk(), list(self.parts)
        try:
            for number, part in enumerate(parts):
                if not stopped():
                    parts[number] = part.rescued(desk)
        except BaseException:
            replace(self, parts=tuple(parts)).cancel()
            raise
        finally:
            desk.close()
        return replace(self, parts=tuple(parts))


def _clear_frames(error: BaseException) -> None:
    """Empty the frames that an error came through: they hold pictures, and the error is kept.

    Its own still run, and are let go; the text says where it happened.
    """
    chain: BaseException | None = error.with_traceback(None)
    while chain is not None:
        traceback.clear_frames(chain.__traceback__)
        chain = chain.__cause__ or chain.__context__


def _page_error(info: PageInfo, cause: BaseException) -> PageError:
    first, last = (info.number or 0) + 1, info.last_number
    pages = f"page {first}" if last is None else f"pages {first} to {last + 1}"
    reason = (str(cause) or type(cause).__name__)[:_MOST_REASON]
    error = PageError(f"{info.source}, {pages}: {reason}", source=info.source, page=info.number)
    error.__cause__ = cause
    return error
