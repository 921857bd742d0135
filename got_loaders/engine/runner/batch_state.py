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

__all__ = ["BatchState", "Slots"]

Slots = npt.NDArray[np.int64]


class BatchState:
    """The tokens of the running sequences, each of which has a slot from 0 to ``max_rows`` - 1.

    ``step`` counts the decode steps. A token is written down under its step and its slot, in a ring
    that holds as many steps as the longest answer has tokens::

                      slot 0   slot 1   slot 2
        step 7          …        31       …        _tokens, _probabilities (steps, slots)
        step 8          …        16       5

        _first_step     3        7        8        one entry for each slot
        _last_step    102       56      107        where the sequence reaches its max_new_tokens

    ``slot_epochs`` counts how often a slot has changed hands, or its sequence has ended.
    """

    def __init__(self, end_tokens: frozenset[int], *, max_rows: int, max_context: int) -> None:
        self.step = 0
        self.slot_epochs = np.zeros(max_rows, np.int64)
        self._end_tokens = np.array(sorted(end_tokens), np.int64)
        self._slots: dict[Sequence, int] = {}
        self._free_slots = list(range(max_rows))[::-1]
        self._owners: list[Sequence | None] = [None] * max_rows
        self._ngram_rules: dict[int, NoRepeatNGram] = {}
        self._listened_slots: set[int] = set()
        self._ring = max_context
        self._tokens = np.zeros((max_context, max_rows), np.int32)
        self._probabilities = np.zeros((max_context, max_rows), np.float32)
        self._first_step, self._last_step = np.zeros((2, max_rows), np.int64)
        self._position_offsets = np.zeros(max_rows, np.int64)
        self._stop_on_repetition = np.zeros(max_rows, np.bool_)

    @property
    def has_banned_tokens(self) -> bool:
        """Whether a running sequence is forbidden to write some n-gram twice."""
        return bool(self._ngram_rules)

    def allocate(self, sequences: list[Sequence]) -> Slots:
        """Give each newcomer a slot."""
        slots = [self._free_slots.pop() for _ in sequences]
        for slot, sequence in zip(slots, sequences, strict=True):
            self._slots[sequence] = slot
            self._owners[slot] = sequence
            self.slot_epochs[slot] += 1
            self._first_step[slot] = self.step
            self._last_step[slot] = self.step + sequence.max_new_tokens - 1
            self._position_offsets[slot] = len(sequence.input.prompt_ids) - self.step
            self._stop_on_repetition[slot] = sequence.stop_on_repetition
            if sequence.ngram_size is not None:
                self._ngram_rules[slot] = NoRepeatNGram(
                    sequence.ngram_size, sequence.input.prompt_ids
                )
            if sequence.listener is not None:
                self._listened_slots.add(slot)
        return np.array(slots, np.int64)

    def record(
        self,
        step: int,
        slots: Slots,
        tokens: npt.NDArray[np.int64],
        probabilities: npt.NDArray[np.float32],
    ) -> list[SequenceOutput]:
        """Keep the tokens of ``step``, one of each slot; returns the outputs that are finished.

        One that may be repeating itself is among them, and goes on for as long as it has its slot.
        """
        self._tokens[step % self._ring, slots] = tokens
        self._probabilities[step % self._ring, slots] = probabilities
        for slot, rule in self._ngram_rules.items():
            index = np.flatnonzero(slots == slot)
            if len(index):
                rule.append(int(tokens[index[0]]))
        if self._listened_slots:
            self._tell_listeners(step, slots, tokens, probabilities)
        stopped = (tokens[:, None] == self._end_tokens).any(1)
        finished = stopped | (self._last_step[slots] <= step)
        counts = step - self._first_step[slots] + 1
        check_due = self._stop_on_repetition[slots] & (counts % CHECK_EVERY == 0)
        if not (finished | check_due).any():
            return []
        self.slot_epochs[slots[finished]] += 1  # a step that was launched ahead is theirs no more
        outputs = [
            self._output(int(slot), step, "stop" if stop else "length")
            for slot, stop in zip(slots[finished], stopped[finished], strict=True)
        ]
        looping = (
            int(slot)
            for slot in slots[check_due & ~finished]
            if may_loop(self._tokens[self._ring_index(int(slot), step), slot])
        )
        return outputs + [self._output(slot, step, "repetition") for slot in looping]

    def positions(self, slots: Slots) -> npt.NDArray[np.int64]:
        """Where in its sequence the newest token of each slot stands."""
        return self._position_offsets[slots] + self.step

    def banned(self, slots: Slots) -> list[set[int]]:
        """What each slot must not write next; empty if there is no such rule."""
        if not self._ngram_rules:
            return []
        rules = (self._ngram_rules.get(slot) for slot in slots.tolist())
        return [set() if rule is None else rule.banned for rule in rules]

    def free(self, sequence: Sequence) -> int | None:
        """Free the slot of ``sequence``; None if it has none."""
        slot = self._slots.pop(sequence, None)
        if slot is not None:
            self.slot_epochs[slot] += 1
            self._owners[slot] = None
            self._ngram_rules.pop(slot, None)
            self._listened_slots.discard(slot)
            self._free_slots.append(slot)
        return slot

    def _tell_listeners(
        self,
        step: int,
        slots: Slots,
        tokens: npt.NDArray[np.int64],
        probabilities: npt.NDArray[np.float32],
    ) -> None:
        """Say the tokens of ``step`` to those who listen."""
        for slot, token, probability in zip(
            slots.tolist(), tokens.tolist(), probabilities.tolist(), strict=True
        ):
            sequence = self._owners[slot]
            if slot in self._listened_slots and sequence is not None:
                sequence.tell_listener(step - int(self._first_step[slot]), token, probability)

    def _output(self, slot: int, step: int, reason: FinishReason) -> SequenceOutput:
        sequence = self._owners[slot]
        assert sequence is not None
        steps = self._ring_index(slot, step)
        tokens, probabilities = self._tokens[steps, slot], self._probabilities[steps, slot]
        return SequenceOutput(sequence, tuple(tokens.tolist()), probabilities, reason)

    def _ring_index(self, slot: int, step: int) -> Slots:
        """Where the ring holds what the slot's sequence has written until ``step``."""
        return np.arange(self._first_step[slot], step + 1) % self._ring
