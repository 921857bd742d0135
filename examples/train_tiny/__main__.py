"""Train the tiny checkpoint: `python -m examples.train_tiny --help`.

The one module that knows the command line, the clock and the plan of the training.
"""

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from .batches import Mixture, SampleStream, batches
from .layouts import MOST_LINES
from .samples import MODES, Mode
from .trainer import Progress, Trainer, Weights

READING_FIRST: Mixture = {"plain": 8, "doc": 1, "blocks": 1}
WARM_UP_STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The reading stage by batch number: fewer lines and plain pages first, then every mode."""

    mixture: Mixture
    all_modes_at: int
    ramp: int

    def __call__(self, number: int) -> tuple[Mixture, int]:
        """The mixture of modes and the most lines of a page."""
        lines = min(MOST_LINES, 4 + (MOST_LINES - 4) * number // max(1, self.ramp))
        return (READING_FIRST if number < self.all_modes_at else self.mixture), lines


@dataclass(frozen=True, slots=True)
class GlyphPlan:
    """The glyph stage: full pages from the start."""

    def __call__(self, _number: int) -> tuple[Mixture, int]:
        """The mixture of modes and the most lines of a page."""
        return {"plain": 6, "doc": 2, "blocks": 2}, MOST_LINES


class Say(Protocol):
    """Takes a line of the log."""

    def __call__(self, **values: float | str) -> None: ...


def main(argv: list[str] | None = None, *, say: Say | None = None) -> int:
    """Run the stages; write the state and the checkpoint under `--out`.

    `say` takes each line of the log; without it they are printed, as JSON.
    """
    options = _parser().parse_args(argv)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    trainer = Trainer(
        Weights(
            glyphs=options.glyph_weight,
            pointer=options.pointer_weight,
            wrong_characters=options.wrong_characters,
        ),
        muon_rate=options.muon_rate,
        device=options.device,
    )
    say = say or _print
    if options.resume:
        trainer.load(options.resume)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.glyph_minutes:
        _train_glyphs(trainer, options, say)
    _train_reading(trainer, options, say)
    return 0


def _train_glyphs(trainer: Trainer, options: argparse.Namespace, say: Say) -> None:
    clock = _Clock(options.glyph_minutes)
    stream = batches(
        SampleStream(options.seed, options.batch_size, GlyphPlan()), workers=options.workers
    )
    step = 0
    while not clock.over:
        warm = min(1.0, (step + 1) / 30)
        rate = options.learning_rate * warm * (1 - 0.6 * clock.share)
        progress = trainer.glyph_step(next(stream), rate)
        step += 1
        if step % options.log_every == 0:
            say(stage="glyphs", step=step, minutes=clock.minutes, right=progress.glyphs_right)
    trainer.save(state=options.out / "state.pt")


def _train_reading(trainer: Trainer, options: argparse.Namespace, say: Say) -> None:
    plan = Plan(mixture=options.mix, all_modes_at=options.all_modes_at, ramp=options.ramp)
    stream = batches(
        SampleStream(options.seed + 1, options.batch_size, plan), workers=options.workers
    )
    clock = _Clock(options.minutes)
    step, save_at = 0, options.save_every
    recent: list[Progress] = []
    while not clock.over:
        warm = min(1.0, (step + 1) / WARM_UP_STEPS)
        floor = 0.0 if options.anneal_to_zero else 1.0
        decay = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * clock.share))
        rate = options.learning_rate * warm * decay
        recent.append(trainer.reading_step(next(stream), rate))
        step += 1
        if len(recent) == options.log_every:
            say(stage="reading", step=step, minutes=clock.minutes, rate=rate, **_means(recent))
            recent.clear()
        if clock.minutes > save_at:
            trainer.save(options.out / "state.pt", options.out / "checkpoint")
            save_at += options.save_every
    trainer.save(options.out / "state.pt", options.out / "checkpoint")
    say(stage="done", step=step, minutes=clock.minutes)


class _Clock:
    """Minutes since its creation, of a stage that lasts `length` minutes."""

    def __init__(self, length: float) -> None:
        self._start = time.monotonic()
        self._length = length

    @property
    def minutes(self) -> float:
        return (time.monotonic() - self._start) / 60

    @property
    def share(self) -> float:
        return min(1.0, self.minutes / self._length)

    @property
    def over(self) -> bool:
        return self.minutes >= self._length


def _means(steps: list[Progress]) -> dict[str, float]:
    def mean(values: list[float]) -> float:
        return sum(values) / len(values)

    looks = zip(*(step.looks_right for step in steps), strict=True)
    return {
        "loss": mean([step.loss for step in steps]),
        "right": mean([step.characters_right for step in steps]),
        "glyphs": mean([step.glyphs_right for step in steps]),
        **{f"looks{index}": mean(list(values)) for index, values in enumerate(looks)},
    }


def _print(**values: float | str) -> None:
    rounded = {key: round(v, 6) if isinstance(v, float) else v for key, v in values.items()}
    print(json.dumps(rounded), flush=True)


def _mixture(text: str) -> dict[Mode, float]:
    weights = dict(part.split("=") for part in text.split(","))
    unknown = set(weights) - set(MODES)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such mode: {', '.join(sorted(unknown))}")
    return {mode: float(weights[mode]) for mode in MODES if mode in weights}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m examples.train_tiny", description=__doc__)
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder for state.pt and checkpoint/")
    add("--resume", type=Path, help="a state.pt to go on from")
    add("--minutes", type=float, default=110, help="length of the reading stage")
    add("--glyph-minutes", type=float, default=0, help="glyphs alone first; 5 from scratch")
    add("--learning-rate", type=float, default=1.2e-3)
    add("--anneal-to-zero", action="store_true", help="cosine to zero at the last minute")
    add("--mix", type=_mixture, default=_mixture(DEFAULT_MIX), help=DEFAULT_MIX)
    add("--ramp", type=int, default=1, help="batches until pages are full; 1500 from scratch")
    add("--all-modes-at", type=int, default=0, help="batch of the first mix; 2000 from scratch")
    add("--batch-size", type=int, default=8)
    add("--glyph-weight", type=float, default=0.4)
    add("--pointer-weight", type=float, default=0.5)
    add("--wrong-characters", type=float, default=0.02, help="share in the decoder's history")
    add("--muon-rate", type=float, default=1.5, help="Muon's learning rate over AdamW's")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=2)
    add("--workers", type=int, default=1, help="processes that draw pages; 0: the trainer's own")
    add(
        "--device",
        default="cpu",
        help="cuda trains on a GPU; give it more workers and --batch-size",
    )
    add("--log-every", type=int, default=50, help="steps")
    add("--save-every", type=float, default=10, help="minutes")
    return parser


DEFAULT_MIX = "plain=4,doc=1,format=3,blocks=1.5,box=2.5,color=2,crop=1,multi=1"

if __name__ == "__main__":
    sys.exit(main())
