"""Computes what the scheduler decided. Owns the model and the cache; touches no queue."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np
import torch

from got_loaders.engine.device.device import is_out_of_memory, to_device
from got_loaders.engine.device.heap import HeapTrimmer
from got_loaders.engine.device.release import release_device_memory
from got_loaders.engine.draft.budget import draft_budget
from got_loaders.engine.draft.share import propose_all
from got_loaders.engine.kv_cache.base import one_each
from got_loaders.engine.kv_cache.counts import MAX_QUERIES
from got_loaders.engine.model.decoder import Decoder
from got_loaders.engine.model.loader import LoadedModel
from got_loaders.engine.model.vision_encoder import VisionEncoder
from got_loaders.engine.runner.batch_state import BatchState, Slots
from got_loaders.engine.runner.decode_backends import select_backend
from got_loaders.engine.runner.input_buffers import InputBuffers
from got_loaders.engine.runner.ngram_rules import without_banned
from got_loaders.engine.runner.prompt_embeddings import embed_prompts
from got_loaders.engine.runner.verification import StepTokens, lay_out, one_token, verify
from got_loaders.engine.sampler import SamplerOutput, greedy_sample
from got_loaders.engine.sequence import Sequence, SequenceOutput

__all__ = ["ModelRunner"]

_AHEAD_STEPS = 16
"""Steps that are launched ahead, where no draft is worth checking, until drafts are looked at."""


class ModelRunner:
    """Runs one model on one device; used by the engine's thread only.

    It takes the model apart: ``loaded.model`` can't be called by others afterwards. With
    ``async_scheduling`` a step is launched before the tokens of the one before are read, so that
    the device never waits for Python; an output is then found finished one step later, and its
    extra token is dropped. While a row has a rule of n-grams, or a draft that is worth checking,
    each step is read before the next: it says what that one is to check.
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
        context = max_context + MAX_QUERIES  # where rows bring equally many, some go beyond theirs
        self._decoder = Decoder(loaded.model, max_context=context)
        shape = self._decoder.cache_shape
        self._device = shape.device
        self.description = f"{str(shape.dtype).removeprefix('torch.')} on {shape.device}"
        self._backend = select_backend(
            self._decoder, max_rows=max_rows, max_context=context, max_bytes=max_bytes
        )
        self._budget = draft_budget(
            shape.device.type, shape.dtype.itemsize, self._decoder.weight_bytes
        )
        self._state = BatchState(
            loaded.end_tokens,
            max_rows=max_rows,
            max_context=context,
            own_drafts=not async_scheduling,
        )
        self._inputs = InputBuffers(max_rows, self._device)
        self._inflight_steps: list[tuple[Slots, Slots, SamplerOutput]] = []
        self._heap = HeapTrimmer()
        self._ahead_for = 0

    @torch.inference_mode()
    def prefill(self, sequences: Iterable[Sequence]) -> list[SequenceOutput]:
        """Read the prompts of ``sequences`` and write the first token of each.

        All are read together, whatever their lengths. Returns the outputs that are found finished
        meanwhile, those of one token among them. If anything fails, no sequence has a row.
        """
        ordered = sorted(sequences, key=lambda s: len(s.input.prompt_ids))
        try:
            outputs = self._prefill(ordered)
        except BaseException:
            for sequence in ordered:
                self.release(sequence)
            raise
        self._heap.count(len(ordered))
        return outputs + self._drain(keep=1)

    @torch.inference_mode()
    def decode(self) -> list[SequenceOutput]:
        """The next tokens of every running sequence, one at least; returns the finished outputs.

        Where a step that was launched ahead has ended some, these leave before there is another.
        """
        if not self._runs_ahead:
            return self._drain(keep=0) or self._verify()
        try:
            self._launch()
        except Exception as error:
            # Who has ended, which nobody has read yet, needs no more room, and makes some.
            outputs = self._drain(keep=0) if is_out_of_memory(error) else []
            if not outputs:
                raise
            return outputs
        return self._drain(keep=1)

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
        release_device_memory(self._device)

    @property
    def _runs_ahead(self) -> bool:
        """Whether a step may be launched before the last one is read."""
        state = self._state
        if not self._async_scheduling or state.ngram_rules:
            return False
        return not state.drafters or self._ahead_for > 0

    def _launch(self) -> None:
        """Launch a step in which every row brings its newest token, read or not."""
        backend, state, inputs = self._backend, self._state, self._inputs
        self._ahead_for = max(0, self._ahead_for - 1)
        inputs.reorder(backend.cache.slots, state)
        ones = one_each(backend.cache)
        backend.cache.reserve(ones)
        choice = backend.step(inputs.tokens, inputs.positions, len(ones))
        newest = choice.tokens.clone()  # the next step writes there before it is known to count
        copy = choice.to_host()  # takes memory: from here on nothing does, and the step counts
        backend.cache.commit_step(ones)
        state.launched(inputs.slots)
        inputs.advance(newest)
        self._keep_inflight(inputs.slots, copy)

    def _verify(self) -> list[SequenceOutput]:
        """A step in which rows bring what their drafts propose; it is read at once."""
        backend, state = self._backend, self._state
        slots = np.array(backend.cache.slots, np.int64)
        self._inputs.forget()
        step = self._reserve(slots)
        tokens, positions = (
            to_device(array, self._device) for array in (step.tokens, step.positions)
        )
        choice = backend.step(tokens, positions, len(slots))
        block = verify(step, *choice.to_host().arrays(), state.end_tokens)
        block = without_banned(block, step.starts, slots, state.ngram_rules, choice.logits)
        backend.cache.commit_step(block.kept)
        return state.record(slots, block)

    def _reserve(self, slots: Slots) -> StepTokens:
        """What the rows bring to the next step, and room for it in the cache.

        Where there is no room for what is proposed, they bring their newest tokens alone.
        """
        state, cache, widths = self._state, self._backend.cache, self._backend.widths
        newest, positions = state.newest(slots), state.positions(slots)
        drafters = [state.drafters.get(slot) for slot in slots.tolist()]
        proposals = propose_all(
            drafters, (state.room(slots) - 1).tolist(), self._budget, widths=widths
        )
        if any(proposals):
            most = max(map(len, proposals)) + 1
            width = next((width for width in widths if width >= most), None)
            step = lay_out(newest, positions, proposals, width=width)
            try:
                cache.reserve(step.counts)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                for drafter in filter(None, drafters):
                    drafter.propose(0)  # what was proposed is not checked
            else:
                return step
        elif self._async_scheduling:
            self._ahead_for = _AHEAD_STEPS
        step = lay_out(newest, positions, [()] * len(slots))
        cache.reserve(step.counts)
        return step

    def _prefill(self, ordered: list[Sequence]) -> list[SequenceOutput]:
        """Read the prompts, those of equal lengths into slots of one kind."""
        state, cache = self._state, self._backend.cache
        lengths = groupby(ordered, key=lambda s: len(s.input.prompt_ids))
        groups = [(length, list(group)) for length, group in lengths]
        slots = [state.allocate(group) for _, group in groups]
        newcomers = np.concatenate(slots)
        prefills: list[Any] = []
        try:
            for own, (length, _) in zip(slots, groups, strict=True):
                prefills.append(cache.allocate(own.tolist(), length))
            hidden = embed_prompts(
                [group for _, group in groups], self._vision, self._decoder, self._image_token
            )
            choice = greedy_sample(self._decoder.prefill(hidden, prefills))
            copy, block = choice.to_host(), None
            if state.ngram_rules or not self._async_scheduling:  # else nobody waits for the tokens
                block = one_token(*copy.arrays())
                block = without_banned(
                    block, np.arange(len(newcomers)), newcomers, state.ngram_rules, choice.logits
                )
            if self._async_scheduling:
                self._inputs.add(newcomers, choice.tokens)
            while prefills:
                cache.commit(prefills[0])
                del prefills[0]
        except BaseException:
            for prefill in prefills:
                cache.abort(prefill)
            raise
        state.launched(newcomers)
        self._ahead_for = 0  # they may have a good draft
        if block is not None:
            return state.record(newcomers, block)
        self._keep_inflight(newcomers, copy)
        return []

    def _keep_inflight(self, slots: Slots, copy: SamplerOutput) -> None:
        self._inflight_steps.append((slots, self._state.slot_epochs[slots], copy))

    def _drain(self, *, keep: int) -> list[SequenceOutput]:
        """Read the tokens of the launched steps, but for the last ``keep``."""
        outputs: list[SequenceOutput] = []
        while len(self._inflight_steps) > keep:
            slots, epochs, copy = self._inflight_steps.pop(0)
            tokens, probabilities = copy.arrays()
            running = self._state.slot_epochs[slots] == epochs
            block = one_token(tokens[running], probabilities[running])
            outputs += self._state.record(slots[running], block)
        return outputs
