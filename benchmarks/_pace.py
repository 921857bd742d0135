"""Pages a second, cell by cell of the table: one engine for all, a new one after trouble."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from benchmarks import _gpu_report as report
from benchmarks._floor import Floor
from benchmarks._inside import StepClock, ways_of
from benchmarks._memory import free_memory
from benchmarks._steady import Deadline, Pages, Stretch, steady
from benchmarks._ways import Setup, open_recipe
from benchmarks._workload import Job, make_jobs
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.device.device import is_out_of_memory

LEAST_PAGES = 4
"""So many are timed at the least, and two generations of those in flight."""
PROBE_TOKENS = 16
"""A short page read by the recipe tells whether there is time for a long one."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """``stretch`` is None where nothing was measured; ``note`` says why."""

    tokens: int
    flight: int
    floor: Floor
    stretch: Stretch | None
    note: str = ""

    def row(self, recipe: float | None) -> str:
        if self.stretch is None:
            return report.empty_row(self.tokens, self.flight, self.note)
        return report.row(self.stretch, self.floor, recipe)

    def values(self, recipe: float | None) -> dict[str, object]:
        if self.stretch is None:
            return {"tokens": self.tokens, "flight": self.flight, "note": self.note}
        return report.values(self.stretch, self.floor, recipe)


class Pace(AbstractContextManager["Pace"]):
    """Measures cells, and keeps what it found. ``floor(tokens, flight)`` is a cell's floor."""

    def __init__(
        self, setup: Setup, *, most: int, submitters: int, floor: Callable[[int, int], Floor]
    ) -> None:
        self.ways = "not opened"
        self._setup, self._most, self._submitters, self._floor = setup, most, submitters, floor
        self._pages = Pages()
        self._cells: list[_Cell] = []
        self._engine: LocalEngine | None = None
        self._clock: StepClock | None = None

    def __exit__(self, *exception: object) -> None:
        self._close()

    @property
    def values(self) -> list[dict[str, object]]:
        """What was found, for machines."""
        return self.values_beside({})

    @property
    def wrong(self) -> bool:
        """Whether a page did not get the tokens that it was asked for."""
        return any(cell.stretch is not None and cell.stretch.short > 0 for cell in self._cells)

    def values_beside(self, recipe: dict[int, float]) -> list[dict[str, object]]:
        """The same beside the recipe's seconds a page, by tokens."""
        return [cell.values(recipe.get(cell.tokens)) for cell in self._cells]

    def table(self, recipe: dict[int, float]) -> str:
        """All cells in the order of tokens and pages in flight, and the recipe."""
        cells = sorted(self._cells, key=lambda cell: (cell.tokens, cell.flight))
        rows = [cell.row(recipe.get(cell.tokens)) for cell in cells]
        slow = [report.recipe_row(n, recipe[n], self._floor(n, 1)) for n in sorted(recipe)]
        return "\n".join([report.HEADER, *rows, *slow])

    def measure(self, tokens: int, flight: int, recipe: float | None, deadline: Deadline) -> str:
        """Measure one cell; its line of the table."""
        floor = self._floor(tokens, flight)
        if 2 * flight * floor.page >= deadline.left:
            stretch, note = None, "no time"
        else:
            stretch, note = self._try(tokens, flight, deadline)
        self._cells.append(_Cell(tokens, flight, floor, stretch, note))
        return self._cells[-1].row(recipe)

    def _try(self, tokens: int, flight: int, deadline: Deadline) -> tuple[Stretch | None, str]:
        try:
            engine, clock = self._open()
            stretch = steady(
                engine,
                clock,
                self._pages,
                tokens=tokens,
                flight=flight,
                generations=max(2, -(-LEAST_PAGES // flight)),
                deadline=deadline,
                threads=self._submitters,
            )
        except Exception as error:  # noqa: BLE001  # the rest of the table is worth having
            self._close()
            return None, "out of memory" if _short_of_memory(error) else f"failed: {error}"
        self.ways = str(ways_of(engine))
        return stretch, "no time"

    def _open(self) -> tuple[LocalEngine, StepClock]:
        if self._engine is None or self._clock is None:
            config = EngineConfig(
                model=str(self._setup.folder),
                device=self._setup.device,
                dtype=self._setup.dtype,
                max_batch_size=self._most,
                max_queued=self._most + self._submitters,
            )
            self._engine = LocalEngine(config)
            self._clock = StepClock(self._engine)
        return self._engine, self._clock

    def _close(self) -> None:
        if self._engine is not None:
            self._engine.close()
        self._engine = self._clock = None
        free_memory(self._setup.device)


def recipe_seconds(setup: Setup, tokens: Sequence[int], deadline: Deadline) -> dict[int, float]:
    """Seconds of a page by the published recipe, by its tokens; those that there is time for."""
    found: dict[int, float] = {}
    (job,) = make_jobs(1, 1, 0)
    if not tokens or not deadline.left:
        return found
    try:
        with open_recipe(setup) as read:
            read([Job(0, job.image, 2)])
            start = time.perf_counter()
            read([Job(0, job.image, PROBE_TOKENS)])
            each = (time.perf_counter() - start) / PROBE_TOKENS
            for count in tokens:
                if each * count < deadline.left:
                    found[count] = read([Job(0, job.image, count)]).answered[0]
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    free_memory(setup.device)
    return found


def _short_of_memory(error: BaseException) -> bool:
    return is_out_of_memory(error) or (
        error.__cause__ is not None and _short_of_memory(error.__cause__)
    )
