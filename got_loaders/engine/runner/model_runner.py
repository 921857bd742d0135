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
from got_loaders.engine.runner.batch_state import BatchState, Slots
from got_loaders.engine.runner.decode_backends import select_backend
from got_loaders.engine.sampler import SamplerOutput, greedy_sample
from got_loaders.engine.sequence import Sequence, SequenceOutput

__all__ = ["ModelRunner"]

_TRIM_EVERY = 64
"""Sequences that are read in before the host's freed memory is given back."""


class ModelRunner:
    """Runs one model on one device; used by the engine's thread only.

    It takes the model apart: ``loaded.model`` can't be called by others afterwards. With
    ``async_scheduling`` a step is launched before the tokens of the one before are read, so that
    the device never waits for Python; an output is then found finished one step later, and its
    extra token is dropped.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        *,
        max_context: int,
        max_rows: int,
        max_bytes: int | None = None,
        async_scheduling: bool = False,
    ) -> None:
        self._image_token = loaded.image_token
        self._async_scheduling = async_scheduling
        self._vision = VisionEncoder(
            loaded.model, mean=loaded.mean, std=loaded.std, scale=loaded.scale
        )
        self._decoder = Decoder(loaded.model, max_context=max_context + 1)
        self._device = self._decoder.cache_shape.device
        self._backend = select_backend(
            self._decoder, max_rows=max_rows, max_context=max_context + 1, max_bytes=max_bytes
        )
        self._state = BatchState(loaded.end_tokens, max_rows=max_rows, max_context=max_context + 1)
        self._inputs = InputBuffers(max_rows, self._device)
        self._inflight_steps: list[tuple[int, Slots, Slots, SamplerOutput]] = []
        self._prefilled = 0

    @torch.inference_mode()
    def prefill(self, sequences: Iterable[Sequence]) -> list[SequenceOutput]:
        """Read the prompts of ``sequences`` and write the first token of each.

        Prompts of equal length are read together. Returns the outputs that one token finishes. If
        anything fails, no sequence has a row.
        """
        ordered = sorted(sequences, key=lambda s: len(s.input.prompt_ids))
        outputs: list[SequenceOutput] = []
        try:
            for _, group in groupby(ordered, key=lambda s: len(s.input.prompt_ids)):
                outputs += self._prefill(list(group))
        except BaseException:
            for sequence in ordered:
                self.release(sequence)
            raise
        self._prefilled += len(ordered)
        if self._prefilled >= _TRIM_EVERY:
            self._prefilled = 0
            trim_heap()
        return outputs

    @torch.inference_mode()
    def decode(self) -> list[SequenceOutput]:
        """One more token of every running sequence; returns the outputs that are finished."""
        backend, state, inputs = self._backend, self._state, self._inputs
        inputs.reorder(backend.cache.slots, state)
        backend.cache.reserve()
        if state.has_banned_tokens:
            logits = backend.logits(inputs.tokens, inputs.positions)
            choice = greedy_sample(logits, state.banned(inputs.slots))
        else:
            choice = backend.step(inputs.tokens, inputs.positions)
        copy = choice.to_host()  # takes memory: from here on nothing does, and the step counts
        backend.cache.commit_step()
        state.step += 1
        inputs.advance(choice.tokens)
        epochs = state.slot_epochs[inputs.slots]
        self._inflight_steps.append((state.step, inputs.slots, epochs, copy))
        return self._drain(keep=1 if self._async_scheduling and not state.has_banned_tokens else 0)

    @torch.inference_mode()
    def release(self, sequence: Sequence) -> None:
        """Free the row of ``sequence``; nothing happens if it has none."""
        slot = self._state.free(sequence)
        if slot is not None:
            self._backend.cache.free(slot)

    def close(self) -> None:
        """Drop the model and the cache, and give the device's memory back."""
        del self._vision, self._decoder, self._backend, self._inputs, self._state
        self._inflight_steps.clear()
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _prefill(self, group: list[Sequence]) -> list[SequenceOutput]:
        state, cache = self._state, self._backend.cache
        slots = state.allocate(group)
        prefill = cache.allocate(slots.tolist(), len(group[0].input.prompt_ids))
        try:
            logits = self._decoder.prefill(self._embed(group), prefill)
            choice = greedy_sample(logits, state.banned(slots))
            self._inputs.add(slots, choice.tokens)
        except BaseException:
            cache.abort(prefill)
            raise
        cache.commit(prefill)
        return state.record(state.step, slots, *choice.to_host().arrays())

    def _drain(self, *, keep: int) -> list[SequenceOutput]:
        """Read the tokens of the launched steps, but for the last ``keep``."""
        outputs: list[SequenceOutput] = []
        while len(self._inflight_steps) > keep:
            step, slots, epochs, choice = self._inflight_steps.pop(0)
            tokens, probabilities = choice.arrays()
            running = self._state.slot_epochs[slots] == epochs
            if not running.all():
                slots, tokens, probabilities = (
                    array[running] for array in (slots, tokens, probabilities)
                )
            outputs += self._state.record(step, slots, tokens, probabilities)
        return outputs

    def _embed(self, group: list[Sequence]) -> Tensor:
        """The prompts' embeddings, images in their places: (rows, tokens, width)."""
        ids = torch.tensor([s.input.prompt_ids for s in group], device=self._device)
        embeddings = self._decoder.embed(ids)
        images = self._vision.encode([s.input for s in group])
        image_mask = (ids == self._image_token)[..., None]
        return embeddings.masked_scatter(image_mask, images.to(embeddings.dtype))


class InputBuffers:
    """The next step's input on the device, in the order of the cache's rows."""

    def __init__(self, max_rows: int, device: torch.device) -> None:
        self.slots: Slots = np.zeros(0, np.int64)
        self.tokens = self.positions = torch.zeros(0, dtype=torch.long, device=device)
        self._newest = torch.zeros(max_rows, dtype=torch.long, device=device)
        self._order: list[int] | None = []

    def add(self, slots: Slots, tokens: Tensor) -> None:
        """Newcomers with their first tokens."""
        self._save()
        self._newest[self._index(slots)] = tokens

    def reorder(self, order: list[int], state: BatchState) -> None:
        """Bring the rows into this order, if they are not; ``state`` knows their positions."""
        if order == self._order:
            return
        self._save()
        slots = np.array(order, np.int64)
        index = self._index(slots)
        positions = to_device(state.positions(slots), index.device)
        self.tokens, self.positions = self._newest[index], positions
        self._order, self.slots = order, slots  # when nothing can fail any more

    def advance(self, tokens: Tensor) -> None:
        """Every row has its next token."""
        self.tokens = tokens
        self.positions += 1

    def _save(self) -> None:
        """Keep each row's newest token under its slot, while the order changes."""
        if self._order is not None:
            self._newest[self._index(self.slots)] = self.tokens
            self._order = None

    def _index(self, slots: Slots) -> Tensor:
        return to_device(slots, self._newest.device)
