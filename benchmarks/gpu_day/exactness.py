"""Whether the engine writes what transformers' ``generate`` writes, on the same device.

In float32 it must, but where the two best logits are closer than 1e-4 (a near tie). In bfloat16 no
two kernels round alike, and which kernels run depends on the batch: there the first token that
differs is reported with the distance of the two best logits at that place, as ``generate`` has
them; a distance that rounding does not explain counts as wrong.

The checkpoint has random weights throughout: unlike the one that speed is measured with, its text
hangs on every layer and every position.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, GotOcr2ForConditionalGeneration
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.got_ocr2.processing_got_ocr2 import GotOcr2Processor

from benchmarks._checkpoint import END_TOKENS, save_checkpoint
from benchmarks._inside import Ways, no_graphs, no_paged_attention, ways_of
from benchmarks._memory import free_memory
from benchmarks._ways import Setup
from benchmarks._workload import Job, make_jobs
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.drafts import with_errors
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.types import OcrRequest

FAR = {"float32": 1e-4, "bfloat16": 0.25, "float16": 0.03}
"""A first difference where the two best logits are this far apart or farther is no rounding. In
bfloat16 a logit between 4 and 8 has steps of 1/32, and 24 layers have rounded before it; in float16
eight times finer ones."""

Tokens = Mapping[int, tuple[int, ...]]
"""By page number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``generate`` wrote for a page; at each token, how far its two best logits lie apart."""

    tokens: tuple[int, ...]
    gaps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first token of a page that differs; ``gap`` is None where one text is only longer."""

    page: int
    token: int
    gap: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One way of the engine beside ``generate``; ``as_alone`` counts the pages that are as in the
    first check of this number format."""

    name: str
    dtype: str
    ways: str
    pages: int
    differences: tuple[Difference, ...]
    as_alone: int

    @property
    def wrong(self) -> tuple[Difference, ...]:
        """The differences that rounding does not explain."""
        far = FAR[self.dtype]
        return tuple(one for one in self.differences if one.gap is None or one.gap >= far)


def run(settings: Settings, results: Results, deadline: Deadline) -> None:
    """In float32, then in the engine's number format; raises if anything is wrong."""
    pages, tokens = settings.check
    jobs = all_of(make_jobs(pages, 1, 0), tokens)
    found: list[Check] = []
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / settings.model
        save_checkpoint(settings.model, folder, device=settings.device)
        for dtype in dict.fromkeys(("float32", settings.dtype)):
            setup = Setup(folder=folder, device=settings.device, dtype=dtype)
            for check in checks(setup, jobs):
                found.append(check)
                results.add(checks=[asdict(each) | {"wrong": len(each.wrong)} for each in found])
                if not deadline.left:
                    break
    wrong = [f"{check.dtype}, {check.name}" for check in found if check.wrong]
    if wrong:
        raise RuntimeError(f"tokens are not generate's: {'; '.join(wrong)}")


def checks(setup: Setup, jobs: Sequence[Job]) -> Iterator[Check]:
    """Read ``jobs`` with ``generate`` and then with the engine, in all the ways that it has here:
    as it is, without CUDA graphs if it has them, without paged attention if it has that."""
    theirs = generated(setup, jobs)
    readings, ways = _readings(setup, jobs)
    alone = readings["alone"]
    yield from _checked("as it is", setup.dtype, readings, ways, theirs, alone)
    others: list[tuple[str, AbstractContextManager[None]]] = []
    if ways.graphs is not None:
        others.append(("recording made to fail", no_graphs()))
    if ways.cache == "PagedCache":
        others.append(("paged attention refused", no_paged_attention()))
    for name, disturbance in others:
        with disturbance:
            readings, ways = _readings(setup, jobs)
        yield from _checked(name, setup.dtype, readings, ways, theirs, alone)


