"""What the GPU benchmark prints and writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks._exactness import Check
from benchmarks._floor import Ceilings, Floor, Work
from benchmarks._steady import Stretch

HEADER = """
| tokens a page | in flight | pages/s | tokens/s | decode step (floor), ms \
| prefill a page (floor), ms | measured / floor | × the recipe |
|---|---|---|---|---|---|---|---|"""


class Results:
    """What was found, written to ``path`` each time that something is added."""

    def __init__(self, path: Path | None) -> None:
        self.values: dict[str, object] = {}
        self._path = path

    def add(self, **values: object) -> None:
        """Set these, and write all."""
        self.values |= values
        if self._path is not None:
            self._path.write_text(json.dumps(self.values, indent=2) + "\n", encoding="utf-8")


def machine_line(found: Mapping[str, object]) -> str:
    """The device and the versions."""
    return ", ".join(f"{name} {value}" for name, value in found.items())


def ceilings_line(ceilings: Ceilings, dtype: str) -> str:
    """Both ceilings, in the units of datasheets."""
    return (
        f"measured: {ceilings.bandwidth / 1e9:.0f} GB/s copied (read + written), "
        f"{ceilings.flops / 1e12:.3g} TFLOP/s of {dtype} products"
    )


def work_line(work: Work) -> str:
    """What a page costs."""
    return (
        f"a page: vision {work.vision / 1e9:.1f} GFLOP, prefill of {work.prompt} tokens "
        f"{work.prefill / 1e9:.1f} GFLOP; a step reads {work.weights / 1e6:.1f} MB of weights, and "
        f"{work.kv} bytes for each token of each page"
    )


def check_line(check: Check) -> str:
    """One check in words; it begins with WRONG if it failed."""
    equal = check.pages - len(check.differences)
    places = [
        f"page {one.page} from token {one.token} on"
        + ("" if one.gap is None else f", best logits {one.gap:.2g} apart")
        for one in check.differences
    ]
    return (
        ("WRONG: " if check.wrong else "")
        + f"{check.dtype}, {check.name} [{check.ways}]: {equal} of {check.pages} pages equal "
        + f"generate's, {check.as_alone} equal the first check's"
        + (f" ({'; '.join(places)})" if places else "")
    )


def check_values(check: Check) -> dict[str, object]:
    """The same for machines."""
    return asdict(check) | {"wrong": len(check.wrong)}


def row(stretch: Stretch, floor: Floor, recipe: float | None) -> str:
    """A line of the table; ≈ if it was cut short. ``recipe`` is its seconds a page."""
    pages = stretch.pages / stretch.seconds
    about = "" if stretch.whole else "≈ "
    step = "–" if stretch.step is None else f"{stretch.step * 1e3:.2f}"
    beside = "" if recipe is None else f"{about}{pages * recipe:.1f} "
    prefill = f"{stretch.prefill * 1e3:.2f} ({(floor.vision + floor.prefill) * 1e3:.2f})"
    return (
        f"| {stretch.tokens} | {stretch.flight} | {about}{pages:.3g} | "
        f"{about}{pages * stretch.tokens:.0f} | {step} ({floor.step * 1e3:.2f}) | {prefill} | "
        f"{about}{1 / pages / floor.page:.2f} | {beside}|"
    )


def empty_row(tokens: int, flight: int, why: str) -> str:
    """A line without numbers."""
    return f"| {tokens} | {flight} | {why} | | | | | |"


def recipe_row(tokens: int, seconds: float, floor: Floor) -> str:
    """The line of the published recipe, a page at a time."""
    return (
        f"| {tokens} | 1, recipe | {1 / seconds:.3g} | {tokens / seconds:.0f} | | | "
        f"{seconds / floor.page:.2f} | 1 |"
    )


def values(stretch: Stretch, floor: Floor, recipe: float | None) -> dict[str, object]:
    """A line for machines: what was measured, the floor, and what follows from both."""
    page = stretch.seconds / stretch.pages
    return asdict(stretch) | {
        "pages_per_second": 1 / page,
        "tokens_per_second": stretch.tokens / page,
        "floor": asdict(floor) | {"page": floor.page},
        "over_floor": page / floor.page,
        "over_recipe": None if recipe is None else recipe / page,
    }
