"""Pages in place of rendered ones, made at next to no cost; and the obvious way to read them."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray.data
from PIL import Image, ImageDraw

from got_loaders.pipeline.handover import DetachedPage, answer, plan_pages
from got_loaders.ray.finish import FinishPages
from got_loaders.ray.settings import ReadPlan
from got_loaders.ray.stages import COLUMN, from_column, to_column
from got_loaders.ray.storage import list_sources
from got_loaders.sources import Source, as_of_now

__all__ = ["made_pages", "page_bytes", "read_naively"]


@dataclass(frozen=True, slots=True)
class MakePages:
    """A number → that many pages, which are one page under other numbers."""

    page: DetachedPage
    each: int
    pages: int

    def __call__(self, row: dict[str, Any]) -> Iterator[dict[str, bytes]]:
        """Rows as those of a task that renders."""
        (detached,) = self.page.results
        first = row["id"] * self.each
        for number in range(first, min(first + self.each, self.pages)):
            info = replace(detached.result.info, number=number)
            result = replace(detached, result=replace(detached.result, info=info))
            page = replace(self.page, results=(result,))
            yield {COLUMN: pickle.dumps(page, protocol=pickle.HIGHEST_PROTOCOL)}


def made_pages(plan: ReadPlan, pages: int, side: int, folder: Path) -> ray.data.Dataset:
    """So many pages that are ready to be read, pictures of ``side`` pixels, by tasks of few each.

    They come as rendered ones do: a task makes ``plan.pages_per_task``. ``folder`` gets a picture.
    """
    page = _page(plan, side, folder)
    tasks = math.ceil(pages / plan.pages_per_task)
    numbers = ray.data.range(tasks, override_num_blocks=min(tasks, 8))
    work = numbers.repartition(target_num_rows_per_block=1)
    return work.flat_map(MakePages(page, plan.pages_per_task, pages), num_cpus=1)


def page_bytes(plan: ReadPlan, side: int, folder: Path) -> int:
    """How long such a page is on its way to an engine."""
    return len(pickle.dumps(_page(plan, side, folder), protocol=pickle.HIGHEST_PROTOCOL))


def _page(plan: ReadPlan, side: int, folder: Path) -> DetachedPage:
    path = folder / "page.png"
    picture = Image.new("L", (side, side), "white")
    for top in range(side // 8, side * 7 // 8, 8):
        ImageDraw.Draw(picture).line((side // 8, top, side * 7 // 8, top), fill="black", width=3)
    picture.save(path)
    (source,) = list_sources(str(path), plan.options, None)
    assert isinstance(source, Source), source
    (page,) = plan_pages(as_of_now(source), [0], plan.options)
    assert page.requests == 1, "it is no blank page"
    return page


def read_naively(
    pages: ray.data.Dataset, plan: ReadPlan, engines: int, resources: Mapping[str, Any]
) -> ray.data.Dataset:
    """As most write it: a batch as large as the engine's, and its slowest page is waited for."""
    answered = pages.map_batches(
        OneBatchAtATime,
        fn_constructor_args=(plan,),
        batch_size=32,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=engines),
        **resources,
    )
    finish = FinishPages(plan)
    return answered.map_batches(finish, batch_size=None, batch_format="pyarrow", num_cpus=0.5)


class OneBatchAtATime:
    """An engine, of which a batch is asked; then the next."""

    def __init__(self, plan: ReadPlan) -> None:
        self._options = plan.enter()
        self._provider = plan.engine.make(self._options)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Rows of pages → rows of what the engine said."""
        engine = self._provider.get()
        pages = list(from_column(batch))
        waits = [answer(page, engine, self._options, local=lambda file: file) for page in pages]
        return to_column([wait() for wait in waits])
