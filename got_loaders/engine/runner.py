"""Computes what the scheduler decided. Owns the model and the cache; touches no queue."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from collections.abc import Sequence as Rows
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.decoder import Decoder
from got_loaders.engine.loader import LoadedModel
from got_loaders.engine.sampler import choose
from got_loaders.engine.sequence import Sequence, Step
from got_loaders.engine.vision import VisionEncoder

__all__ = ["ModelRunner"]


class ModelRunner:
    """Runs one model on one device; used by the engine's thread only."""

    def __init__(self, loaded: LoadedModel, *, max_context: int) -> None:
        self._image_token = loaded.image_token
        self._vision = VisionEncoder(
            loaded.model, mean=loaded.mean, std=loaded.std, scale=loaded.scale
        )
        self._decoder = Decoder(loaded.model, max_context=max_context)
        self._device = next(loaded.model.parameters()).device
        self._cache = self._decoder.new_cache()
        self._rows: list[Sequence] = []

    @torch.inference_mode()
    def prefill(self, sequences: Iterable[Sequence]) -> list[Step]:
        """Read the prompts of ``sequences`` and give each its first token.

        Prompts of equal length are read together. If anything fails, no sequence has a row.
        """
        before = len(self._rows)
        try:
            ordered = sorted(sequences, key=lambda s: len(s.input.prompt_ids))
            steps: list[Step] = []
            for _, group in groupby(ordered, key=lambda s: len(s.input.prompt_ids)):
                steps += self._prefill(list(group))
        except BaseException:
            self._truncate(before)
            raise
        return steps

    @torch.inference_mode()
    def decode(self) -> list[Step]:
        """The next token of every sequence that has a row."""
        rows = self._rows
        positions = [sequence.length - 1 for sequence in rows]
        self._cache.reserve(len(rows), max(positions) + 1)
        tokens = self._tensor([sequence.token_ids[-1] for sequence in rows])
        hidden = self._decoder.embed(tokens[:, None])
        logits = self._decoder.decode(hidden, self._cache, self._tensor(positions))
        return _steps(rows, logits)

    @torch.inference_mode()
    def release(self, sequence: Sequence) -> None:
        """Free the row of ``sequence``; nothing happens if it has none."""
        if sequence not in self._rows:
            return
        row = self._rows.index(sequence)
        last = self._cache.release(row)
        self._rows[row] = self._rows[last]
        self._rows.pop()

    def close(self) -> None:
        """Drop the model and the cache, and give the device's memory back."""
        self._rows.clear()
        del self._vision, self._decoder, self._cache
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _prefill(self, group: list[Sequence]) -> list[Step]:
        first_row, length = len(self._rows), len(group[0].input.prompt_ids)
        self._cache.reserve(first_row + len(group), length + 1)
        logits = self._decoder.prefill(self._embed(group), self._cache, first_row)
        steps = _steps(group, logits)
        self._rows += group
        self._cache.rows = len(self._rows)
        return steps

    def _embed(self, group: list[Sequence]) -> Tensor:
        """The prompts' embeddings, images in their places: (rows, tokens, width)."""
        ids = self._tensor([sequence.input.prompt_ids for sequence in group])
        embeddings = self._decoder.embed(ids)
        images = self._vision.encode(np.concatenate([s.input.tiles for s in group]))
        places = (ids == self._image_token)[..., None]
        return embeddings.masked_scatter(places, images.to(embeddings.dtype))

    def _tensor(self, values: Any) -> Tensor:
        return torch.tensor(values, device=self._device)

    def _truncate(self, rows: int) -> None:
        del self._rows[rows:]
        self._cache.rows = rows


def _steps(rows: Rows[Sequence], logits: Tensor) -> list[Step]:
    banned = [s.ngrams.banned if s.ngrams is not None else set() for s in rows]
    tokens, probabilities = choose(logits, banned)
    pairs = zip(rows, tokens.tolist(), probabilities.tolist(), strict=True)
    return [Step(sequence, token, probability) for sequence, token, probability in pairs]
