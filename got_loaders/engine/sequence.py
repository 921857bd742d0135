"""A request on its way through the engine, and the loops and n-grams found in what it wrote.

A Sequence holds the tiles and the prompt, not the request's own images, which may be far larger. It
belongs to the engine's thread from the moment it is received. Its Future stays pending until it is
answered, so ``cancel()`` works at any time.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field

from got_loaders.engine.preprocess import ModelInput
from got_loaders.types import FinishReason, OcrResult

_log = logging.getLogger(__name__)

__all__ = ["NgramRule", "Sequence", "Step", "ends_in_loop"]

LOOP_TOKENS = 512
"""A tail this long that repeats with one period is a loop. Far beyond dot leaders and rows of equal
cells, which the model also writes where nothing is wrong."""
LOOP_REPEATS = 8
LOOP_CHECK_EVERY = 64


@dataclass(frozen=True, slots=True)
class Step:
    """One token that the model chose for a sequence, and the probability it gave to it."""

    sequence: Sequence
    token: int
    probability: float


@dataclass(slots=True, eq=False)
class Sequence:
    """One request from ``submit`` to its answer."""

    input: ModelInput
    end_tokens: frozenset[int]
    max_new_tokens: int
    stop_on_repetition: bool = False
    ngram_size: int | None = None
    future: Future[OcrResult] = field(default_factory=Future)
    token_ids: list[int] = field(default_factory=list)
    finish_reason: FinishReason | None = None
    ngrams: NgramRule | None = None
    _probabilities: float = 0.0

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what was written: the sequence starts again from its prompt."""
        self.token_ids = []
        self.finish_reason = None
        self._probabilities = 0.0
        if self.ngram_size is not None:
            self.ngrams = NgramRule(self.ngram_size, self.input.prompt_ids)

    @property
    def length(self) -> int:
        """Prompt and written tokens together."""
        return len(self.input.prompt_ids) + len(self.token_ids)

    @property
    def confidence(self) -> float:
        """The mean probability of the written tokens."""
        return self._probabilities / len(self.token_ids) if self.token_ids else 0.0

    @property
    def written(self) -> list[int]:
        """The written tokens without the one that ended the reading."""
        return self.token_ids[:-1] if self.finish_reason == "stop" else self.token_ids

    def append(self, step: Step) -> None:
        """Take the next token; sets ``finish_reason`` if it is the last one."""
        self.token_ids.append(step.token)
        self._probabilities += step.probability
        if self.ngrams is not None:
            self.ngrams.append(step.token)
        if step.token in self.end_tokens:
            self.finish_reason = "stop"
        elif len(self.token_ids) >= self.max_new_tokens:
            self.finish_reason = "length"
        elif self._is_looping():
            self.finish_reason = "repetition"

    def answer(self, outcome: OcrResult | BaseException) -> None:
        """Give the Future its outcome, unless its caller cancelled it."""
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
        if self.future.cancelled():
            self.future.set_running_or_notify_cancel()

    def _is_looping(self) -> bool:
        if not self.stop_on_repetition or len(self.token_ids) % LOOP_CHECK_EVERY:
            return False
        return ends_in_loop(self.token_ids)


class NgramRule:
    """Which tokens would write an n-gram a second time; transformers' no_repeat_ngram_size."""

    def __init__(self, size: int, prompt_ids: tuple[int, ...]) -> None:
        self._size = size
        self._history: list[int] = []
        self._following: dict[tuple[int, ...], set[int]] = defaultdict(set)
        for token in prompt_ids:
            self.append(token)

    def append(self, token: int) -> None:
        """Note that ``token`` was written, or read in the prompt."""
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


def ends_in_loop(token_ids: list[int]) -> bool:
    """Whether the last 512 tokens repeat one period of at most 64 tokens, eight times or more."""
    tail = token_ids[-LOOP_TOKENS:]
    if len(tail) < LOOP_TOKENS:
        return False
    return any(
        tail[period:] == tail[:-period] for period in range(1, LOOP_TOKENS // LOOP_REPEATS + 1)
    )
