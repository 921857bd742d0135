"""A request on its way through the engine, its output, and the tokens it must not write next.

A Sequence holds the tiles and the prompt, not the request's own images, which may be far larger. It
belongs to the engine's thread from the moment it is received. Its Future stays pending until it is
answered, so ``cancel()`` works at any time.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from got_loaders.engine.processor.preprocess import ModelInput
from got_loaders.types import FinishReason, OcrResult

_log = logging.getLogger(__name__)

__all__ = ["NoRepeatNGram", "Sequence", "SequenceOutput"]


@dataclass(slots=True, eq=False)
class Sequence:
    """One request from ``submit`` to its result."""

    input: ModelInput
    max_new_tokens: int
    stop_on_repetition: bool = False
    ngram_size: int | None = None
    future: Future[OcrResult] = field(default_factory=Future)
    _acknowledged: bool = field(default=False, init=False)

    def set_result(self, outcome: OcrResult | BaseException) -> None:
        """Resolve the Future with a result or an error, unless its caller cancelled it."""
        try:
            if isinstance(outcome, BaseException):
                self.future.set_exception(outcome)
            else:
                self.future.set_result(outcome)
        except InvalidStateError:
            self.acknowledge_cancel()
        except BaseException:  # noqa: BLE001  # SystemExit in a caller's callback ends no engine
            _log.exception("a callback of a request's Future failed")

    def acknowledge_cancel(self) -> None:
        """Tell those who ``wait`` for a cancelled Future: until then it counts as not done."""
        if self.future.cancelled() and not self._acknowledged:
            self._acknowledged = True  # a second time is an error, and would end the engine
            self.future.set_running_or_notify_cancel()


@dataclass(frozen=True, slots=True)
class SequenceOutput:
    """All tokens that a sequence has written, and the probability of each.

    "repetition" is a suspicion here: the row runs on until somebody has looked at the text.
    """

    sequence: Sequence
    token_ids: tuple[int, ...]
    probabilities: npt.NDArray[np.float32] = field(compare=False, repr=False)
    finish_reason: FinishReason

    @property
    def confidence(self) -> float:
        """The mean probability of the tokens."""
        return float(self.probabilities.mean(dtype=np.float64))

    @property
    def output_ids(self) -> list[int]:
        """The tokens without the end token."""
        return list(self.token_ids[:-1] if self.finish_reason == "stop" else self.token_ids)

    def truncated(self, count: int) -> SequenceOutput:
        """The first ``count`` tokens of an output that repeats itself, with their probabilities.

        In its loop a model is sure of itself: those tokens say nothing of the ones before.
        """
        return SequenceOutput(
            self.sequence, self.token_ids[:count], self.probabilities[:count], "repetition"
        )


class NoRepeatNGram:
    """The tokens that would repeat an n-gram: transformers' rule ``no_repeat_ngram_size``."""

    def __init__(self, size: int, prompt_ids: tuple[int, ...]) -> None:
        self._size = size
        self._history: list[int] = []
        self._following: dict[tuple[int, ...], set[int]] = defaultdict(set)
        for token in prompt_ids:
            self.append(token)

    def append(self, token: int) -> None:
        """Add ``token``, of the prompt or the output, to the history."""
        self._history.append(token)
        if len(self._history) >= self._size:
            gram = self._history[-self._size :]
            self._following[tuple(gram[:-1])].add(token)

    @property
    def banned(self) -> set[int]:
        """The tokens that must not come next."""
        if len(self._history) + 1 < self._size:
            return set()
        start = len(self._history) - self._size + 1
        return self._following.get(tuple(self._history[start:]), set())
