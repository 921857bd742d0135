"""Memory while one long PDF streams through one loader.

    python -m benchmarks.archive [--pages 2000] [--model tiny]

Writes a PDF of so many pages, all different and each with a line of text, and reads it with
`GotOcrLoader(path, model=…).lazy_load()`; no Document is kept. Prints the resident memory of this
process and of its page workers after 100, 200, 400, … pages, the pages a second from the first to
the last, and by how much this process has grown since the 100th page, at most. Growth is counted
without the files that are mapped into memory, since the system drops and loads those as it likes.
Needs Linux' /proc.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf
import torch

from benchmarks._memory import free_memory
from examples.train_tiny.layouts import Generator
from got_loaders import GotOcrLoader
from got_loaders.pages.worker.pool import shared_pool
from tests.pages.pids import pids

SETTLED = 100
"""Pages after which everything is loaded and full: model, workers, batch, kept embeddings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When so many ``pages`` were read: resident memory in bytes, ``own`` without mapped files."""

    pages: int
    seconds: float
    resident: int
    own: int
    workers: int


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if pages are missing."""
    options = _options(argv)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.pdf"
        write_archive(path, options.pages, options.seed)
        free_memory("cpu")  # room that is left from writing would hide what reading takes
        size = path.stat().st_size / 1e6
        print(f"{options.pages} pages, {size:.1f} MB, {options.model}, torch {torch.__version__}")
        print(f"{torch.get_num_threads()} thread(s)\n")
        print("| pages | this process, MB | of it no files, MB | page workers, MB |")
        print("|---|---|---|---|", flush=True)
        moments: list[Moment] = []
        for moment in read_archive(path, options.model):
            moments.append(moment)
            if _is_shown(moment.pages, options.pages):
                print(f"| {moment.pages} | {_megabytes(moment)} |", flush=True)
    seconds = moments[-1].seconds - moments[0].seconds
    print(f"\n{(len(moments) - 1) / seconds:.1f} pages a second")
    if len(moments) > SETTLED:
        print(f"{growth(moments) / 1e6:+.0f} MB at most since page {SETTLED}")
    return 0 if len(moments) == options.pages else 1


def write_archive(path: Path, pages: int, seed: int) -> None:
    """A PDF of so many pages, no two of which say the same; the seed decides what."""
    drawn = Generator(random.Random(f"{seed} archive"), lines=1, held_out=True)
    texts: set[str] = set()
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
        while len(texts) < pages:
            layout = drawn.plain()
            if layout.text not in texts:
                texts.add(layout.text)
                layout.page.draw_on(document)
        document.save(path)


def read_archive(path: Path, model: str) -> Iterator[Moment]:
    """Stream the file through one loader, keeping nothing; a Moment after each page."""
    start = time.perf_counter()
    for number, document in enumerate(GotOcrLoader(path, model=model).lazy_load(), 1):
        if document.metadata["page"] != number - 1:
            raise RuntimeError(f"page {number} is not where it should be: {document.metadata}")
        resident, files = _memory(os.getpid())
        yield Moment(
            pages=number,
            seconds=time.perf_counter() - start,
            resident=resident,
            own=resident - files,
            workers=sum(_memory(pid)[0] for pid in pids(shared_pool())),
        )


def growth(moments: Sequence[Moment]) -> int:
    """By how many bytes this process was larger, at most, than when it had settled."""
    settled = moments[SETTLED - 1].own
    return max(moment.own for moment in moments[SETTLED:]) - settled


def _memory(pid: int) -> tuple[int, int]:
    """A process's resident memory, and that of it which holds files; bytes."""
    statm = Path(f"/proc/{pid}/statm").read_text(encoding="ascii")
    _, resident, files, *_ = (int(pages) * os.sysconf("SC_PAGE_SIZE") for pages in statm.split())
    return resident, files


def _megabytes(moment: Moment) -> str:
    sizes = (moment.resident, moment.own, moment.workers)
    return " | ".join(f"{size / 1e6:.0f}" for size in sizes)


def _is_shown(page: int, last: int) -> bool:
    """100, 200, 400, … and the last one."""
    hundreds, rest = divmod(page, 100)
    return page == last or (rest == 0 and hundreds.bit_count() == 1)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.archive",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pages", type=int, default=2000, help="at least 2")
    parser.add_argument("--model", default="tiny", help="a hub id, a folder or tiny")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    if options.pages < 2:
        parser.error(f"--pages {options.pages}: expected 2 or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
