"""Our engine beside transformers' ``generate``: the same pages, one run, one process.

    python -m benchmarks.engine [--model real] [--pages 64] [--mean 300] [--recipe-pages 8]

Three ways, in this order: (c) our LocalEngine, all pages submitted at once; (b) ``generate`` in
batches, done right (left padding, a list of end tokens), of which the fastest size counts; (a) the
published recipe, a page at a time. For each the model is loaded anew and dropped afterwards.
Timed is everything from the page's image to its text, preprocessing included, after one short page
to warm up; not timed is the loading.

How long each answer gets is set beforehand: one page in six is ten times as long as the others.
The checkpoint is a copy that never chooses an end token, so every way writes exactly as many, and
the run fails if one does not. "real" is the published architecture with random weights.

The engine writes a token at a time, as the other ways do, unless `--drafts` are asked for;
`benchmarks.drafting` measures these.

With `--recipe-pages` (a) reads a sample, evenly spaced by length; its time for all pages is read
off the straight line (seconds a page against tokens) through the sample.

Peak memory is the most during the timed part, over what was in use before the model was loaded:
resident memory, sampled every 20 ms, or on a GPU what torch has reserved there. A GPU that is out
of memory skips that size of (b); on the CPU the system ends the process: lower `--batches`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from transformers.utils import logging

from benchmarks import _report as report
from benchmarks._checkpoint import Muted, muted_checkpoint
from benchmarks._measure import Measured, alone, complaints, measure, rehearse
from benchmarks._ways import Open, Setup, open_batches, open_engine, open_recipe
from benchmarks._workload import Job, make_jobs, sample
from got_loaders.engine.device.device import resolve_device
from got_loaders.engine.model.checkpoint import TINY

ROUNDS = 3
"""Readings of the one page alone, by each way; their median counts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a way did not write what it was asked for."""
    options = _options(argv)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = resolve_device(options.device)
    jobs = make_jobs(options.pages, options.mean, options.seed)
    settings = report.settings(options, device)
    print(report.head(settings, jobs), flush=True)
    results: dict[str, object] = {"settings": settings, "tokens": [job.tokens for job in jobs]}
    with muted_checkpoint(options.model) as checkpoint:
        setup = Setup(
            folder=checkpoint.folder,
            device=device,
            dtype=options.dtype,
            max_batch_size=options.max_batch_size,
            max_queued=options.max_queued,
            drafts=options.drafts,
        )
        small = Setup(folder=TINY, device=device, dtype=options.dtype)
        rehearse(list(_ways(options).values()), small, jobs[0])
        if options.single != "only":
            results |= _compare(options, setup, checkpoint, jobs)
        if options.single != "no" and {"a", "c"} <= set(options.ways):
            results["alone"] = _compare_alone(options, setup, jobs[0])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 1 if results.get("wrong") else 0


def _ways(options: argparse.Namespace) -> dict[str, Open]:
    """In the order in which they run."""
    ways: dict[str, Open] = {"c": open_engine} if "c" in options.ways else {}
    if "b" in options.ways:
        ways |= {f"b{size}": partial(open_batches, size=size) for size in options.batches}
    return ways | ({"a": open_recipe} if "a" in options.ways else {})


def _compare(
    options: argparse.Namespace, setup: Setup, checkpoint: Muted, jobs: list[Job]
) -> dict[str, object]:
    """All pages by all ways, printed."""
    print(report.HEADER, flush=True)
    found: dict[str, Measured] = {}
    for name, open_way in _ways(options).items():
        own = sample(jobs, options.recipe_pages) if name == "a" and options.recipe_pages else jobs
        measured = measure(open_way, setup, own, jobs)
        print(report.row(name, measured, jobs), flush=True)
        if measured is not None:
            found[name] = measured
    ratios = report.ratios(found)
    ends = checkpoint.end_tokens
    wrong = [text for name in found for text in complaints(name, found[name].run, jobs, ends)]
    print("", *report.sampled(found, jobs), sep="\n")
    print(*(report.ratio_line(name, values) for name, values in ratios.items()), sep="\n")
    print(*(wrong or ["every way gave each page exactly its number of tokens"]), sep="\n")
    ways = {name: report.numbers(measured, jobs) for name, measured in found.items()}
    return {"ways": ways, "ratios": ratios, "wrong": wrong}


def _compare_alone(options: argparse.Namespace, setup: Setup, job: Job) -> dict[str, object]:
    """One page with nothing beside it, by the engine and by the recipe, printed."""
    page = Job(job.number, job.image, options.mean)
    ways: dict[str, Open] = {"c": open_engine, "a": open_recipe}
    seconds = alone(ways, setup, page, rounds=ROUNDS)
    print(
        f"one page alone, {page.tokens} tokens, median of {ROUNDS}: (c) {seconds['c']:.2f} s, "
        f"(a) {seconds['a']:.2f} s, {seconds['a'] / seconds['c']:.2f} × the speed"
    )
    return {"tokens": page.tokens, "seconds": seconds}


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model", default="tiny", choices=["tiny", "real"])
    add("--dtype", default="float32", choices=["float32", "bfloat16"])
    add("--device", default="auto", help="cuda, cuda:N, mps or cpu (the best there is)")
    add("--threads", type=int, help="torch's threads (as many as torch takes)")
    add("--pages", type=int, default=64)
    add("--mean", type=int, default=300, help="tokens a page, on average")
    add("--seed", type=int, default=0)
    add("--ways", type=_names, default=["a", "b", "c"], help="some of a,b,c (all)")
    add("--batches", type=_sizes, default=[4, 8, 16], help="batch sizes of (b) (4,8,16)")
    add("--recipe-pages", type=int, help="(a) reads so many of the pages, at least 2 (all)")
    add("--max-batch-size", type=_batch_size, default="auto", help="of the engine")
    add("--max-queued", type=int, default=32, help="of the engine")
    add("--drafts", action="store_true", help="the engine may draft from what it has written")
    add("--single", default="also", choices=["also", "only", "no"], help="one page alone, (a), (c)")
    add("--json", type=Path, help="a file for the results")
    options = parser.parse_args(argv)
    if options.recipe_pages is not None and not 2 <= options.recipe_pages <= options.pages:
        parser.error(f"--recipe-pages {options.recipe_pages}: expected 2 to {options.pages}")
    return options


def _names(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= {"a", "b", "c"}:
        raise argparse.ArgumentTypeError(f"{text!r}: expected some of a,b,c")
    return names


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",")]


def _batch_size(text: str) -> int | Literal["auto"]:
    return "auto" if text == "auto" else int(text)


if __name__ == "__main__":
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own
    sys.exit(main())
