"""How well a checkpoint reads, from PDF file to Document: `python -m benchmarks.reading`.

The pages come from the generator of `examples/train_tiny`, with a seed that training never used
and words that it never showed. They are read through `GotOcrLoader`, as anyone would.
"""

import argparse
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pymupdf

from benchmarks._edits import edit_distance
from examples.train_tiny.layouts import Generator, Layout
from examples.train_tiny.scans import scanned
from got_loaders import GotOcrLoader, ReadOptions

SCAN_DPI = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A row of the table: which pages, how they get into the file, how they are read."""

    draw: Callable[[Generator], Layout]
    format: bool = False
    lines: int = 14
    as_image: bool = False
    """The page is a picture of itself at `SCAN_DPI`: a PDF without text."""
    as_scan: bool = False
    """The same, askew, noisy and compressed."""
    multi_page: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to read: its pages and what stands on them."""

    layouts: tuple[Layout, ...]

    @property
    def text(self) -> str:
        """What a perfect reading gives."""
        return "\n".join(layout.text for layout in self.layouts)


@dataclass(frozen=True, slots=True)
class Score:
    """How one mode was read; `seconds` for each page of the file."""

    edits: list[int]
    lengths: list[int]
    seconds: float

    @property
    def row(self) -> str:
        """Error rate over all characters, the median page's, exact pages, seconds a page."""
        rates = [e / max(1, n) for e, n in zip(self.edits, self.lengths, strict=True)]
        exact = self.edits.count(0) / len(self.edits)
        overall = sum(self.edits) / sum(self.lengths)
        return f"{overall:.1%} | {median(rates):.1%} | {exact:.0%} | {self.seconds:.2f}"


MODES: dict[str, Mode] = {
    "line": Mode(draw=Generator.plain, lines=1),
    "plain": Mode(draw=Generator.plain),
    "plain, as image": Mode(draw=Generator.plain, as_image=True),
    "plain, as scan": Mode(draw=Generator.plain, as_scan=True),
    "document": Mode(draw=lambda pages: pages.document(marked_up=False)),
    "format": Mode(draw=lambda pages: pages.document(marked_up=True), format=True),
    "format, as scan": Mode(
        draw=lambda pages: pages.document(marked_up=True), format=True, as_scan=True
    ),
    "blocks": Mode(draw=Generator.blocks),
    "box": Mode(draw=Generator.boxed),
    "color": Mode(draw=Generator.framed),
    "crop": Mode(draw=Generator.wide),
    "multi-page": Mode(draw=Generator.plain, lines=5, multi_page=2),
    "box, format (untrained)": Mode(draw=Generator.boxed, format=True),
    "color, format (untrained)": Mode(draw=Generator.framed, format=True),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; with `--show`, also every page's text and what was read."""
    options = _parser().parse_args(argv)
    names = options.modes.split(";") if options.modes else list(MODES)
    print("| pages | CER | median page | exact pages | s/page |\n|---|---|---|---|---|", flush=True)
    read("line", 1, options.seed, options.model, show=False)  # loads the model
    for name in names:
        score = read(name, options.pages, options.seed, options.model, show=options.show)
        print(f"| {name} | {score.row} |", flush=True)
    return 0


def read(name: str, pages: int, seed: int, model: str, *, show: bool) -> Score:
    """Draw so many readings of this mode, write them to PDF files, load and compare them."""
    mode, rng = MODES[name], random.Random(f"{seed} {name}")
    pages_of = Generator(rng, mode.lines, held_out=True)
    cases = [Case(tuple(mode.draw(pages_of) for _ in range(mode.multi_page))) for _ in range(pages)]
    with tempfile.TemporaryDirectory() as folder:
        files = _write(cases, mode, rng, Path(folder))
        start = time.perf_counter()
        texts = [text for path, one in files for text in _load(path, one, mode, model)]
        seconds = (time.perf_counter() - start) / (pages * mode.multi_page)
    if show:
        for case, text in zip(cases, texts, strict=True):
            print(f"--- {name}: on the page\n{case.text}\n--- read\n{text}")
    edits = [edit_distance(c.text, text) for c, text in zip(cases, texts, strict=True)]
    return Score(edits, [len(case.text) for case in cases], seconds)


def _write(
    cases: list[Case], mode: Mode, rng: random.Random, folder: Path
) -> list[tuple[Path, Layout]]:
    """PDF files with one of the layouts that each holds: a file a case if it asks for a region."""
    regions = any(layout.box or layout.color for layout in cases[0].layouts)
    groups = [[case] for case in cases] if regions else [cases]
    files = []
    for number, group in enumerate(groups):
        path = folder / f"{number}.pdf"
        layouts = [layout for case in group for layout in case.layouts]
        with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
            for layout in layouts:
                _add_page(document, layout, mode, rng)
            document.save(path)
        files.append((path, layouts[0]))
    return files


def _add_page(document: pymupdf.Document, layout: Layout, mode: Mode, rng: random.Random) -> None:
    if not (mode.as_image or mode.as_scan):
        layout.page.draw_on(document)
        return
    image = layout.page.render(SCAN_DPI / 72)
    if mode.as_scan:
        image, _ = scanned(rng, image, color=False)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    page: Any = document.new_page(width=layout.page.width, height=layout.page.height)
    page.insert_image(page.rect, stream=buffer.getvalue())


def _load(path: Path, layout: Layout, mode: Mode, model: str) -> list[str]:
    box = layout.box
    options = ReadOptions(
        output="raw",
        format=mode.format,
        box=(box.x0, box.y0, box.x1, box.y1) if box else None,
        color=layout.color,
        multi_page=mode.multi_page if mode.multi_page > 1 else False,
        max_new_tokens=600,
    )
    documents = GotOcrLoader(path, model=model, options=options).load()
    return [document.page_content for document in documents]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--model", default="tiny", help="a hub id, a folder or tiny")
    parser.add_argument("--pages", type=int, default=16, help="readings in each row")
    parser.add_argument("--seed", type=int, default=7001)
    parser.add_argument("--modes", help="rows, separated by ';' (all)")
    parser.add_argument("--show", action="store_true", help="print the texts too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
