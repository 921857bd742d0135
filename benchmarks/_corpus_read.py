"""Reads the files of a corpus, and compares what was said of each page with pdfium's view."""

from __future__ import annotations

import argparse
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._corpus_pdfium import Gray, PdfiumDocument, Word
from got_loaders import Engine, PageResult, read
from got_loaders.errors import GotLoadersError
from got_loaders.markup import to_text
from got_loaders.pages import open_document
from got_loaders.sources import Source

WAYS: dict[str, dict[str, Any]] = {
    "default": {},
    "text layer": {"text_layer": "auto"},
    "regions": {"regions": "auto", "mode": "region"},
}

_WIDTH = 640
"""Pixels across of the pictures that are compared."""
_BLOCK = 8
_DIFFERENT = 40
"""Levels of 255 between the averages of two blocks that show different things; what two renderers
make of one letter's edges differs by less."""
_MAX_DIFFERENT_SHARE = 0.02
_INK = 60
"""Levels between the lightest and darkest pixel where something is drawn."""
_MARGIN = 2.0
"""Points by which a word may stand out of its region."""


@dataclass(slots=True, kw_only=True)
class FileRun:
    """A file, read in one way."""

    name: str
    way: str
    results: list[PageResult] = field(default_factory=list)
    failure: str = ""
    untyped: str = ""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """What of it goes into a JSON file."""
        outcomes = Counter(result.origin for result in self.results)
        keys = ("name", "way", "failure", "untyped", "seconds")
        return {key: getattr(self, key) for key in keys} | {"outcomes": dict(outcomes)}


@dataclass(slots=True)
class Findings:
    """Places worth a look, as lines that name file and page."""

    untyped: list[str] = field(default_factory=list)
    opened_by_pdfium: list[str] = field(default_factory=list)
    unknown_to_pdfium: list[str] = field(default_factory=list)
    blank_with_warning: list[str] = field(default_factory=list)
    blank_with_ink: list[str] = field(default_factory=list)
    blank_with_words: list[str] = field(default_factory=list)
    words_outside: list[str] = field(default_factory=list)
    words_lost: list[str] = field(default_factory=list)
    words_added: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    words_shown: int = 0
    words_in_no_region: int = 0
    layer_words: int = 0
    layer_recalled: int = 0
    layer_precise: int = 0
    layer_known: int = 0


def read_file(
    path: Path, name: str, way: str, engine: Engine, options: argparse.Namespace
) -> FileRun:
    """Read a file's first pages; whatever is raised is written down."""
    run = FileRun(name=name, way=way)
    start = time.perf_counter()
    try:
        results = read(
            path,
            engine=engine,
            password=options.password,
            max_page_seconds=options.seconds,
            on_error="keep",
            **WAYS[way],
        )
        with closing(results):
            first = takewhile(lambda r: (r.info.number or 0) < options.pages, results)
            run.results = list(first)
        errors = [result.error for result in run.results if result.info.number is None]
        run.failure = "; ".join(error or "" for error in errors)
        run.results = [result for result in run.results if result.info.number is not None]
    except GotLoadersError as error:
        run.failure = f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001  # this is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        run.untyped = f"{name} ({way}): {type(error).__name__}: {error} at {where}"
    run.seconds = time.perf_counter() - start
    return run


def pages_of(runs: Iterable[FileRun]) -> dict[int, dict[str, list[PageResult]]]:
    """Each page's results in each way."""
    pages: dict[int, dict[str, list[PageResult]]] = {}
    for run in runs:
        for result in run.results:
            assert result.info.number is not None
            pages.setdefault(result.info.number, {}).setdefault(run.way, []).append(result)
    return pages


def check_page(
    path: Path,
    name: str,
    number: int,
    results: Mapping[str, Sequence[PageResult]],
    pdfium: PdfiumDocument,
    findings: Findings,
    options: argparse.Namespace,
) -> None:
    """Compare one page."""
    place = f"{name}, page {number + 1}"
    ours, theirs = _pictures(path, number, pdfium, options)
    words = pdfium.words(number)
    shown = words if theirs is None else _inked(words, theirs, pdfium.size(number))
    if ours is not None and theirs is not None:
        share = _different(ours, theirs)
        if share > _MAX_DIFFERENT_SHARE:
            findings.pictures.append(f"{place}: {share:.1%} of it")
    for result in results.get("default", ()):
        findings.warnings += [f"{place}: {text}" for text in result.info.warnings]
        if result.origin == "blank":
            _check_blank(place, result, shown, theirs, findings)
    _check_regions(place, results.get("regions", ()), shown, findings)
    layer = [r for r in results.get("text layer", ()) if r.origin == "text_layer"]
    if layer:
        _check_layer(place, layer, words, findings)


