"""What the library says of a folder of documents: `python -m benchmarks.corpus FOLDER`.

Every file below FOLDER is read three times in one process run, as it is by default, with
`text_layer="auto"` and with `regions="auto"`, and looked at by pdfium as well. Printed are what
became of the pages, the time and the memory that took, and places worth a look:

- errors that are none of the library's own;
- pages that are told to be blank, but carry a warning, or show ink or words to pdfium;
- words that pdfium finds, and shows, and that lie in no region;
- words of pages with a text layer of their own that pdfium has and we have not, and the reverse;
- pages whose picture differs from pdfium's;
- the slowest files.

By default nothing is recognised: an engine that answers at once takes the model's place, so that
some thousand files take minutes. `--model tiny`, or another, reads for real. No file is written but
the one that `--json` names.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from benchmarks._corpus_pdfium import PdfiumDocument
from benchmarks._corpus_read import WAYS, FileRun, Findings, check_page, pages_of, read_file
from benchmarks._corpus_report import print_report
from benchmarks._memory import memory_of_tree
from got_loaders import Engine, EngineConfig, LocalEngine, OcrRequest, OcrResult
from got_loaders.testing import FakeEngine
from got_loaders.types import TokenListener


def main(argv: Sequence[str] | None = None) -> int:
    """Print the report; 1 where an error was none of the library's own, else 0."""
    options = _options(argv)
    files = sorted(path for path in options.folder.rglob("*") if path.is_file())
    if not files:
        print(f"no file below {options.folder}", file=sys.stderr)
        return 2
    runs: list[FileRun] = []
    findings = Findings()
    peak = 0
    start = time.perf_counter()
    with closing(_engine(options.model)) as engine:
        for path in _with_progress(files):
            name = str(path.relative_to(options.folder))
            found = [read_file(path, name, way, engine, options) for way in WAYS]
            runs += found
            _look(path, name, found, findings, options)
            peak = max(peak, memory_of_tree())
    seconds = time.perf_counter() - start
    print_report(runs, findings, files=len(files), seconds=seconds, peak=peak, most=options.most)
    if options.json:
        result = {"runs": [run.as_dict() for run in runs], "findings": asdict(findings)}
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 1 if findings.untyped else 0


def _look(
    path: Path, name: str, runs: list[FileRun], findings: Findings, options: argparse.Namespace
) -> None:
    """Compare what was said of each page with what pdfium makes of it."""
    findings.untyped += [run.untyped for run in runs if run.untyped]
    pdfium = PdfiumDocument.open(path, options.password)
    if pdfium is None:
        findings.unknown_to_pdfium += [name] if any(run.results for run in runs) else []
        return
    with closing(pdfium):
        if not any(run.results for run in runs) and pdfium.total:
            findings.opened_by_pdfium.append(f"{name}: {runs[0].failure}")
        for number, results in sorted(pages_of(runs).items()):
            if number < pdfium.total:
                check_page(path, name, number, results, pdfium, findings, options)


def _with_progress(files: list[Path]) -> Iterator[Path]:
    for number, path in enumerate(files, 1):
        if sys.stderr.isatty():
            shown = ascii(path.name)[1:-1][:60]
            print(f"\r\x1b[K{number} of {len(files)}: {shown}", end="", file=sys.stderr, flush=True)
        yield path
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class _NoModel(FakeEngine):
    """Answers at once, and keeps no picture."""

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """The same word for all."""
        future = super().submit(request, listener=listener)
        self.requests.clear()
        return future


def _engine(model: str | None) -> Engine:
    return _NoModel("read") if model is None else LocalEngine(EngineConfig(model=model))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.corpus",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="documents, in folders or not")
    parser.add_argument("--pages", type=int, default=10, help="the first ones of each file (10)")
    parser.add_argument("--model", help="read with this model, such as tiny; else with none")
    parser.add_argument("--password", help="of those that are encrypted")
    parser.add_argument("--seconds", type=float, default=60.0, help="for a page, at most (60)")
    parser.add_argument("--most", type=int, default=10, help="places of each kind to print (10)")
    parser.add_argument("--json", type=Path, help="write all of it to this file")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