def differences(ours: Tokens, theirs: Mapping[int, Answer]) -> Iterator[Difference]:
    """The first difference of each page that has one."""
    for page, tokens in ours.items():
        answer = theirs[page]
        pairs = enumerate(zip(tokens, answer.tokens, strict=False))
        place = next((place for place, (a, b) in pairs if a != b), None)
        if place is not None:
            yield Difference(page, place, answer.gaps[place])
        elif len(tokens) != len(answer.tokens):
            yield Difference(page, min(len(tokens), len(answer.tokens)), None)


@torch.inference_mode()
def generated(setup: Setup, jobs: Sequence[Job]) -> dict[int, Answer]:
    """Greedy ``generate``, a page at a time; the model is gone afterwards."""
    tokenizer: Any = AutoTokenizer.from_pretrained(setup.folder)
    processor: Any = GotOcr2Processor
    processor = processor(GotOcr2ImageProcessorPil.from_pretrained(setup.folder), tokenizer)
    dtype = getattr(torch, setup.dtype)
    model: Any = GotOcr2ForConditionalGeneration.from_pretrained(setup.folder, dtype=dtype)
    model = model.to(setup.device).eval()
    ends = [tokenizer.convert_tokens_to_ids(text) for text in END_TOKENS]
    answers = {}
    for job in jobs:
        inputs = processor(job.image, return_tensors="pt")
        inputs.pop("num_patches", None)  # some versions' processor gives it; generate refuses it
        inputs = inputs.to(setup.device, dtype)
        written = model.generate(
            **inputs,
            do_sample=False,
            max_new_tokens=job.tokens,
            eos_token_id=ends,
            pad_token_id=ends[1],
            return_dict_in_generate=True,
            output_logits=True,
        )
        best = torch.stack(written.logits)[:, 0].float().topk(2).values
        tokens = written.sequences[0, inputs["input_ids"].shape[1] :].tolist()
        answers[job.number] = Answer(tuple(tokens), tuple((best[:, 0] - best[:, 1]).tolist()))
    del model, written, best, inputs
    free_memory(setup.device)
    return answers


def all_of(jobs: Sequence[Job], tokens: int) -> list[Job]:
    """The same pages, with so many tokens each."""
    return [replace(job, tokens=tokens) for job in jobs]


def _checked(
    name: str,
    dtype: str,
    readings: Mapping[str, Tokens],
    ways: Ways,
    theirs: Mapping[int, Answer],
    alone: Tokens,
) -> Iterator[Check]:
    for how, ours in readings.items():
        yield Check(
            name=f"{name}, {how}",
            dtype=dtype,
            ways=str(ways),
            pages=len(ours),
            differences=tuple(differences(ours, theirs)),
            as_alone=sum(ours[page] == alone[page] for page in ours),
        )


def _readings(setup: Setup, jobs: Sequence[Job]) -> tuple[dict[str, Tokens], Ways]:
    """The engine's tokens, pages read alone and together, and which ways it went."""
    config = EngineConfig(
        model=str(setup.folder),
        device=setup.device,
        dtype=setup.dtype,
        max_batch_size=len(jobs),
        max_queued=len(jobs),
    )
    requests = {
        job.number: OcrRequest(
            images=(job.image,),
            max_new_tokens=job.tokens,
            stop_on_repetition=False,
            draft=False,
        )
        for job in jobs
    }
    with LocalEngine(config) as engine, ThreadPoolExecutor(len(jobs)) as pool:

        def together(requests: Mapping[int, OcrRequest]) -> Tokens:
            futures = list(pool.map(engine.submit, requests.values()))
            return {
                page: future.result().token_ids
                for page, future in zip(requests, futures, strict=True)
            }

        results = {page: engine.submit(one).result() for page, one in requests.items()}
        drafted = {
            page: replace(one, draft=with_errors(results[page].text, page))
            for page, one in requests.items()
        }
        readings: dict[str, Tokens] = {
            "alone": {page: result.token_ids for page, result in results.items()},
            "together": together(requests),
            "with drafts": together(drafted),
        }
        ways = ways_of(engine)
    free_memory(setup.device)
    return readings, ways
