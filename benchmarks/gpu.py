"""LocalEngine on a CUDA GPU, beside what the device could do at best and beside the recipe.

    python -m benchmarks.gpu [--tokens 200,800,2000] [--flight 1,4,16,64,128,256] [--seconds 540]
    python -m benchmarks.gpu --device cpu --model tiny --tokens 6,9 --flight 1,2    # a rehearsal

The published architecture with random weights, end tokens muted, so that each page gets exactly the
tokens that it is asked for. In this order: the device's memory bandwidth and speed of matrix
products; the engine's tokens beside those of transformers' `generate`, in every way that the engine
has; the published recipe, a page at a time; then pages a second for each number of tokens a page
and of pages in flight, the most telling first. What a floor is, `_floor.py` says by formula; what a
steady state is, `_steady.py`. `--flight` 64 means: 64 pages are submitted and not yet answered.

After `--seconds` nothing new is begun, and what runs is cut short (≈ in the table). `--json` is
written anew with each result. Exits with 1 if tokens differ where they must not, with 2 without a
GPU.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

import torch
from transformers import AutoTokenizer, GotOcr2Config
from transformers.utils import logging

from benchmarks import _gpu_report as report
from benchmarks._ceilings import ceilings_of, machine
from benchmarks._checkpoint import muted_checkpoint
from benchmarks._exactness import Check, all_of, checks
from benchmarks._floor import Work, floor_of, work_of
from benchmarks._inside import Said
from benchmarks._pace import Pace, recipe_seconds
from benchmarks._steady import Deadline
from benchmarks._ways import Setup
from benchmarks._workload import make_jobs
from got_loaders.engine.processor.prompt import IMAGE_TOKEN, prompt_text
from got_loaders.types import OcrRequest

TELLING = (64, 256)
"""Pages in flight that are measured before the others."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write; see the module for what is returned."""
    options = _options(argv)
    deadline = Deadline(time.perf_counter() + options.seconds)
    if options.device.startswith("cuda"):
        if not torch.cuda.is_available():
            print("no CUDA GPU here; --device cpu --model tiny rehearses", file=sys.stderr)
            return 2
        torch.cuda.set_device(options.device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    results = report.Results(options.json)
    with muted_checkpoint(options.model) as checkpoint, Said() as said:
        setup = Setup(folder=checkpoint.folder, device=options.device, dtype=options.dtype)
        try:
            wrong = _measure(options, setup, results, deadline)
        finally:
            results.add(log=said.lines)
            print("", *said.lines, sep="\n")
    return 1 if wrong else 0


def _measure(
    options: argparse.Namespace, setup: Setup, results: report.Results, deadline: Deadline
) -> bool:
    """All of it; whether anything was wrong."""
    found, dtype = machine(setup.device), getattr(torch, setup.dtype)
    ceilings = ceilings_of(setup.device, dtype)
    work = _work(setup, dtype)
    print(report.machine_line(found), f"model {options.model}, {options.dtype}, TF32 off", sep="\n")
    print(
        report.ceilings_line(ceilings, options.dtype), report.work_line(work), sep="\n", flush=True
    )
    results.add(options={name: str(value) for name, value in vars(options).items()})
    results.add(machine=found, ceilings=asdict(ceilings), work=asdict(work))
    wrong = _check(options, setup, results, deadline)
    cells = in_order(options.tokens, options.flight)
    recipe: dict[int, float] = {}
    if options.recipe:
        recipe |= recipe_seconds(setup, [cells[0][0]], deadline)
    pace = Pace(
        setup,
        most=max(options.flight),
        submitters=options.submitters,
        floor=lambda tokens, flight: floor_of(work, ceilings, tokens=tokens, flight=flight),
    )
    print(report.HEADER, flush=True)
    with pace:
        for tokens, flight in cells:
            print(pace.measure(tokens, flight, recipe.get(tokens), deadline), flush=True)
            results.add(cells=pace.values, ways=pace.ways, recipe=recipe)
    if options.recipe:
        others = [tokens for tokens in options.tokens if tokens not in recipe]
        recipe |= recipe_seconds(setup, others, deadline)
    results.add(cells=pace.values_beside(recipe), recipe=recipe)
    print(f"\nengine: {pace.ways}", pace.table(recipe), sep="\n", flush=True)
    return wrong or pace.wrong


def _check(
    options: argparse.Namespace, setup: Setup, results: report.Results, deadline: Deadline
) -> bool:
    """The engine's tokens beside generate's; whether any are wrong."""
    found: list[Check] = []
    if not options.check_pages:
        return False
    jobs = all_of(make_jobs(options.check_pages, 1, options.seed), options.check_tokens)
    for dtype in dict.fromkeys((options.dtype, "float32")):
        own = Setup(folder=setup.folder, device=setup.device, dtype=dtype)
        for check in checks(own, jobs):
            print(report.check_line(check), flush=True)
            found.append(check)
            results.add(checks=[report.check_values(each) for each in found])
            if not deadline.left:
                break
    return any(check.wrong for check in found)


def _work(setup: Setup, dtype: torch.dtype) -> Work:
    config = GotOcr2Config.from_pretrained(setup.folder)
    tokenizer = AutoTokenizer.from_pretrained(setup.folder)
    request = OcrRequest(images=(make_jobs(1, 1, 0)[0].image,))
    text = prompt_text(request, image_tokens=config.image_seq_length, style="hf")
    assert text.count(IMAGE_TOKEN) == config.image_seq_length
    return work_of(config, prompt=len(tokenizer.encode(text)), itemsize=dtype.itemsize)


def in_order(tokens: Sequence[int], flights: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of tokens a page and pages in flight, the most telling first."""
    first = 800 if 800 in tokens else tokens[0]
    pairs = product(tokens, flights)
    return sorted(pairs, key=lambda pair: (pair[0] != first, pair[1] not in TELLING))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--device", default="cuda:0", help="cuda:N, or cpu for a rehearsal")
    add("--model", default="real", choices=["tiny", "real"])
    add("--dtype", default="bfloat16", choices=["bfloat16", "float32"])
    add("--tokens", type=_numbers, default=[200, 800, 2000], help="tokens a page")
    add("--flight", type=_numbers, default=[1, 4, 16, 64, 128, 256], help="pages in flight")
    add("--seconds", type=float, default=540, help="after so many nothing new is begun")
    add("--submitters", type=int, default=min(16, os.cpu_count() or 1), help="threads")
    add("--check-pages", type=int, default=4, help="pages read to compare tokens; 0: no check")
    add("--check-tokens", type=int, default=48, help="tokens of each of them")
    add("--seed", type=int, default=0)
    add("--no-recipe", dest="recipe", action="store_false", help="leave the recipe out")
    add("--json", type=Path, help="a file for the results")
    return parser.parse_args(argv)


def _numbers(text: str) -> list[int]:
    numbers = [int(number) for number in text.split(",")]
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected numbers of at least 1")
    return numbers


if __name__ == "__main__":
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own
    sys.exit(main())
