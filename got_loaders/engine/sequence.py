"""A request on its way through the engine, its output, and the tokens it must not write next.

A Sequence holds the tiles and the prompt, not the request's own images, which may be far larger. It
belongs to the engine's thread from the moment it is received. Its Future stays pending until it is
answered, so ``cancel()`` works at any time.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from got_loaders.engine.processor.preprocess import ModelInput
from got_loaders.errors import RequestTooLongError
from got_loaders.types import FinishReason, OcrRequest, OcrResult, TokenListener

_log = logging.getLogger(__name__)

__all__ = ["NoRepeatNGram", "Sequence", "SequenceOutput", "build_sequence"]


@dataclass(slots=True, eq=False)
class Sequence:
    """One request from ``submit`` to its result."""

    input: ModelInput
    max_new_tokens: int
    stop_on_repetition: bool = False
    ngram_size: int | None = None
    listener: TokenListener | None = None
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

    def tell_listener(self, index: int, token_id: int, probability: float) -> None:
        """Say a token to who listens; one that raises is not told any more."""
        if self.listener is None:
            return
        try:
            self.listener(index, token_id, probability)
        except BaseException:  # noqa: BLE001  # SystemExit in a caller's listener ends no engine
            self.listener = None
            _log.exception("a request's listener failed, and hears no more")

    def acknowledge_cancel(self) -> None:
        """Tell those who ``wait`` for a cancelled Future: until then it counts as not done."""
        if self.future.cancelled() and not self._acknowledged:
            self._acknowledged = True  # a second time is an error, and would end the engine
            self.future.set_running_or_notify_cancel()


def build_sequence(
    prepared: ModelInput,
    request: OcrRequest,
    *,
    max_context: int,
    no_repeat_ngram_size: int | None = None,
) -> Sequence:
    """A request whose pictures are prepared; :class:`RequestTooLongError` if it can never fit."""
    prompt_tokens, max_new_tokens = len(prepared.prompt_ids), request.max_new_tokens
    if prompt_tokens + max_new_tokens > max_context:
        raise RequestTooLongError(
            f"a prompt of {prompt_tokens} tokens ({len(prepared.tiles)} tiles) and "
            f"max_new_tokens={max_new_tokens} are more than the context of {max_context} tokens; "
            "lower max_new_tokens, max_patches or the number of pages in one request"
        )
    # The original repository applies its n-gram rule to single, uncut images only.
    single_tile = not request.multi_page and not request.crop_to_patches
    return Sequence(
        input=prepared,
        max_new_tokens=max_new_tokens,
        stop_on_repetition=request.stop_on_repetition,
        ngram_size=no_repeat_ngram_size if single_tile else None,
    )


@dataclass(frozen=True, slots=True)
class SequenceOutput:
    """All tokens that a sequence has written, and the probability of each.

    "repetition" is a suspicion here: the row runs on until somebody has looked at the text.
    ``accepted`` of the tokens were proposed by a draft, and ``rejected`` proposals were wrong.
    A ``broken`` one has a token whose probability is no number: what it says means nothing.
    """

    sequence: Sequence
    token_ids: tuple[int, ...]
    probabilities: npt.NDArray[np.float32] = field(compare=False, repr=False)
    finish_reason: FinishReason
    accepted: int = 0
    rejected: int = 0
    broken: bool = False

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
        return replace(
            self,
            token_ids=self.token_ids[:count],
            probabilities=self.probabilities[:count],
            finish_reason="repetition",
            accepted=min(self.accepted, count),
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

    def first_banned(self, tokens: Iterable[int]) -> tuple[int, set[int]] | None:
        """Of ``tokens`` that follow the history, the place of the first that repeats an n-gram,
        and all that must not stand there; None if none does. Nothing is added to the history."""
        added = 0
        try:
            for place, token in enumerate(tokens):
                banned = self.banned
                if token in banned:
                    return place, set(banned)
                self.append(token)
                added += 1
        finally:
            for _ in range(added):
                self._remove_last()
        return None

    def _remove_last(self) -> None:
        """Take back what was not banned when it was added: its n-gram is there once."""
        if len(self._history) >= self._size:
            gram = self._history[-self._size :]
            self._following[tuple(gram[:-1])].discard(gram[-1])
        self._history.pop()

    @property
    def banned(self) -> set[int]:
        """The tokens that must not come next."""
        if len(self._history) + 1 < self._size:
            return set()
        start = len(self._history) - self._size + 1
        return self._following.get(tuple(self._history[start:]), set())
