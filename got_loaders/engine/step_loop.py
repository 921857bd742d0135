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

from got_loaders.engine.repetition.detector import NEAR_CHECK_EVERY, tokens_to_keep
from got_loaders.engine.request_failures import (
    engine_error,
    fail_all,
    is_context_lost,
    is_out_of_memory,
    not_finite_error,
)
from got_loaders.engine.scheduler import Scheduler
from got_loaders.engine.sequence import Sequence, SequenceOutput
from got_loaders.errors import EngineError
from got_loaders.types import OcrResult

__all__ = ["EngineLoop", "Runner"]

_log = logging.getLogger(__name__)


class Runner(Protocol):
    """What computes; ``engine.runner.model_runner.ModelRunner`` is the real one.

    ``description`` names what it computes with, such as "bfloat16 on cuda:0".
    """

    description: str

    def prefill(self, sequences: Iterable[Sequence]) -> list[SequenceOutput]:
        """Give each sequence a row and its first token, or, on an error, none of them.

        Returns the outputs that are finished with it.
        """

    def decode(self) -> list[SequenceOutput]:
        """The next token, or tokens, of every sequence that has a row; returns what they end.

        And those that may be repeating themselves: they go on unless they are released. Such a one
        may come before the same sequence's end.
        """

    def release(self, sequence: Sequence) -> None:
        """Free the row of ``sequence``, if it has one."""

    def close(self) -> None:
        """Give the memory back."""


class EngineLoop:
    """Schedule, run, resolve what is finished."""

    def __init__(
        self,
        scheduler: Scheduler,
        runner: Runner,
        decode_text: Callable[[list[int]], str],
        *,
        fingerprint: str,
    ) -> None:
        self._scheduler = scheduler
        self._runner = runner
        self._decode_text = decode_text
        self._fingerprint = fingerprint
        self._step: tuple[Sequence, ...] = ()
        self.num_completed = 0

    @property
    def busy(self) -> bool:
        """Whether a step would do anything."""
        return bool(self._scheduler.running or self._scheduler.waiting)

    @property
    def waiting(self) -> int:
        """How many sequences wait for their first step."""
        return len(self._scheduler.waiting)

    @property
    def running(self) -> int:
        """How many sequences decode together."""
        return len(self._scheduler.running)

    @property
    def max_batch_size(self) -> int:
        """How many may, as long as memory is not short."""
        return self._scheduler.limit

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
            without_memory = self._prefill(batch.sequences)
            if without_memory:
                self._scheduler.requeue(without_memory)
        else:
            self._decode()
        self._scheduler.record_step_time(batch, time.perf_counter() - start)
        self._step = ()

    def shutdown(self, fatal_error: BaseException | None) -> None:
        """Fail all that is pending with :class:`EngineDeadError` and give the memory back."""
        fail_all([*self._step, *self._scheduler.abort_all()], fatal_error)
        self._runner.close()

    def _prefill(self, sequences: tuple[Sequence, ...]) -> list[Sequence]:
        """Start ``sequences``; if that fails, one at a time, to fail only those that can't.

        Returns those that must wait until there is memory for them, in order.
        """
        outputs = _try_step(lambda: self._runner.prefill(sequences))
        if not isinstance(outputs, Exception):
            for sequence in sequences:
                self._scheduler.start(sequence)
            self._finish(outputs)
        elif is_context_lost(outputs):
            raise outputs
        elif len(sequences) > 1:
            return [waiting for sequence in sequences for waiting in self._prefill((sequence,))]
        elif self._scheduler.running and is_out_of_memory(outputs):
            return list(sequences)
        else:
            sequences[0].set_result(engine_error("the model can't read this page", outputs))
        return []

    def _decode(self) -> None:
        outputs = _try_step(self._runner.decode)
        if not isinstance(outputs, Exception):
            self._finish(outputs)
        elif is_out_of_memory(outputs):
            self._on_oom(outputs)
        else:
            raise outputs

    def _on_oom(self, error: Exception) -> None:
        """The device is out of memory: halve the batch; what can't run alone fails alone."""
        running = self._scheduler.running
        if len(running) == 1:
            sequence = running[0]
            self._free(sequence)
            sequence.set_result(
                engine_error("the device has too little memory for this page", error)
            )
            return
        _log.warning("out of memory with %d pages at once; going on with half", len(running))
        for sequence in self._scheduler.preempt_half():
            self._runner.release(sequence)

    def _finish(self, outputs: list[SequenceOutput]) -> None:
        """Resolve what is finished; who was found in a loop has no end after that."""
        finished: set[Sequence] = set()
        for output in outputs:
            if output.sequence in finished:
                continue
            checked = self._check_repetition(output)
            if checked is not None:
                finished.add(output.sequence)
                self._free(output.sequence)
                output.sequence.set_result(self._to_result(checked))

    def _check_repetition(self, output: SequenceOutput) -> SequenceOutput | None:
        """``output``, truncated if it is a loop; None if it only seemed to be one, and goes on."""
        if output.broken:
            return output
        checked = output.sequence.stop_on_repetition and output.finish_reason != "stop"
        count = self._tokens_to_keep(output) if checked else None
        if count is not None:
            return output.truncated(count)
        return None if output.finish_reason == "repetition" else output

    def _tokens_to_keep(self, output: SequenceOutput) -> int | None:
        near = output.finish_reason == "length" or len(output.token_ids) % NEAR_CHECK_EVERY == 0
        tiles = len(output.sequence.input.tiles)
        try:
            return tokens_to_keep(output.token_ids, self._decode_text, tiles=tiles, near=near)
        except Exception:  # noqa: BLE001  # in the end its tokens are turned into text once more
            _log.exception("the tokens can't be searched for loops")
            return None

    def _free(self, sequence: Sequence) -> None:
        self._scheduler.finish(sequence)
        self._runner.release(sequence)

    def _to_result(self, output: SequenceOutput) -> OcrResult | EngineError:
        if output.broken:
            return not_finite_error(len(output.token_ids), self._runner.description)
        try:
            text = self._decode_text(output.output_ids)
        except Exception as error:  # noqa: BLE001  # the request's Future carries it
            return engine_error("the tokens can't be turned into text", error)
        self.num_completed += 1
        return OcrResult(
            text=text,
            finish_reason=output.finish_reason,
            token_ids=output.token_ids,
            confidence=output.confidence,
            num_tokens=len(output.token_ids),
            prompt_tokens=len(output.sequence.input.prompt_ids),
            accepted_tokens=output.accepted,
            rejected_tokens=output.rejected,
            model=self._fingerprint,
        )


def _try_step(step: Callable[[], list[SequenceOutput]]) -> list[SequenceOutput] | Exception:
    """The outputs of ``step``, or the error that it raises.

    The error's frames are cleared here, before anything is tried again: their tensors would take
    the memory that the next try needs.
    """
    try:
        return step()
    except Exception as error:  # noqa: BLE001  # the caller decides whom it concerns
        clear_frames(error.__traceback__)
        return error
