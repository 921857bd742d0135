"""What the engine's thread does: one step after another. No lock, no queue of callers, no torch.

What goes wrong with one request fails that request. What goes wrong with a step that all share is
raised, and ends the engine.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from traceback import clear_frames
from typing import Protocol

from got_loaders.engine.repetition.detector import NEAR_EVERY, tokens_to_keep
from got_loaders.engine.scheduler import Scheduler
from got_loaders.engine.sequence import Reading, Sequence
from got_loaders.errors import EngineDeadError, EngineError
from got_loaders.types import OcrResult

__all__ = ["EngineLoop", "Runner", "caused"]

_log = logging.getLogger(__name__)


class Runner(Protocol):
    """What computes; ``engine.runner.model_runner.ModelRunner`` is the real one."""

    def prefill(self, sequences: Iterable[Sequence]) -> list[Reading]:
        """Give each sequence a row and its first token, or, on an error, none of them.

        Returns the readings that are finished with it.
        """

    def decode(self) -> list[Reading]:
        """The next token of every sequence that has a row; returns the readings that it ends.

        And those that may be going in circles ("repetition"): they go on unless they are released.
        """

    def release(self, sequence: Sequence) -> None:
        """Free the row of ``sequence``, if it has one."""

    def close(self) -> None:
        """Give the memory back."""


class EngineLoop:
    """Schedule, run, answer what is finished."""

    def __init__(
        self, scheduler: Scheduler, runner: Runner, decode_text: Callable[[list[int]], str]
    ) -> None:
        self._scheduler = scheduler
        self._runner = runner
        self._decode_text = decode_text
        self._step: tuple[Sequence, ...] = ()
        self.answered = 0

    @property
    def busy(self) -> bool:
        """Whether a step would do anything."""
        return bool(self._scheduler.running or self._scheduler.waiting)

    @property
    def waiting(self) -> int:
        """How many sequences wait for their first step."""
        return len(self._scheduler.waiting)

    def receive(self, sequences: list[Sequence]) -> None:
        """Queue what came and forget what was cancelled."""
        self._scheduler.add(sequences)
        for sequence in self._scheduler.drop_cancelled():
            self._runner.release(sequence)

    def step(self) -> None:
        """One prefill or one decode step; nothing if there is nothing to do."""
        batch = self._scheduler.schedule()
        if batch is None:
            return
        self._step = batch.sequences  # to be answered even if the step breaks the engine
        start = time.perf_counter()
        if batch.phase == "prefill":
            postponed = self._prefill(batch.sequences)
            if postponed:
                self._scheduler.postpone(postponed)
        else:
            self._decode()
        self._scheduler.spent(batch, time.perf_counter() - start)
        self._step = ()

    def end(self, death: BaseException | None) -> None:
        """Answer all that is pending with :class:`EngineDeadError` and give the memory back."""
        fail([*self._step, *self._scheduler.drain()], death)
        self._runner.close()

    def _prefill(self, sequences: tuple[Sequence, ...]) -> list[Sequence]:
        """Start ``sequences``; if that fails, one at a time, to fail only those that can't.

        Returns those that must wait until there is memory for them, in order.
        """
        ended = _attempt(lambda: self._runner.prefill(sequences))
        if not isinstance(ended, Exception):
            for sequence in sequences:
                self._scheduler.start(sequence)
            self._answer(ended)
        elif len(sequences) > 1:
            return [waits for sequence in sequences for waits in self._prefill((sequence,))]
        elif self._scheduler.running and _is_out_of_memory(ended):
            return list(sequences)
        else:
            sequences[0].answer(caused("the model can't read this page", ended))
        return []

    def _decode(self) -> None:
        ended = _attempt(self._runner.decode)
        if not isinstance(ended, Exception):
            self._answer(ended)
        elif _is_out_of_memory(ended):
            self._make_room(ended)
        else:
            raise ended

    def _make_room(self, error: Exception) -> None:
        """The device is out of memory: halve the batch; what can't run alone fails alone."""
        running = self._scheduler.running
        if len(running) == 1:
            sequence = running[0]
            self._leave(sequence)
            sequence.answer(caused("the device has too little memory for this page", error))
            return
        _log.warning("out of memory with %d pages at once; going on with half", len(running))
        for sequence in self._scheduler.halve():
            self._runner.release(sequence)

    def _answer(self, readings: list[Reading]) -> None:
        for reading in filter(None, map(self._judged, readings)):
            self._leave(reading.sequence)
            reading.sequence.answer(self._outcome(reading))

    def _judged(self, reading: Reading) -> Reading | None:
        """``reading``, cut if it goes in circles; None if it only seemed to, and goes on."""
        watched = reading.sequence.stop_on_repetition and reading.finish_reason != "stop"
        kept = self._tokens_to_keep(reading) if watched else None
        if kept is not None:
            return reading.cut(kept)
        return None if reading.finish_reason == "repetition" else reading

    def _tokens_to_keep(self, reading: Reading) -> int | None:
        near = reading.finish_reason == "length" or len(reading.token_ids) % NEAR_EVERY == 0
        tiles = len(reading.sequence.input.tiles)
        try:
            return tokens_to_keep(reading.token_ids, self._decode_text, tiles=tiles, near=near)
        except Exception:  # noqa: BLE001  # in the end its tokens are turned into text once more
            _log.exception("the tokens can't be searched for loops")
            return None

    def _leave(self, sequence: Sequence) -> None:
        self._scheduler.finish(sequence)
        self._runner.release(sequence)

    def _outcome(self, reading: Reading) -> OcrResult | EngineError:
        try:
            text = self._decode_text(reading.text_ids)
        except Exception as error:  # noqa: BLE001  # the request's Future carries it
            return caused("the tokens can't be turned into text", error)
        self.answered += 1
        return OcrResult(
            text=text,
            finish_reason=reading.finish_reason,
            token_ids=reading.token_ids,
            confidence=reading.confidence,
            num_tokens=len(reading.token_ids),
        )


def _attempt(step: Callable[[], list[Reading]]) -> list[Reading] | Exception:
    """What ``step`` gives, or the error that it raises.

    The error's frames are cleared here, before anything is tried again: their tensors would take
    the memory that the next try needs.
    """
    try:
        return step()
    except Exception as error:  # noqa: BLE001  # the caller decides whom it concerns
        clear_frames(error.__traceback__)
        return error


def fail(sequences: Iterable[Sequence], death: BaseException | None) -> None:
    """Tell each sequence's caller that the engine ended before it could answer."""
    for sequence in sequences:
        reason = "was closed" if death is None else f"broke down ({death!r})"
        error = EngineDeadError(f"the engine {reason} before it answered")
        error.__cause__ = death
        sequence.answer(error)


def caused(message: str, error: Exception) -> EngineError:
    """An EngineError that says what happened, with its cause chained.

    The cause's frames are cleared: their tensors would stay on the device as long as the error.
    """
    clear_frames(error.__traceback__)
    result = EngineError(f"{message}: {error}")
    result.__cause__ = error
    return result


def _is_out_of_memory(error: BaseException) -> bool:
    from got_loaders.engine.device.device import is_out_of_memory

    return is_out_of_memory(error)
