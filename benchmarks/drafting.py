"""Decoding with drafts beside decoding without, by one engine on a CPU, in one run.

    python -m benchmarks.drafting [--model real] [--dtype bfloat16] [--tokens 800] [--pages 12]
    python -m benchmarks.drafting --costs [--model real] [--dtype bfloat16]

A page is read without a draft, and again with a draft: what was written the first time, with some
of its tokens (`--changed`, 0.05) replaced by others. Three times: one page alone, a few, and a
batch of pages one in six of which is ten times as long as the others; their mean is `--tokens`.
Timed is what writes the tokens, not the vision tower and the prompt. Of pages that are timed more
than once (`--rounds`), in turns, the fastest time counts. With `--threads 1` it is the processor's
time, which other programs of a busy machine disturb less.

The checkpoint is a copy that never chooses an end token. "real" is the published architecture with
random weights: what a model that has been trained writes differs from what its page holds in other
places, but a step costs the same.

With `--costs`: what one step takes, by rows and by the tokens that each brings.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from transformers.utils import logging

from benchmarks._checkpoint import muted_checkpoint
from benchmarks._inside import prefilled, runner_of, sequences_of
from benchmarks._report import processor_name
from benchmarks._step_costs import chosen_clock, step_costs
from benchmarks._workload import lengths, make_jobs
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.types import Box, OcrRequest

FEW = 3
"""Pages that are read together in the second comparison; rows that the end of a batch has."""

Texts = dict[int, tuple[int, ...]]
"""By page: its tokens."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was written, and of each step its rows, the tokens that it gave, and its seconds."""

    texts: Texts
    steps: list[tuple[int, int, float]]

    @property
    def seconds(self) -> float:
        """Of all steps."""
        return sum(seconds for _, _, seconds in self.steps)

    def speed(self, most_rows: int) -> float:
        """Tokens a second of the steps with no more rows; 0 if there were none."""
        chosen = [step for step in self.steps if step[0] <= most_rows]
        seconds = sum(seconds for _, _, seconds in chosen)
        return sum(tokens for _, tokens, _ in chosen) / seconds if seconds else 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a draft has changed a text in float32."""
    options = _options(argv)
    if options.threads:
        torch.set_num_threads(options.threads)
    print(f"{options.model}, {options.dtype}, torch {torch.__version__}", end=", ")
    print(f"{torch.get_num_threads()} threads, {processor_name('cpu')}")
    with muted_checkpoint(options.model) as checkpoint:
        config = EngineConfig(model=str(checkpoint.folder), device="cpu", dtype=options.dtype)
        with LocalEngine(config) as engine:
            if options.costs:
                step_costs(runner_of(engine), options.tokens, options.rounds)
                return 0
            changed = _compare(engine, options)
    return 1 if changed and options.dtype == "float32" else 0


def _compare(engine: LocalEngine, options: argparse.Namespace) -> int:
    """The table; how many texts a draft has changed."""
    print(f"{options.changed:.0%} of a draft's tokens are wrong\n")
    print("| pages | tokens | steps | with drafts | decoding, s | with drafts | ratio | equal |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    sizes = [[options.tokens], [options.tokens] * FEW]
    sizes.append(lengths(options.pages, options.tokens, seed=0))
    changed = 0
    for tokens in sizes:
        rounds = options.rounds if len(tokens) == 1 else 1
        without, drafted = _in_turns(engine, tokens, options.changed, rounds)
        equal = sum(without.texts[page] == drafted.texts[page] for page in without.texts)
        changed += len(tokens) - equal
        print(_row(tokens, without, drafted, equal), flush=True)
    few = drafted.speed(FEW) / (without.speed(FEW) or 1.0)
    print(f"\nof the batch, where {FEW} rows or fewer were left: {few:.2f} × the tokens a second")
    return changed


def _row(tokens: list[int], without: Decoded, drafted: Decoded, equal: int) -> str:
    ratio = without.seconds / drafted.seconds
    return (
        f"| {len(tokens)} | {sum(tokens)} | {len(without.steps)} | {len(drafted.steps)} "
        f"| {without.seconds:.2f} | {drafted.seconds:.2f} | {ratio:.2f} × "
        f"| {equal} of {len(tokens)} |"
    )


def _in_turns(
    engine: LocalEngine, tokens: list[int], share: float, rounds: int
) -> tuple[Decoded, Decoded]:
    """The fastest of ``rounds`` without drafts and with them."""
    pairs = []
    for _ in range(rounds):
        without = _decode(engine, tokens, {})
        drafts = {page: _changed(text, share, page) for page, text in without.texts.items()}
        pairs.append((without, _decode(engine, tokens, drafts)))
    first, second = ([pair[way] for pair in pairs] for way in (0, 1))
    return min(first, key=lambda d: d.seconds), min(second, key=lambda d: d.seconds)


@torch.inference_mode()
def _decode(
    engine: LocalEngine, tokens: list[int], drafts: Mapping[int, tuple[int, ...]]
) -> Decoded:
    """Pages that differ in their prompts alone, for the picture is not what is measured."""
    (job,) = make_jobs(1, 1, seed=0)
    requests = [
        OcrRequest(images=(job.image,), box=Box(0, 0, 100 + page, 100 + page), max_new_tokens=count)
        for page, count in enumerate(tokens)
    ]
    sequences = sequences_of(engine, requests)
    written = 0

    def hear(index: int, token_id: int, probability: float) -> None:  # noqa: ARG001  # a listener
        nonlocal written
        written += 1

    for page, sequence in enumerate(sequences):
        own = (drafts[page],) if page in drafts else None
        sequence.input = replace(sequence.input, drafts=own)
        sequence.listener = hear
    found = Decoded({}, [])
    runner, running, clock = runner_of(engine), list(sequences), chosen_clock()
    with prefilled(engine, sequences):
        while running:
            before, start = written, clock()
            outputs = runner.decode()
            seconds = clock() - start
            found.steps.append((len(running), written - before, seconds))
            for output in outputs:
                found.texts[sequences.index(output.sequence)] = output.token_ids
                running.remove(output.sequence)
                runner.release(output.sequence)
    return found


def _changed(text: tuple[int, ...], share: float, seed: int) -> tuple[int, ...]:
    """So much of a text's tokens replaced by others of it."""
    rng = random.Random(f"{seed} changed")
    draft = list(text)
    for place in rng.sample(range(len(draft)), round(share * len(draft))):
        draft[place] = rng.choice([token for token in text if token != text[place]] or [0])
    return tuple(draft)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.drafting",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model", default="tiny", choices=["tiny", "real"])
    add("--dtype", default="float32", choices=["float32", "bfloat16"])
    add("--threads", type=int, help="torch's threads (as many as torch takes)")
    add("--tokens", type=int, default=800, help="of a page; with --costs of each row")
    add("--pages", type=int, default=12, help="of the batch")
    add("--changed", type=float, default=0.05, help="share of a draft's tokens that are wrong")
    add("--rounds", type=int, default=3)
    add("--costs", action="store_true", help="only what a step takes")
    return parser.parse_args(argv)


if __name__ == "__main__":
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own
    sys.exit(main())
