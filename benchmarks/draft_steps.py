"""How many tokens a step gives with a draft, and what the steps cost, by simulation.

    python -m benchmarks.draft_steps [FOLDER] [--pages 40] [--ranks qwen.tiktoken]

A step's tokens follow from the draft and from what the model writes in the end, so no model runs:
what it would read is the page's own text with some words misread, in its lines, as paragraphs, or
marked up. FOLDER holds PDFs with text layers; without one, pages are made of this library's
documentation. The embedded model has a token for a letter: `--ranks` is the file of Qwen's tokens,
which the published model has, and without it the numbers say little.

Printed are tokens a step where positions cost nothing, at most 3 or 7 proposals each; then, by the
tables of costs in `engine/draft/budget.py`, the cost of all steps of a page that is alone, without
drafts = 1: what a device chooses to propose depends on what it costs there.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks._draft_pages import (
    DraftPage,
    in_lines,
    in_paragraphs,
    marked_up,
    misread,
    pages_of,
    shuffled,
)
from benchmarks._draft_tokenizer import Encode, encoder
from got_loaders.engine.draft.budget import DraftBudget, draft_budget
from got_loaders.engine.draft.drafter import Drafter
from got_loaders.engine.draft.share import propose_all
from got_loaders.engine.processor.drafts import draft_variants

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"

BUDGETS: dict[str, tuple[DraftBudget, tuple[int, ...]]] = {
    "CPU bf16": (draft_budget("cpu", 2, 2**30), ()),
    "CPU fp32": (draft_budget("cpu", 4, 2**30), ()),
    "tiny": (draft_budget("cpu", 4, 2**23), ()),
    "CUDA": (draft_budget("cuda", 2, 2**30), (1, 4, 8)),
    "MPS": (draft_budget("mps", 2, 2**30), ()),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One page: what it is read as, and its draft in tokens."""

    reading: tuple[int, ...]
    drafts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """What it takes to write a reading: its tokens but the first, steps, and their cost."""

    tokens: int
    steps: int
    cost: float
    """Without drafts each token costs 1."""


Kind = Callable[[DraftPage, int, random.Random], tuple[str, str, bool]]
"""A page, its number, chance → what is read, the draft, whether it is formatted."""


def kinds(pages: Sequence[DraftPage]) -> dict[str, Kind]:
    """What may be read of a page, and which draft it may have."""

    def other(number: int) -> DraftPage:
        return pages[(number + 5) % len(pages)]

    return {
        **{f"lines, {s:.0%} of words misread": _lines(s) for s in (0.02, 0.05)},
        **{f"paragraphs, {s:.0%}": _paragraphs(s) for s in (0.02, 0.05)},
        **{f"marked up, {s:.0%}": _marked_up(s) for s in (0.02, 0.05)},
        **{f"bad layer, {s:.0%} of words wrong": _garbled(s) for s in (0.3, 0.6)},
        "another page's text": lambda page, n, _: (in_lines(page.draft), other(n).draft, False),
        "words in any order": lambda page, _, c: (
            in_lines(page.draft),
            shuffled(page.draft, c),
            False,
        ),
        "no draft": lambda page, _, __: (in_lines(page.draft), "", False),
    }


def cases(pages: Sequence[DraftPage], kind: Kind, encode: Encode) -> list[Case]:
    """The pages by one of the kinds; the same ones every time."""
    made = []
    for number, page in enumerate(pages):
        reading, draft, formatted = kind(page, number, random.Random(number))
        variants = draft_variants(draft, formatted=formatted, max_new_tokens=4096)
        made.append(Case(encode(reading), tuple(map(encode, variants))))
    return made


def simulate(case: Case, budget: DraftBudget, widths: Sequence[int] = ()) -> Steps:
    """Write the reading with the draft, in a batch of one row."""
    drafter, reading = Drafter(case.drafts), case.reading
    drafter.observe(reading[:1], 0)
    written, steps, cost = 1, 0, 0.0
    while written < len(reading):
        (proposed,) = propose_all([drafter], [len(reading) - written - 1], budget, widths)
        accepted = 0
        while accepted < len(proposed) and proposed[accepted] == reading[written + accepted]:
            accepted += 1
        drafter.observe(reading[written : written + accepted + 1], accepted)
        written += accepted + 1
        steps += 1
        brought = 1 + len(proposed)
        cost += budget.cost(1, min((w for w in widths if w >= brought), default=brought))
    return Steps(len(reading) - 1, steps, cost / budget.cost(1, 1))


def total(results: Sequence[Steps]) -> Steps:
    """Of all pages."""
    return Steps(
        sum(each.tokens for each in results),
        sum(each.steps for each in results),
        sum(each.cost for each in results),
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = _options(argv)
    pages = pages_of(options.folder, options.pages)
    encode = encoder(options.ranks)
    free = [DraftBudget(costs=((1, 1.0),), max_window=k) for k in (3, 7)]
    rules = options.ranks or "the embedded model's tokenizer"
    print(f"{len(pages)} pages; {rules}")
    print(f"{'':32}  tokens a step   cost of all steps, without drafts = 1")
    print(f"{'':32}  k = 3   k = 7   " + "".join(f"{name:>10}" for name in BUDGETS))
    for name, kind in kinds(pages).items():
        of_kind = cases(pages, kind, encode)
        gains = (total([simulate(case, budget) for case in of_kind]) for budget in free)
        row = "".join(f"{gain.tokens / gain.steps:8.2f}" for gain in gains)
        for budget, widths in BUDGETS.values():
            result = total([simulate(case, budget, widths) for case in of_kind])
            row += f"{result.cost / result.tokens:10.2f}"
        print(f"{name:32}{row}")


def _lines(share: float) -> Kind:
    return lambda page, _, chance: (misread(in_lines(page.draft), share, chance), page.draft, False)


def _paragraphs(share: float) -> Kind:
    return lambda page, _, chance: (
        misread(in_paragraphs(page.draft), share, chance),
        page.draft,
        False,
    )


def _marked_up(share: float) -> Kind:
    return lambda page, _, chance: (
        misread(marked_up(page, chance), share, chance),
        page.draft,
        True,
    )


def _garbled(share: float) -> Kind:
    return lambda page, _, chance: (
        in_lines(page.draft),
        misread(page.draft, share, chance),
        False,
    )


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--ranks", type=Path)
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
