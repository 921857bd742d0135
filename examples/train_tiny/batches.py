"""Batches of samples, made while the model trains.

Knows samples and tensors; knows no model.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from .samples import NOWHERE, Mode, Sample, make_sample
from .tokenizer import PAD

IGNORED = -100
IMAGES_PER_SAMPLE: dict[Mode, int] = {"multi": 2, "crop": 3}
Mixture = Mapping[Mode, float]


@dataclass(frozen=True)
class Batch:
    """Right-padded sequences and all their images in order.

    `pixels` uint8 (images, 512, 512, 3); `ids`, `labels`, `sources` int64 (batch, length);
    `glyphs` int64 (characters, 4) as in `Sample`, with the image counted over the batch.
    """

    pixels: torch.Tensor
    ids: torch.Tensor
    labels: torch.Tensor
    sources: torch.Tensor
    glyphs: torch.Tensor
    labelled: torch.Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(**{name: tensor.to(device) for name, tensor in vars(self).items()})


class SampleStream(IterableDataset[Batch]):
    """Endless batches; `plan` gives modes and lines of a page by the number of the batch."""

    def __init__(
        self, seed: int, batch_size: int, plan: Callable[[int], tuple[Mixture, int]]
    ) -> None:
        self.seed = seed
        self.batch_size = batch_size
        self.plan = plan

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        rng = random.Random(self.seed * 1000 + (worker.id if worker else 0))
        number, step = 0, worker.num_workers if worker else 1
        while True:
            for samples in self._pool(rng, number):
                yield collate(samples)
                number += step

    def _pool(self, rng: random.Random, number: int) -> list[list[Sample]]:
        """Four batches; samples of one image are sorted by length so that little is padding."""
        mixture, lines = self.plan(number)
        single: list[Sample] = []
        batches: list[list[Sample]] = []
        for _ in range(4):
            modes = rng.choices(list(mixture), list(mixture.values()), k=self.batch_size)
            images = IMAGES_PER_SAMPLE.get(modes[0], 1)
            if images > 1:
                count = max(1, self.batch_size // images)
                batches.append([make_sample(rng, modes[0], lines=lines) for _ in range(count)])
                continue
            light = {mode: w for mode, w in mixture.items() if mode not in IMAGES_PER_SAMPLE}
            modes = rng.choices(list(light), list(light.values()), k=self.batch_size)
            single += [make_sample(rng, mode, lines=lines) for mode in modes]
        single.sort(key=lambda sample: len(sample.answer))
        size = self.batch_size
        batches += [single[start : start + size] for start in range(0, len(single), size)]
        rng.shuffle(batches)
        return batches


def batches(stream: SampleStream, *, workers: int) -> Iterator[Batch]:
    """The stream's batches, prepared a few ahead by processes, or by none when each is needed."""
    if not workers:
        return iter(stream)
    ahead = max(2, 6 // workers)
    return iter(DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=ahead))


def collate(samples: Sequence[Sample]) -> Batch:
    """One batch of these samples."""
    length = max(len(sample.prompt) + len(sample.answer) for sample in samples)
    shape = (len(samples), length)
    ids = np.full(shape, PAD)
    labels, sources = np.full(shape, IGNORED), np.full(shape, NOWHERE)
    glyphs: list[tuple[int, int, int, int]] = []
    labelled: list[int] = []
    images = 0
    for row, sample in enumerate(samples):
        start, end = len(sample.prompt), len(sample.prompt) + len(sample.answer)
        ids[row, :end] = sample.prompt + sample.answer
        labels[row, start:end] = sample.answer
        sources[row, start:end] = sample.sources
        glyphs += [(images + image, y, x, token) for image, y, x, token in sample.glyphs]
        labelled += [images + image for image in sample.labelled]
        images += len(sample.tiles)
    return Batch(
        pixels=torch.from_numpy(np.concatenate([sample.tiles for sample in samples])),
        ids=torch.from_numpy(ids),
        labels=torch.from_numpy(labels),
        sources=torch.from_numpy(sources),
        glyphs=torch.tensor(glyphs, dtype=torch.int64).reshape(-1, 4),
        labelled=torch.tensor(labelled, dtype=torch.int64),
    )
