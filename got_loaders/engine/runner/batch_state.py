"""What the running sequences have written, and which of them are finished. numpy, no torch.

Rows advance by different numbers of tokens, yet a step is a few array operations, however many rows
there are: Python looks at a single row only when it joins, when it ends, every 64 tokens if it may
be looping, and where it has a draft, a listener or a rule of its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from got_loaders.engine.draft.drafter import Drafter
from got_loaders.engine.repetition.detector import CHECK_EVERY, may_loop
from got_loaders.engine.runner.verification import StepOutput
from got_loaders.engine.sequence import NoRepeatNGram, Sequence, SequenceOutput
from got_loaders.types import FinishReason

__all__ = ["BatchState", "Slots"]

Slots = npt.NDArray[np.int64]


class BatchState:
    """The tokens of the running sequences, each of which has a slot from 0 to ``max_rows`` - 1.

    Each slot counts its own::

        slot    _tokens (slots, places)     _counts   _launched   _limits
          0     31  16   5   …                 3          4          100
          1      7   …                         1          1           54

    ``_launched`` is what the device has been asked for: one more than ``_counts`` where a step runs
    whose tokens were not read yet. ``slot_epochs`` counts how often a slot has changed hands, or
    its sequence has ended. ``drafters`` and ``ngram_rules`` are those of the slots that have one;
    with ``own_drafts`` a sequence gets a drafter even if nobody has given it a draft.
    """

    def __init__(
        self,
        end_tokens: frozenset[int],
        *,
        max_rows: int,
        max_context: int,
        own_drafts: bool = True,
    ) -> None:
        self.slot_epochs = np.zeros(max_rows, np.int64)
        self.end_tokens = np.array(sorted(end_tokens), np.int64)
        self.drafters: dict[int, Drafter] = {}
        self.ngram_rules: dict[int, NoRepeatNGram] = {}
        self._own_drafts = own_drafts
        self._slots: dict[Sequence, int] = {}
        self._free_slots = list(range(max_rows))[::-1]
        self._owners: list[Sequence | None] = [None] * max_rows
        self._listened_slots: set[int] = set()
        self._tokens = np.zeros((max_rows, max_context), np.int32)
        self._probabilities = np.zeros((max_rows, max_context), np.float32)
        self._counts, self._launched, self._limits = np.zeros((3, max_rows), np.int64)
        self._prompt_lens = np.zeros(max_rows, np.int64)
        self._stop_on_repetition = np.zeros(max_rows, np.bool_)

    def allocate(self, sequences: list[Sequence]) -> Slots:
        """Give each newcomer a slot."""
        slots = [self._free_slots.pop() for _ in sequences]
        for slot, sequence in zip(slots, sequences, strict=True):
            self._slots[sequence] = slot
            self._owners[slot] = sequence
            self.slot_epochs[slot] += 1
            self._counts[slot] = self._launched[slot] = 0
            self._limits[slot] = sequence.max_new_tokens
            self._prompt_lens[slot] = len(sequence.input.prompt_ids)
            self._stop_on_repetition[slot] = sequence.stop_on_repetition
            if sequence.ngram_size is not None:
                self.ngram_rules[slot] = NoRepeatNGram(
                    sequence.ngram_size, sequence.input.prompt_ids
                )
            drafts = sequence.input.drafts
            if drafts or (drafts is not None and self._own_drafts):
                self.drafters[slot] = Drafter(drafts)
            if sequence.listener is not None:
                self._listened_slots.add(slot)
        return np.array(slots, np.int64)

    def launched(self, slots: Slots) -> None:
        """The device computes one more token of each."""
        self._launched[slots] += 1

    def positions(self, slots: Slots) -> Slots:
        """Where in its sequence the newest token of each slot stands, read or not."""
        return self._prompt_lens[slots] + self._launched[slots] - 1

    def newest(self, slots: Slots) -> npt.NDArray[np.int64]:
        """The newest token of each slot; all of them have been read."""
        return self._tokens[slots, self._counts[slots] - 1].astype(np.int64)

    def is_read(self, slots: Slots) -> npt.NDArray[np.bool_]:
        """Whether the newest token of each slot is known here."""
        read: npt.NDArray[np.bool_] = self._launched[slots] == self._counts[slots]
        return read

    def room(self, slots: Slots) -> npt.NDArray[np.int64]:
        """How many tokens each slot may still write."""
        return self._limits[slots] - self._counts[slots]

    def record(self, slots: Slots, block: StepOutput) -> list[SequenceOutput]:
        """Keep what a step has written; returns the outputs that are finished.

        One that may be repeating itself is among them, and goes on for as long as it has its slot;
        it comes before the same sequence's end.
        """
        before = self._counts[slots]
        self._write(slots, block)
        counts = self._counts[slots]
        self._hear(slots, before)
        stopped = np.isin(block.newest(), self.end_tokens)
        broken = self._broken(slots, before, counts)
        finished = stopped | broken | (self._limits[slots] <= counts)
        # The last multiple within reach, of the tokens that were there when it was crossed.
        checks = counts // CHECK_EVERY * CHECK_EVERY
        due = self._stop_on_repetition[slots] & (checks > before)
        due &= ~(finished & (checks == counts)) & ~broken
        if not (finished | due).any():
            return []
        self.slot_epochs[slots[finished]] += 1  # a step that was launched ahead is theirs no more
        looping = (
            (int(slot), int(count))
            for slot, count in zip(slots[due], checks[due], strict=True)
            if may_loop(self._tokens[slot, :count])
        )
        outputs = [self._output(slot, count, "repetition") for slot, count in looping]
        return outputs + [
            self._output(int(slot), int(self._counts[slot]), "stop" if stop else "length", bad)
            for slot, stop, bad in zip(
                slots[finished], stopped[finished], broken[finished], strict=True
            )
        ]

    def free(self, sequence: Sequence) -> int | None:
        """Free the slot of ``sequence``; None if it has none."""
        slot = self._slots.pop(sequence, None)
        if slot is not None:
            self.slot_epochs[slot] += 1
            self._owners[slot] = None
            self.ngram_rules.pop(slot, None)
            self.drafters.pop(slot, None)
            self._listened_slots.discard(slot)
            self._free_slots.append(slot)
        return slot

    def _write(self, slots: Slots, block: StepOutput) -> None:
        rows = np.repeat(np.arange(len(slots)), block.kept)
        offsets = np.arange(len(rows)) - np.repeat(np.cumsum(block.kept) - block.kept, block.kept)
        places = self._counts[slots][rows] + offsets
        self._tokens[slots[rows], places] = block.tokens
        self._probabilities[slots[rows], places] = block.probabilities
        self._counts[slots] += block.kept
        self._launched[slots] = np.maximum(self._launched[slots], self._counts[slots])
        if self.drafters:
            for slot, kept, accepted, end in zip(
                slots.tolist(),
                block.kept.tolist(),
                block.accepted.tolist(),
                np.cumsum(block.kept).tolist(),
                strict=True,
            ):
                if slot in self.drafters:
                    tokens = block.tokens[end - kept : end].tolist()
                    self.drafters[slot].observe(tokens, accepted)

    def _hear(self, slots: Slots, before: Slots) -> None:
        """Tell the n-gram rules and the listeners what has been written."""
        if not self.ngram_rules and not self._listened_slots:
            return
        for slot, start in zip(slots.tolist(), before.tolist(), strict=True):
            written = range(start, int(self._counts[slot]))
            rule, sequence = self.ngram_rules.get(slot), self._owners[slot]
            if rule is not None:
                for place in written:
                    rule.append(int(self._tokens[slot, place]))
            if slot in self._listened_slots and sequence is not None:
                for place in written:
                    token, probability = self._tokens[slot, place], self._probabilities[slot, place]
                    sequence.tell_listener(place, int(token), float(probability))

    def _broken(self, slots: Slots, before: Slots, counts: Slots) -> npt.NDArray[np.bool_]:
        """Which of them have just got a token whose probability is no number."""
        index = before[:, None] + np.arange(int((counts - before).max(initial=1)))
        index = np.minimum(index, counts[:, None] - 1)
        finite = np.isfinite(self._probabilities[slots[:, None], index])
        broken: npt.NDArray[np.bool_] = np.logical_not(finite.all(1))
        return broken

    def _output(
        self, slot: int, count: int, reason: FinishReason, broken: bool = False
    ) -> SequenceOutput:
        sequence, drafter = self._owners[slot], self.drafters.get(slot)
        assert sequence is not None
        return SequenceOutput(
            sequence,
            tuple(self._tokens[slot, :count].tolist()),
            self._probabilities[slot, :count].copy(),
            reason,
            accepted=0 if drafter is None else drafter.accepted_tokens,
            rejected=0 if drafter is None else drafter.rejected_tokens,
            broken=bool(broken),
        )
