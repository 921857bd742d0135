"""What the running sequences have written, and which of them are finished. numpy, no torch.

All rows advance together, so a step is a few array operations, however many rows there are: Python
looks at a single row only when it joins, when it ends, and every 64 tokens if it may be looping.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from got_loaders.engine.repetition.detector import CHECK_EVERY, may_loop
from got_loaders.engine.sequence import NoRepeatNGram, Sequence, SequenceOutput
from got_loaders.types import FinishReason

__all__ = ["Rows", "Slots"]

Slots = npt.NDArray[np.int64]


class Rows:
    """A slot, from 0 to ``max_rows`` - 1, for each running sequence.

    ``step`` counts the decode steps. A token is written down under its step and its slot, in a ring
    that holds as many steps as the longest answer has tokens. ``generations`` counts how often a
    slot has changed hands.
    """

    def __init__(self, end_tokens: frozenset[int], *, max_rows: int, max_context: int) -> None:
        self.step = 0
        self.generations = np.zeros(max_rows, np.int64)
        self._end_tokens = np.array(sorted(end_tokens), np.int64)
        self._slots: dict[Sequence, int] = {}
        self._free = list(range(max_rows))[::-1]
        self._owners: list[Sequence | None] = [None] * max_rows
        self._rules: dict[int, NoRepeatNGram] = {}
        self._ring = max_context
        self._history = np.zeros((max_context, max_rows), np.int32)
        self._probabilities = np.zeros((max_context, max_rows), np.float32)
        self._first, self._last = np.zeros((2, max_rows), np.int64)
        self._offsets = np.zeros(max_rows, np.int64)
        self._watched = np.zeros(max_rows, np.bool_)

    @property
    def restricted(self) -> bool:
        """Whether a running sequence is forbidden to write some n-gram twice."""
        return bool(self._rules)

    def open(self, sequences: list[Sequence]) -> Slots:
        """Give each newcomer a slot."""
        slots = [self._free.pop() for _ in sequences]
        for slot, sequence in zip(slots, sequences, strict=True):
            self._slots[sequence] = slot
            self._owners[slot] = sequence
            self.generations[slot] += 1
            self._first[slot] = self.step
            self._last[slot] = self.step + sequence.max_new_tokens - 1
            self._offsets[slot] = len(sequence.input.prompt_ids) - self.step
            self._watched[slot] = sequence.stop_on_repetition
            if sequence.ngram_size is not None:
                self._rules[slot] = NoRepeatNGram(sequence.ngram_size, sequence.input.prompt_ids)
        return np.array(slots, np.int64)

    def take(
        self,
        step: int,
        slots: Slots,
        tokens: npt.NDArray[np.int64],
        probabilities: npt.NDArray[np.float32],
    ) -> list[SequenceOutput]:
        """The tokens of ``step``, one of each slot; returns the readings that are finished.

        One that may be going in circles is among them, and goes on for as long as it has its slot.
        """
        self._history[step % self._ring, slots] = tokens
        self._probabilities[step % self._ring, slots] = probabilities
        for slot, rule in self._rules.items():
            at = np.flatnonzero(slots == slot)
            if len(at):
                rule.append(int(tokens[at[0]]))
        stopped = (tokens[:, None] == self._end_tokens).any(1)
        cut = self._last[slots] <= step
        count = step - self._first[slots] + 1
        due = self._watched[slots] & (count % CHECK_EVERY == 0)
        if not (stopped | cut | due).any():
            return []
        readings = [
            self._reading(int(slot), step, "stop" if stop else "length")
            for slot, stop in zip(slots[stopped | cut], stopped[stopped | cut], strict=True)
        ]
        looping = (
            int(slot)
            for slot in slots[due & ~stopped & ~cut]
            if may_loop(self._history[self._steps(int(slot), step), slot])
        )
        return readings + [self._reading(slot, step, "repetition") for slot in looping]

    def positions(self, slots: Slots) -> npt.NDArray[np.int64]:
        """Where in its sequence the newest token of each slot stands."""
        return self._offsets[slots] + self.step

    def banned(self, slots: Slots) -> list[set[int]]:
        """What each slot must not write next; empty if there is no such rule."""
        if not self._rules:
            return []
        return [
            self._rules[slot].banned if slot in self._rules else set() for slot in slots.tolist()
        ]

    def release(self, sequence: Sequence) -> int | None:
        """Free the slot of ``sequence``; None if it has none."""
        slot = self._slots.pop(sequence, None)
        if slot is not None:
            self.generations[slot] += 1
            self._owners[slot] = None
            self._rules.pop(slot, None)
            self._free.append(slot)
        return slot

    def _reading(self, slot: int, step: int, reason: FinishReason) -> SequenceOutput:
        sequence = self._owners[slot]
        assert sequence is not None
        steps = self._steps(slot, step)
        tokens, probabilities = self._history[steps, slot], self._probabilities[steps, slot]
        confidence = float(probabilities.mean(dtype=np.float64))
        return SequenceOutput(sequence, tuple(tokens.tolist()), confidence, reason, probabilities)

    def _steps(self, slot: int, step: int) -> Slots:
        """Where the ring holds what the slot's sequence has written until ``step``."""
        return np.arange(self._first[slot], step + 1) % self._ring
