"""What each step of a read on a cluster costs: the numbers of ``benchmarks/_ray_rates.py``.

    python -m benchmarks.ray_costs [--pages 48]

Seconds are those that processors worked, page processes included, so they are comparable on a
machine that is not idle. Pages are A4 scans of the examples. Needs the extra ``ray``, and psutil.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
import pyarrow as pa
import pyarrow.parquet as pq

from examples.sample_pages import REPORT, write_scan
from got_loaders import ReadOptions
from got_loaders.pipeline.handover import AnsweredPage, DetachedPage, answer
from got_loaders.ray.finish import FinishPages
from got_loaders.ray.settings import EngineSpec, ReadPlan
from got_loaders.ray.stages import COLUMN, ListFiles, RenderPages, SplitFiles, to_column
from got_loaders.testing import FakeEngine

__all__ = ["main"]

_TEXT = "A line of the page that somebody wrote in 1923, with 12 words. " * 48
"""Some 800 tokens of mark-up to be looked through."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=48)
    pages = parser.parse_args(argv).pages
    with tempfile.TemporaryDirectory() as folder:
        for name, value in costs(Path(folder), pages):
            print(f"{name:12} {value:,.4g}", flush=True)
    return 0


def costs(folder: Path, pages: int) -> Iterator[tuple[str, float]]:
    """Names as in ``Rates``; seconds or bytes of one page."""
    write_scan(folder / "scan.pdf", (REPORT * pages)[:pages])
    options = ReadOptions()
    plan = ReadPlan(options, EngineSpec.of(None, partial(FakeEngine, _TEXT), options), 16)
    (files,) = ListFiles(plan)({"path": [str(folder / "scan.pdf")]})
    work = [row for table in SplitFiles(plan)(files) for row in table.to_pylist()]
    render = RenderPages(plan)
    list(render(work[0]))  # starts the process for pages
    rows = [row for unit in work for row in render(unit)]
    with _Worked() as worked:
        rows = [row for unit in work for row in render(unit)]
    yield "render", worked.seconds / pages
    yield "page_bytes", sum(len(row[COLUMN]) for row in rows) / pages
    with _Worked() as worked:
        unpickled = [pickle.loads(row[COLUMN]) for row in rows]
    yield "unpickle", worked.seconds / pages
    engine = FakeEngine(_TEXT)
    answers = [_answered(page, engine, options) for page in unpickled]
    finish = FinishPages(plan)
    with _Worked() as worked:
        tables = [
            table
            for start in range(0, pages, 16)
            for table in finish(to_column(answers[start : start + 16]))
        ]
    yield "finish", worked.seconds / pages
    distinct = [
        table.set_column(
            table.schema.get_field_index("text"), "text", pa.array(_texts(len(table), number))
        )
        for number, table in enumerate(tables)
    ]
    pq.write_table(pa.concat_tables(distinct), folder / "rows.parquet")
    yield "row_bytes", (folder / "rows.parquet").stat().st_size / pages


def _answered(page: Any, engine: FakeEngine, options: ReadOptions) -> AnsweredPage:
    assert isinstance(page, DetachedPage), page
    return answer(page, engine, options, local=lambda file: file)()


def _texts(count: int, seed: int) -> list[str]:
    """Texts of 800 words that differ, drawn from as many words as a language's common ones."""
    choose = random.Random(seed)
    words = ["".join(choose.choices("abcdefghijklmnopqrstuvwxyz", k=5)) for _ in range(3000)]
    return [" ".join(choose.choices(words, k=600)) for _ in range(count)]


class _Worked:
    """Seconds that processors worked for this process and those that it has started."""

    seconds = 0.0

    def __enter__(self) -> Self:
        self._start = self._now()
        return self

    def __exit__(self, *exception: object) -> None:
        self.seconds = self._now() - self._start

    def _now(self) -> float:
        own = os.times()
        children = sum(
            sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True)
        )
        return own.user + own.system + own.children_user + own.children_system + children


if __name__ == "__main__":
    raise SystemExit(main())
