"""Whether confidence tells good readings from bad: `python -m benchmarks.confidence`.

Pages of mixed quality are read, and ranked twice: by how unsure the model was, and by the error
rate of what it read. The two ranks agree as Spearman's coefficient says: 1 wholly, 0 not at all.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import numpy.typing as npt

from benchmarks._edits import edit_distance
from benchmarks._mixed import MixedPage, mixed_pages
from got_loaders import Engine, EngineConfig, LocalEngine, OcrRequest, OcrResult

MEASURE = "the mean probability of the chosen tokens (OcrResult.confidence)"


@dataclass(frozen=True, slots=True)
class Scored:
    """One page: how damaged it was, how sure the model, how wrong the text (edits / characters)."""

    damage: float
    confidence: float
    error_rate: float
    finish_reason: str


def main(argv: Sequence[str] | None = None) -> int:
    """Print the correlation, and a table by damage."""
    options = _parser().parse_args(argv)
    config = EngineConfig(model=options.model, device=options.device)
    with LocalEngine(config) as engine:
        scored = read(engine, mixed_pages(options.pages, options.seed), options.max_new_tokens)
    print(f"{len(scored)} pages of mixed quality, seed {options.seed}, model {options.model}")
    print(f"confidence: {MEASURE}")
    milder = sorted(scored, key=lambda page: page.damage)[: len(scored) // 2]
    print(f"Spearman, 1 - confidence and character error rate: {agreement(scored):.2f}")
    print(f"the same among the less damaged half of the pages: {agreement(milder):.2f}\n")
    print("| damage | pages | mean CER | mean confidence | not ended |\n|---|---|---|---|---|")
    for row in _rows(scored):
        print(row)
    return 0


def read(engine: Engine, pages: Iterable[MixedPage], max_new_tokens: int) -> list[Scored]:
    """Read the pages as readers do, and compare what was read with what stands there."""
    asked = [(page, engine.submit(_request(page, max_new_tokens))) for page in pages]
    return [_scored(page, future.result()) for page, future in asked]


def agreement(scored: Sequence[Scored]) -> float:
    """How well doubt ranks the pages by their errors."""
    return spearman([1 - page.confidence for page in scored], [page.error_rate for page in scored])


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's rank correlation; equal values share the mean of their ranks."""
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def ranks(values: Sequence[float]) -> npt.NDArray[np.float64]:
    """The rank of each value, from 1."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _request(page: MixedPage, max_new_tokens: int) -> OcrRequest:
    return OcrRequest(images=(page.image,), max_new_tokens=max_new_tokens, stop_on_repetition=True)


def _scored(page: MixedPage, result: OcrResult) -> Scored:
    rate = edit_distance(page.text, result.text) / max(1, len(page.text))
    return Scored(page.damage, result.confidence or 0.0, rate, result.finish_reason)


def _rows(scored: list[Scored], parts: int = 10) -> Iterator[str]:
    """A row of the table for each tenth of the pages, the least damaged first."""
    ordered = sorted(scored, key=lambda page: page.damage)
    for number in range(parts):
        part = ordered[len(ordered) * number // parts : len(ordered) * (number + 1) // parts]
        if part:
            span = f"{part[0].damage:.2f}–{part[-1].damage:.2f}"
            rate = fmean(page.error_rate for page in part)
            confidence = fmean(page.confidence for page in part)
            cut = sum(page.finish_reason != "stop" for page in part)
            yield f"| {span} | {len(part)} | {rate:.1%} | {confidence:.3f} | {cut} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.confidence", description=__doc__)
    parser.add_argument("--model", default="tiny", help="a hub id, a folder or tiny")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--max-new-tokens", type=int, default=600)
    return parser


if __name__ == "__main__":
    sys.exit(main())