def _pictures(
    path: Path, number: int, pdfium: PdfiumDocument, options: argparse.Namespace
) -> tuple[Gray | None, Gray | None]:
    """The page as we and as pdfium draw it; None where it can't be drawn."""
    try:
        with closing(
            open_document(Source(name=str(path), path=path), password=options.password)
        ) as document:
            info = document.info(number)
            height = max(1, min(4 * _WIDTH, round(_WIDTH * info.height / info.width)))
            page = document.page(number, width=_WIDTH, height=height)
            ours = np.asarray(page.image.convert("L").resize((_WIDTH, height)))
    except GotLoadersError:
        return None, None
    try:
        return ours, pdfium.picture(number, _WIDTH, height)
    except Exception:  # noqa: BLE001  # pdfium's own, of several kinds
        return ours, None


def _different(ours: Gray, theirs: Gray) -> float:
    """The share of blocks that show something else."""
    first, second = _averages(ours), _averages(theirs)
    return float((np.abs(first - second) > _DIFFERENT).mean())


def _averages(picture: Gray) -> np.typing.NDArray[np.float64]:
    height, width = (side // _BLOCK * _BLOCK for side in picture.shape)
    blocks = picture[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    averages: np.typing.NDArray[np.float64] = blocks.mean(axis=(1, 3))
    return averages


def _inked(words: list[Word], picture: Gray, size: tuple[float, float]) -> list[Word]:
    """The words where something is drawn: a layer's hidden words are not looked for."""
    across, down = picture.shape[1] / size[0], picture.shape[0] / size[1]
    inked = []
    for word in words:
        left, right = int(word.box.x0 * across), int(np.ceil(word.box.x1 * across))
        top, bottom = int(word.box.y0 * down), int(np.ceil(word.box.y1 * down))
        part = picture[max(0, top) : bottom + 1, max(0, left) : right + 1]
        if part.size and int(part.max()) - int(part.min()) > _INK:
            inked.append(word)
    return inked


def _check_blank(
    place: str, result: PageResult, shown: list[Word], picture: Gray | None, findings: Findings
) -> None:
    if result.info.warnings:
        findings.blank_with_warning.append(f"{place}: {'; '.join(result.info.warnings)}")
    if shown:
        text = " ".join(word.text for word in shown[:8])
        findings.blank_with_words.append(f"{place}: {text!a}")
    elif picture is not None and int(picture.max()) - int(picture.min()) > _INK:
        findings.blank_with_ink.append(place)


def _check_regions(
    place: str, results: Sequence[PageResult], shown: list[Word], findings: Findings
) -> None:
    boxes = [result.region.box for result in results if result.region is not None]
    if not boxes:  # read as a whole, blank or failed
        return
    outside = [
        word.text
        for word in shown
        if not any(
            box.x0 - _MARGIN <= (word.box.x0 + word.box.x1) / 2 <= box.x1 + _MARGIN
            and box.y0 - _MARGIN <= (word.box.y0 + word.box.y1) / 2 <= box.y1 + _MARGIN
            for box in boxes
        )
    ]
    findings.words_shown += len(shown)
    findings.words_in_no_region += len(outside)
    if outside:
        text = " ".join(outside[:8])
        findings.words_outside.append(f"{place}: {len(outside)} of {len(shown)}: {text!a}")


def _check_layer(
    place: str, results: Sequence[PageResult], words: list[Word], findings: Findings
) -> None:
    text = " ".join(to_text(result.ocr.text) for result in results if result.ocr is not None)
    ours, theirs = _bag(text.split()), _bag(word.text for word in words)
    both = (ours & theirs).total()
    findings.layer_words += ours.total()
    findings.layer_known += theirs.total()
    findings.layer_recalled += both
    lost, added = theirs - ours, ours - theirs
    for bag, lines, whole in (
        (lost, findings.words_lost, theirs),
        (added, findings.words_added, ours),
    ):
        if bag.total() > 0.05 * whole.total():
            some = ascii(" ".join(list(bag)[:8]))
            lines.append(f"{place}: {bag.total()} of {whole.total()}: {some}")


def _bag(words: Iterable[str]) -> Counter[str]:
    """Words by their letters and digits: marks and bullets are written in many ways."""
    letters = ("".join(filter(str.isalnum, word)).casefold() for word in words)
    return Counter(word for word in letters if word)
