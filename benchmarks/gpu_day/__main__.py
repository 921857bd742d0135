"""The first minutes on a GPU, from the most telling result to the least.

    python -m benchmarks.gpu_day --minutes 8 --out FOLDER
    python -m benchmarks.gpu_day --dry --out FOLDER      # every stage on a CPU, with small numbers

In a checkout, with torch 2.8 or later, Triton, transformers, tokenizers, Pillow and numpy. Stages:
versions; the tests marked gpu (if pytest is there); pages a second at 800 tokens, then at 200 and
2,000, with 32, 64 and 256 pages in flight, without drafts and with them, beside the floor;
attention alone, kernel by kernel; a profile of 20 decode steps; prefill of 1, 4, 8 and 16 pages;
the engine's tokens beside those of `generate`; and the training of `tiny` for the minutes that are
left.

Each stage runs in a process of its own, with a share of the time: one that fails, hangs or is
killed does not stop the next. FOLDER gets results.json and report.md, written anew with each
result, log.txt, and tiny.zip, the checkpoint that was trained. Exits with 1 if a stage failed, with
2 without a GPU.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import IO, NoReturn

from benchmarks.gpu_day.report import page, section
from benchmarks.gpu_day.results import write_json, write_text
from benchmarks.gpu_day.settings import Settings, for_gpu, for_rehearsal
from benchmarks.gpu_day.stage_process import run_stage
from benchmarks.gpu_day.stages import LEAST, STAGES, Stage, limit_of


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stages; see the module for what is written and returned."""
    options = _options(argv)
    if not options.dry and not _has_gpu():
        print("no CUDA GPU here; --dry rehearses on the CPU", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _end)  # or the stage that runs would outlive this process
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        if options.dry:
            settings = for_rehearsal(work=Path(work), out=out)
        else:
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
            made = for_gpu(options.device, cores=cores, work=Path(work), out=out)
            settings = replace(made, dtype=options.dtype)
        day = Day(options, settings, Path(work))
        with (out / "log.txt").open("wb") as log:
            day.run(options.stages, log)
    return 1 if day.failed else 0


class Day:
    """Runs stages one after the other and keeps what they found, on disk too."""

    def __init__(self, options: argparse.Namespace, settings: Settings, work: Path) -> None:
        self._settings, self._work = settings, work
        self._start, self._seconds = time.monotonic(), 60 * options.minutes
        self._stages: dict[str, dict[str, object]] = {}
        self._head: dict[str, object] = {
            "date": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}",
            "options": asdict(settings) | {"minutes": options.minutes, "dry": options.dry},
        }

    @property
    def failed(self) -> bool:
        """Whether any stage did not come to its end."""
        return any(found["status"] in ("failed", "stopped") for found in self._stages.values())

    def run(self, names: Sequence[str], log: IO[bytes]) -> None:
        """Those stages, in their own order; each gets its share of what is left."""
        chosen = [stage for stage in STAGES if stage.name in names]
        for place, stage in enumerate(chosen):
            left = self._seconds - (time.monotonic() - self._start)
            self._keep(stage, {"status": "running"})
            why = self._missing(stage) or ("no time is left" if left < LEAST else "")
            if why:
                self._keep(stage, {"status": "skipped", "why": why})
            else:
                found = run_stage(
                    stage,
                    self._settings,
                    results=self._work / f"{stage.name}.json",
                    log=log,
                    seconds=limit_of(stage, chosen[place:], left),
                    changed=lambda found, stage=stage: self._keep(  # type: ignore[misc]  # mypy sees no default
                        stage, found | {"status": "running"}
                    ),
                )
                self._keep(stage, found)
            print("\n".join(["", *section(self._stages[stage.name])]), flush=True)

    def _missing(self, stage: Stage) -> str:
        """Why ``stage`` has nothing to run with; empty if it has."""
        if stage.needs is None or self._stages.get(stage.needs, {}).get("status") == "done":
            return ""
        return f"without stage {stage.needs!r} there is nothing to run"

    def _keep(self, stage: Stage, found: dict[str, object]) -> None:
        self._stages[stage.name] = {"name": stage.name, "title": stage.title} | found
        results = self._head | {
            "seconds": round(time.monotonic() - self._start, 1),
            "stages": self._stages,
        }
        write_json(self._settings.out / "results.json", results)
        write_text(self._settings.out / "report.md", page(results))


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _has_gpu() -> bool:
    """Asked without a CUDA context, which this process must not have."""
    import torch

    return torch.cuda.device_count() > 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu_day",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--out", type=Path, required=True, help="a folder for what is found")
    add("--minutes", type=_minutes, default=8.0, help="for all stages together (8)")
    add("--device", default="cuda:0", help="cuda:N (cuda:0)")
    formats, text = ["bfloat16", "float16"], "float16 before Ampere: T4, V100 (bfloat16)"
    add("--dtype", default="bfloat16", choices=formats, help=text)
    add("--dry", action="store_true", help="on the CPU, with the embedded model and small numbers")
    names = [stage.name for stage in STAGES]
    text = f"some of them, separated by commas: {', '.join(names)} (all)"
    add("--stages", type=_stages, default=names, help=text)
    return parser.parse_args(argv)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not minutes > 0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected more than none")
    return minutes


def _stages(text: str) -> list[str]:
    names, known = text.split(","), [stage.name for stage in STAGES]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such stage: {', '.join(unknown)}; {', '.join(known)}")
    needed = [stage.needs for stage in STAGES if stage.name in names and stage.needs]
    return [*names, *needed]


if __name__ == "__main__":
    sys.exit(main())
