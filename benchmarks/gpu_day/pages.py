"""Pages a second by tokens a page and pages that decode together, without drafts and with them.

Beside the floor: see `benchmarks/_floor.py` for what that is. One engine reads all of it, a new one
after trouble. Also whether a page gets the same text with a draft as without: it must, for the
checkpoint's choices leave rounding no say.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from itertools import product
from pathlib import Path

import torch
from transformers import AutoTokenizer, GotOcr2Config

from benchmarks._ceilings import ceilings_of
from benchmarks._floor import Ceilings, Floor, Work, floor_of, work_of
from benchmarks._inside import StepClock, limit_rows, ways_of
from benchmarks._memory import free_memory
from benchmarks._workload import make_jobs
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.drafts import drafts_of
from benchmarks.gpu_day.gpu_tests import is_broken
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings
from benchmarks.gpu_day.stage_main import one_line
from benchmarks.gpu_day.steady import Pages, Stretch, steady
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.device.device import is_out_of_memory
from got_loaders.engine.processor.prompt import IMAGE_TOKEN, prompt_text
from got_loaders.types import OcrRequest

LEAST_TOKENS = 128 * 800
"""About so many are timed at the least, and one generation of those in flight."""


def run(settings: Settings, results: Results, deadline: Deadline, which: str) -> None:
    """The first length of all, or the others; the most telling number in flight first."""
    lengths = settings.tokens[:1] if which == "first" else settings.tokens[1:]
    work, ceilings = work_and_ceilings(settings)
    results.add(work=asdict(work), ceilings=asdict(ceilings), cells=[])
    with Pace(settings, work, ceilings) as pace:
        for tokens, flight in product(lengths, settings.flight):
            for draft in (False, True):
                try:
                    pace.measure(tokens, flight, deadline, drafts=draft)
                finally:
                    results.add(cells=pace.cells, ways=pace.ways)
    if pace.cells and not any("pages_per_second" in cell for cell in pace.cells):
        raise RuntimeError(f"nothing was measured: {pace.cells[0].get('note')}")


class Pace(AbstractContextManager["Pace"]):
    """Measures cells, and keeps what it found."""

    def __init__(self, settings: Settings, work: Work, ceilings: Ceilings) -> None:
        self.cells: list[dict[str, object]] = []
        self.ways = "not opened"
        self._settings, self._work, self._ceilings = settings, work, ceilings
        self._pages = Pages()
        self._engine: tuple[LocalEngine, StepClock] | None = None
        self._slowness = 1.0
        self._without: tuple[int, int, Mapping[int, str]] = (0, 0, {})

    def __exit__(self, *exception: object) -> None:
        self._close()

    def measure(self, tokens: int, flight: int, deadline: Deadline, *, drafts: bool) -> None:
        """Measure one cell; with drafts the one before it must have been the same without."""
        floor = floor_of(self._work, self._ceilings, tokens=tokens, flight=flight)
        cell: dict[str, object] = {"tokens": tokens, "flight": flight, "drafts": drafts}
        self.cells.append(cell)
        texts = self._without[2] if self._without[:2] == (tokens, flight) else {}
        generations = max(1, round(LEAST_TOKENS / tokens / flight)) if self._settings.on_gpu else 1
        generations = min(generations, 4)
        needed = flight * floor.page * self._slowness  # of the first generation: the rest is cut
        if drafts and not texts:
            cell["note"] = "no texts to draft from"
        elif needed > deadline.left:
            cell["note"] = f"no time: {needed:.0f} s are needed, {deadline.left:.0f} are left"
        else:
            try:
                written = drafts_of(texts) if drafts else None
                stretch = self._steady(tokens, flight, generations, deadline, written)
            except Exception as error:  # the rest of the table is worth having
                if is_broken(str(error)):
                    cell["note"] = "failed, and the process's GPU context with it"
                    raise
                self._close()
                cell["note"] = _said(error)
            else:
                self._note(cell, stretch, floor, texts)

    def _note(
        self,
        cell: dict[str, object],
        stretch: Stretch | None,
        floor: Floor,
        texts: Mapping[int, str],
    ) -> None:
        if stretch is None:
            cell["note"] = "out of time before the first generation was read"
            return
        cell |= values(stretch, floor)
        if cell["drafts"]:
            compared = [number for number in stretch.texts if number in texts]
            cell["compared"] = len(compared)
            cell["differ"] = sum(stretch.texts[number] != texts[number] for number in compared)
        else:
            self._slowness = stretch.seconds / stretch.pages / floor.page
            self._without = (stretch.tokens, stretch.flight, stretch.texts)

    def _steady(
        self,
        tokens: int,
        flight: int,
        generations: int,
        deadline: Deadline,
        drafts: Mapping[int, str] | None,
    ) -> Stretch | None:
        engine, clock = self._open()
        limit_rows(engine, flight)
        stretch = steady(
            engine,
            clock,
            self._pages,
            tokens=tokens,
            flight=flight,
            generations=generations,
            deadline=deadline,
            threads=self._settings.submitters,
            drafts=drafts,
        )
        self.ways = str(ways_of(engine))
        return stretch

    def _open(self) -> tuple[LocalEngine, StepClock]:
        if self._engine is None:
            engine = open_engine(self._settings, max(self._settings.flight))
            self._engine = engine, StepClock(engine)
        return self._engine

    def _close(self) -> None:
        if self._engine is not None:
            self._engine[0].close()
        self._engine = None
        free_memory(self._settings.device)


def open_engine(settings: Settings, rows: int, checkpoint: Path | None = None) -> LocalEngine:
    """An engine that has room for so many rows, and for as many pages that wait."""
    config = EngineConfig(
        model=str(checkpoint or settings.checkpoint),
        device=settings.device,
        dtype=settings.dtype,
        max_batch_size=rows,
        max_queued=rows + settings.submitters,
    )
    return LocalEngine(config)


def work_and_ceilings(settings: Settings) -> tuple[Work, Ceilings]:
    """What a page costs by formula, and what the device can do, measured."""
    dtype = getattr(torch, settings.dtype)
    config = GotOcr2Config.from_pretrained(settings.checkpoint)
    tokenizer = AutoTokenizer.from_pretrained(settings.checkpoint)
    request = OcrRequest(images=(make_jobs(1, 1, 0)[0].image,))
    text = prompt_text(request, image_tokens=config.image_seq_length, style="hf")
    assert text.count(IMAGE_TOKEN) == config.image_seq_length
    work = work_of(config, prompt=len(tokenizer.encode(text)), itemsize=dtype.itemsize)
    return work, ceilings_of(settings.device, dtype)


def values(stretch: Stretch, floor: Floor) -> dict[str, object]:
    """What was measured, the floor of reading without drafts, and what follows from both."""
    page = stretch.seconds / stretch.pages
    measured = asdict(stretch)
    del measured["texts"]
    answered = stretch.answered * stretch.tokens
    return measured | {
        "pages_per_second": 1 / page,
        "tokens_per_second": stretch.tokens / page,
        "tokens_per_step": answered / max(1, answered - stretch.accepted),
        "floor": asdict(floor) | {"page": floor.page},
        "over_floor": page / floor.page,
    }


def _said(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if is_out_of_memory(cause):
            return "out of memory"
        cause = cause.__cause__
    return f"failed: {one_line(error)}"
