"""The tables of docs/scale.md, from ``benchmarks._ray_rates`` and ``benchmarks.ray_simulation``.

python -m benchmarks.ray_sizing    # writes them; a test says when that is due
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks._ray_rates import RATES, Rates
from benchmarks.ray_simulation import Cluster, simulate

__all__ = ["PAGE", "cores_per_engine", "main", "with_tables"]

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"

Rows = Iterator[tuple[str, ...]]

_SECONDS = 20.0
"""Of a read that are simulated."""


def main() -> int:
    """Write the tables."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def with_tables(text: str) -> str:
    """The page, with its tables made anew."""
    for heading, columns, rows in (
        ("## What is needed", ("", "a million pages", "a billion pages"), needs()),
        ("## Engines are kept busy", ("engines", *_SHARES), sizes()),
        ("## What breaks first", ("of 8 engines, and", *_SHARES, "most used"), breaks()),
    ):
        before, found, part = text.partition(f"{heading}\n")
        assert found, heading
        cells = (columns, tuple("---" for _ in columns), *rows)
        table = "".join(f"| {' | '.join(row)} |\n" for row in cells)
        made = re.sub(r"(^\|.*\n)+", table, part, count=1, flags=re.MULTILINE)
        text = before + found + made
    return text


def cores_per_engine(rates: Rates = RATES) -> float:
    """Cores that render, prepare and write for one engine; latency of storage left out."""
    return rates.pages_a_second * (rates.render + rates.prepare + rates.finish)


def needs(rates: Rates = RATES) -> Rows:
    """What so many pages take, each row another thing."""
    pages = (10**6, 10**9)
    gpu_hours = [count / rates.pages_a_second / 3600 for count in pages]
    core_hours = [hours * cores_per_engine(rates) for hours in gpu_hours]
    yield "hours of one GPU", *map(_number, gpu_hours)
    yield "on 8 GPUs", *(_duration(hours / 8) for hours in gpu_hours)
    yield "on 64 GPUs", *(_duration(hours / 64) for hours in gpu_hours)
    yield "hours of one core", *map(_number, core_hours)
    yield "the files", *(_bytes(count * rates.file_bytes) for count in pages)
    yield "the rows, as Parquet", *(_bytes(count * rates.row_bytes) for count in pages)
    yield (
        "rendered pages that go through shared memory",
        *(_bytes(count * rates.page_bytes) for count in pages),
    )
    yield "what to resume takes of the driver's memory", *(_bytes(count * 8) for count in pages)
    yield "tasks, of 16 pages", *(_number(3 * count / 16) for count in pages)
    yield (
        "the driver's own work, of 16 pages a task",
        *(_duration(3 * count / 16 * rates.launch / 3600) for count in pages),
    )
    yield "requests to storage, of files of 1 page", *(_number(2 * count) for count in pages)
    yield (
        "requests to storage, of files of 100 pages",
        *(_number(count / 100 * (1 + math.ceil(100 / 16))) for count in pages),
    )


_SHARES = ("busy", "pages/s", "cores", "driver", "store", "requests", "bandwidth")


def sizes() -> Rows:
    """Clusters that grow; 4 cores and 30 GB of shared memory an engine."""
    for engines, pages_per_task in ((1, 16), (8, 16), (64, 128)):
        cluster = Cluster.of(engines, pages_per_task=pages_per_task)
        yield f"{engines}, tasks of {pages_per_task} pages", *_shares(cluster)[:-1]


def breaks() -> Rows:
    """What happens to 8 engines where one thing is other than it should be."""
    for name, cluster in (
        ("nothing else", Cluster.of(8)),
        ("3 cores an engine", Cluster.of(8, cores=24)),
        ("2 cores an engine", Cluster.of(8, cores=16)),
        ("1.5 GB of shared memory an engine", Cluster.of(8, store_bytes=12e9)),
        ("tasks of 1 page", Cluster.of(8, pages_per_task=1)),
        ("files of 1 page", Cluster.of(8, pages_per_file=1)),
        ("files of 1 page, 6 cores an engine", Cluster.of(8, pages_per_file=1, cores=48)),
        ("files of 5,000 pages", Cluster.of(8, pages_per_file=5000)),
        (
            "files of 5,000 pages, tasks of 128",
            Cluster.of(8, pages_per_file=5000, pages_per_task=128),
        ),
        ("one batch at a time", Cluster.of(8, keeps=0)),
        ("(64 engines, tasks of 16 pages)", Cluster.of(64)),
    ):
        yield name, *_shares(cluster)


def _shares(cluster: Cluster) -> tuple[str, ...]:
    outcome = simulate(cluster, seconds=_SECONDS)
    shares = (outcome.cores, outcome.driver, outcome.store, outcome.requests, outcome.bandwidth)
    return (
        f"**{outcome.busy:.0%}**",
        f"{outcome.pages_a_second:,.0f}",
        *(f"{share:.0%}" for share in shares),
        outcome.bottleneck,
    )


def _number(value: float) -> str:
    return f"{float(f'{value:.2g}'):,g}" if value < 100 else f"{float(f'{value:.2g}'):,.0f}"


def _duration(hours: float) -> str:
    if hours < 1:
        return f"{_number(hours * 60)} minutes"
    return f"{_number(hours)} hours" if hours < 48 else f"{_number(hours / 24)} days"


def _bytes(value: float) -> str:
    for unit, size in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9)):
        if value >= size:
            return f"{_number(value / size)} {unit}"
    return f"{_number(value / 1e6)} MB"


if __name__ == "__main__":
    raise SystemExit(main())
