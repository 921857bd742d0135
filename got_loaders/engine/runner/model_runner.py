"""Computes what the scheduler decided. Owns the model and the cache; touches no queue."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.device.device import to_device
from got_loaders.engine.device.memory import trim_heap
from got_loaders.engine.model.decoder import Decoder
from got_loaders.engine.model.loader import LoadedModel
from got_loaders.engine.model.vision_encoder import VisionEncoder
from got_loaders.engine.runner.batch_state import Rows, Slots
from got_loaders.engine.runner.decode_backends import decoding
from got_loaders.engine.sampler import SamplerOutput, greedy_sample
from got_loaders.engine.sequence import Sequence, SequenceOutput

__all__ = ["ModelRunner"]

_TIDY_EVERY = 64
"""Sequences that are read in before the host's freed memory is given back."""


class ModelRunner:
    """Runs one model on one device; used by the engine's thread only.

    It takes the model apart: ``loaded.model`` can't be called by others afterwards. With ``ahead``
    a step is launched before the tokens of the one before are read, so that the device never waits
    for Python; a reading is then found finished one step later, and its extra token is dropped.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        *,
        max_context: int,
        max_rows: int,
        max_bytes: int | None = None,
        ahead: bool = False,
    ) -> None:
        self._image_token = loaded.image_token
        self._ahead = ahead
        self._vision = VisionEncoder(
            loaded.model, mean=loaded.mean, std=loaded.std, scale=loaded.scale
        )
        self._decoder = Decoder(loaded.model, max_context=max_context + 1)
        self._device = self._decoder.cache_shape.device
        self._decoding = decoding(
            self._decoder, max_rows=max_rows, max_context=max_context + 1, max_bytes=max_bytes
        )
        self._rows = Rows(loaded.end_tokens, max_rows=max_rows, max_context=max_context + 1)
        self._batch = _Batch(max_rows, self._device)
        self._launched: list[tuple[int, Slots, Slots, SamplerOutput]] = []
        self._prefilled = 0

    @torch.inference_mode()
    def prefill(self, sequences: Iterable[Sequence]) -> list[SequenceOutput]:
        """Read the prompts of ``sequences`` and write the first token of each.

        Prompts of equal length are read together. Returns the readings that one token finishes. If
        anything fails, no sequence has a row.
        """
        ordered = sorted(sequences, key=lambda s: len(s.input.prompt_ids))
        readings: list[SequenceOutput] = []
        try:
            for _, group in groupby(ordered, key=lambda s: len(s.input.prompt_ids)):
                readings += self._prefill(list(group))
        except BaseException:
            for sequence in ordered:
                self.release(sequence)
            raise
        self._prefilled += len(ordered)
        if self._prefilled >= _TIDY_EVERY:
            self._prefilled = 0
            trim_heap()
        return readings

    @torch.inference_mode()
    def decode(self) -> list[SequenceOutput]:
        """One more token of every running sequence; returns the readings that are finished."""
        rows, batch = self._rows, self._batch
        batch.arrange(self._decoding.cache.slots, rows)
        self._decoding.cache.reserve()
        if rows.restricted:
            logits = self._decoding.logits(batch.tokens, batch.positions)
            choice = greedy_sample(logits, rows.banned(batch.slots))
        else:
            choice = self._decoding.step(batch.tokens, batch.positions)
        copy = choice.to_host()  # takes memory: from here on nothing does, and the step counts
        self._decoding.cache.advance()
        rows.step += 1
        batch.advance(choice.tokens)
        generations = rows.generations[batch.slots]
        self._launched.append((rows.step, batch.slots, generations, copy))
        return self._collect(leave=1 if self._ahead and not rows.restricted else 0)

    @torch.inference_mode()
    def release(self, sequence: Sequence) -> None:
        """Free the row of ``sequence``; nothing happens if it has none."""
        slot = self._rows.release(sequence)
        if slot is not None:
            self._decoding.cache.release(slot)

    def close(self) -> None:
        """Drop the model and the cache, and give the device's memory back."""
        del self._vision, self._decoder, self._decoding, self._batch, self._rows
        self._launched.clear()
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _prefill(self, group: list[Sequence]) -> list[SequenceOutput]:
        slots = self._rows.open(group)
        prompts = self._decoding.cache.begin(slots.tolist(), len(group[0].input.prompt_ids))
        try:
            logits = self._decoder.prefill(self._embed(group), prompts)
            choice = greedy_sample(logits, self._rows.banned(slots))
            self._batch.enter(slots, choice.tokens)
        except BaseException:
            self._decoding.cache.discard(prompts)
            raise
        self._decoding.cache.join(prompts)
        return self._rows.take(self._rows.step, slots, *choice.to_host().arrays())

    def _collect(self, *, leave: int) -> list[SequenceOutput]:
        """Read the tokens of the launched steps, but for the last ``leave``."""
        readings: list[SequenceOutput] = []
        while len(self._launched) > leave:
            step, slots, generations, choice = self._launched.pop(0)
            tokens, probabilities = choice.arrays()
            there = self._rows.generations[slots] == generations
            if not there.all():
                slots, tokens, probabilities = slots[there], tokens[there], probabilities[there]
            readings += self._rows.take(step, slots, tokens, probabilities)
        return readings

    def _embed(self, group: list[Sequence]) -> Tensor:
        """The prompts' embeddings, images in their places: (rows, tokens, width)."""
        ids = torch.tensor([s.input.prompt_ids for s in group], device=self._device)
        embeddings = self._decoder.embed(ids)
        images = self._vision.encode([s.input for s in group])
        places = (ids == self._image_token)[..., None]
        return embeddings.masked_scatter(places, images.to(embeddings.dtype))


class _Batch:
    """The next step's input on the device, in the order of the cache's rows."""

    def __init__(self, max_rows: int, device: torch.device) -> None:
        self.slots: Slots = np.zeros(0, np.int64)
        self.tokens = self.positions = torch.zeros(0, dtype=torch.long, device=device)
        self._newest = torch.zeros(max_rows, dtype=torch.long, device=device)
        self._order: list[int] | None = []

    def enter(self, slots: Slots, tokens: Tensor) -> None:
        """Newcomers with their first tokens."""
        self._put_down()
        self._newest[self._index(slots)] = tokens

    def arrange(self, order: list[int], rows: Rows) -> None:
        """Bring the rows into this order, if they are not; ``rows`` knows their positions."""
        if order == self._order:
            return
        self._put_down()
        slots = np.array(order, np.int64)
        index = self._index(slots)
        positions = to_device(rows.positions(slots), index.device)
        self.tokens, self.positions = self._newest[index], positions
        self._order, self.slots = order, slots  # when nothing can fail any more

    def advance(self, tokens: Tensor) -> None:
        """Every row has its next token."""
        self.tokens = tokens
        self.positions += 1

    def _put_down(self) -> None:
        """Keep each row's newest token under its slot, while the order changes."""
        if self._order is not None:
            self._newest[self._index(self.slots)] = self.tokens
            self._order = None

    def _index(self, slots: Slots) -> Tensor:
        return to_device(slots, self._newest.device)
