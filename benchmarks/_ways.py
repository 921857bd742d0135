"""Three ways to read the same pages: the published recipe, batches of ``generate``, our engine.

Each is opened with a checkpoint, which loads the model, and gives a function that reads jobs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

import torch
from transformers import AutoTokenizer, GotOcr2ForConditionalGeneration
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.got_ocr2.processing_got_ocr2 import GotOcr2Processor

from benchmarks._checkpoint import END_TOKENS
from benchmarks._workload import Job
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.types import OcrRequest, OcrResult

SUBMITTERS = 2
"""Threads that prepare pages and submit them to the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What all ways run on, and the engine's two sizes. ``device`` is a resolved name."""

    folder: Path
    device: str
    dtype: Literal["float32", "bfloat16", "float16"]
    max_batch_size: int | Literal["auto"] = "auto"
    max_queued: int = 32
    drafts: bool = False
    """Whether the engine may find drafts in what it has written, as it does by itself."""


@dataclass(frozen=True, slots=True)
class Run:
    """By page number: its tokens, and the seconds from the start until it was answered."""

    tokens: dict[int, tuple[int, ...]]
    answered: dict[int, float]


Read = Callable[[Sequence[Job]], Run]
Open = Callable[[Setup], AbstractContextManager[Read]]


@contextmanager
def open_engine(setup: Setup) -> Iterator[Read]:
    """A LocalEngine; all pages are submitted at once, as far as its queue lets them."""
    config = EngineConfig(
        model=str(setup.folder),
        device=setup.device,
        dtype=setup.dtype,
        max_batch_size=setup.max_batch_size,
        max_queued=setup.max_queued,
    )
    with LocalEngine(config) as engine:
        yield partial(_read_with_engine, engine, None if setup.drafts else False)


@contextmanager
def open_recipe(setup: Setup) -> Iterator[Read]:
    """The recipe of transformers' documentation: a page at a time, up to the stop string."""
    yield _Transformers(setup).read_one_by_one


@contextmanager
def open_batches(setup: Setup, *, size: int) -> Iterator[Read]:
    """The best that ``generate`` can do and still be right: it ends each row at an end token.

    Pages go in the order of arrival, and a batch runs until its longest row ends.
    """
    yield partial(_Transformers(setup).read_in_batches, size)


def _read_with_engine(
    engine: LocalEngine, draft: Literal[False] | None, jobs: Sequence[Job]
) -> Run:
    start = time.perf_counter()
    done: SimpleQueue[tuple[int, float]] = SimpleQueue()

    def submit(job: Job) -> Future[OcrResult]:
        request = OcrRequest(images=(job.image,), max_new_tokens=job.tokens, draft=draft)
        future = engine.submit(request)
        future.add_done_callback(lambda _: done.put((job.number, time.perf_counter() - start)))
        return future

    with ThreadPoolExecutor(SUBMITTERS) as pool:
        futures = list(pool.map(submit, jobs))
    answered = dict(done.get() for _ in jobs)
    results = zip(jobs, futures, strict=True)
    return Run({job.number: future.result().token_ids for job, future in results}, answered)


class _Transformers:
    """A checkpoint as transformers loads it, with the processor that works without torchvision."""

    def __init__(self, setup: Setup) -> None:
        tokenizer: Any = AutoTokenizer.from_pretrained(setup.folder)
        tokenizer.padding_side = "left"
        images: Any = GotOcr2ImageProcessorPil.from_pretrained(setup.folder)
        processor: Any = GotOcr2Processor
        self._processor: Any = processor(images, tokenizer)
        self._dtype = getattr(torch, setup.dtype)
        model: Any = GotOcr2ForConditionalGeneration.from_pretrained(
            setup.folder, dtype=self._dtype
        )
        self._model: Any = model.to(setup.device).eval()
        self._end_tokens = [tokenizer.convert_tokens_to_ids(text) for text in END_TOKENS]

    def read_one_by_one(self, jobs: Sequence[Job]) -> Run:
        start, run = time.perf_counter(), Run({}, {})
        for job in jobs:
            (tokens,) = self._generate(
                self._processor(job.image, return_tensors="pt"),
                max_new_tokens=job.tokens,
                tokenizer=self._processor.tokenizer,
                stop_strings="<|im_end|>",
            )
            self._processor.decode(tokens, skip_special_tokens=True)
            run.tokens[job.number] = tuple(tokens)
            run.answered[job.number] = time.perf_counter() - start
        return run

    def read_in_batches(self, size: int, jobs: Sequence[Job]) -> Run:
        start, run = time.perf_counter(), Run({}, {})
        for first in range(0, len(jobs), size):
            batch = jobs[first : first + size]
            rows = self._generate(
                self._processor([job.image for job in batch], padding=True, return_tensors="pt"),
                max_new_tokens=max(job.tokens for job in batch),
                eos_token_id=self._end_tokens,
                pad_token_id=self._end_tokens[1],
            )
            rows = [row[: job.tokens] for row, job in zip(rows, batch, strict=True)]
            self._processor.batch_decode(rows, skip_special_tokens=True)
            seconds = time.perf_counter() - start
            for row, job in zip(rows, batch, strict=True):
                run.tokens[job.number], run.answered[job.number] = tuple(row), seconds
        return run

    def _generate(self, inputs: Any, **options: Any) -> list[list[int]]:
        inputs.pop("num_patches", None)  # some versions' processor gives it; generate refuses it
        inputs = inputs.to(self._model.device, self._dtype)
        written = self._model.generate(**inputs, do_sample=False, **options)
        tokens: list[list[int]] = written[:, inputs["input_ids"].shape[1] :].tolist()
        return tokens
