"""What the cache costs when it is empty, and saves when it is full.

    python -m benchmarks.cache [--pages 64] [--model tiny]

Reads the same PDF, made for this and different on every page, with one loader after the other in
one process: without a cache, into an empty one, and out of the full one; then out of the full one
with ten times as many threads as cores. All run on a warm engine. Prints pages a second, and the
ratios.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.archive import write_archive
from got_loaders import GotOcrLoader

THREADS = 10 * (os.cpu_count() or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the pages were read, and how fast."""

    name: str
    pages: int
    seconds: float

    @property
    def speed(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if the Documents differ."""
    options = _options(argv)
    with tempfile.TemporaryDirectory() as folder:
        path, kept = Path(folder) / "archive.pdf", str(Path(folder) / "kept")
        write_archive(path, options.pages, options.seed)
        plain = GotOcrLoader(path, model=options.model)
        cached = GotOcrLoader(path, model=options.model, cache=kept)
        texts = [document.page_content for document in plain.load()]  # loads all that is needed
        ways = [
            _timed("without a cache", plain, texts),
            _timed("into an empty cache", cached, texts),
            _timed("out of the full cache", cached, texts),
            _in_threads(f"the same in {THREADS} threads", cached, texts),
        ]
        size = sum(file.stat().st_size for file in Path(kept).iterdir())
    print(f"{options.pages} pages, {options.model}, {size / 1e3:.0f} kB kept\n")
    print("| | pages/s | times as fast |\n|---|---|---|")
    for way in ways:
        print(f"| {way.name} | {way.speed:.1f} | {way.speed / ways[0].speed:.2f} |")
    return 0


def _timed(name: str, loader: GotOcrLoader, texts: Sequence[str]) -> Way:
    start = time.perf_counter()
    found = [document.page_content for document in loader.lazy_load()]
    seconds = time.perf_counter() - start
    if found != texts:
        sys.exit(f"{name}: the texts differ")
    return Way(name=name, pages=len(found), seconds=seconds)


def _in_threads(name: str, loader: GotOcrLoader, texts: Sequence[str]) -> Way:
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        done = list(threads.map(lambda _: _timed(name, loader, texts), range(THREADS)))
    seconds = time.perf_counter() - start
    return Way(name=name, pages=sum(way.pages for way in done), seconds=seconds)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.cache")
    parser.add_argument("--pages", type=int, default=64)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
