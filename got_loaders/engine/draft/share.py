"""Shares a step's positions among the rows that have something to propose. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.engine.draft.acceptance import Acceptance
from got_loaders.engine.draft.budget import DraftBudget
from got_loaders.engine.draft.drafter import Drafter

__all__ = ["propose_all"]


def propose_all(
    drafters: Sequence[Drafter | None],
    room: Sequence[int],
    budget: DraftBudget,
    widths: Sequence[int] = (),
) -> list[list[int]]:
    """What each row proposes for the next step.

    ``room`` is how many proposals each row has place for. There are as many in all as promise the
    most tokens for what the step costs, and no more than the budget allows; those come first that
    are likeliest to be right. ``widths``: every row brings as many tokens, one of these numbers,
    its newest one included; then each proposes as many as that leaves it.
    """
    chances = [
        None if drafter is None or room[row] <= 0 else drafter.acceptance
        for row, drafter in enumerate(drafters)
    ]
    if widths:
        window = _best_width(chances, budget, widths) - 1
        counts = [
            0 if chance is None else min(window, room[row]) for row, chance in enumerate(chances)
        ]
    else:
        counts = _best_counts(chances, room, budget)
    return [
        [] if drafter is None else drafter.propose(count)
        for drafter, count in zip(drafters, counts, strict=True)
    ]


def _best_width(
    chances: Sequence[Acceptance | None], budget: DraftBudget, widths: Sequence[int]
) -> int:
    """The number of positions a row that gives the most tokens for its cost; 1: none propose."""
    rows = len(chances)
    most = min(budget.positions(rows), rows * (budget.max_window + 1))
    known = [chance for chance in chances if chance is not None]
    best, best_rate = 1, rows / budget.cost(rows, rows) if rows else 0.0
    for width in widths:
        if width == 1 or rows * width > most:
            continue
        tokens = rows + sum(chance.expected(width - 1) for chance in known)
        rate = tokens / budget.cost(rows, rows * width)
        if rate > best_rate:
            best, best_rate = width, rate
    return best


def _best_counts(
    chances: Sequence[Acceptance | None], room: Sequence[int], budget: DraftBudget
) -> list[int]:
    """How many each row proposes, so that the step gives the most tokens for its cost."""
    rows = len(chances)
    counts = [0] * rows
    spare = budget.positions(rows) - rows
    if spare <= 0:
        return counts
    gains: list[tuple[float, int]] = []
    for row, chance in enumerate(chances):
        if chance is None:
            continue
        gain = chance.first
        for _ in range(min(room[row], budget.max_window)):
            gains.append((gain, row))
            gain *= chance.then
    gains.sort(key=lambda gain: -gain[0])  # stable: a row's second proposal follows its first
    tokens, best, best_rate = float(rows), 0, rows / budget.cost(rows, rows)
    for count, (gain, _) in enumerate(gains[:spare], 1):
        tokens += gain
        rate = tokens / budget.cost(rows, rows + count)
        if rate > best_rate:
            best, best_rate = count, rate
    for _, row in gains[:best]:
        counts[row] += 1
    return counts
