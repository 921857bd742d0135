"""The process of one stage, which `stage_process` starts."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks._said import Said
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.results import Results, Skipped
from benchmarks.gpu_day.settings import Settings
from benchmarks.gpu_day.stage_process import EXIT_SKIPPED

LONGEST = 400
"""Characters of an error that are kept: some list all that torch could have done instead."""


def main(argv: Sequence[str]) -> int:
    """Run the stage; 1 if it failed, :data:`EXIT_SKIPPED` if it can't run here."""
    module, settings, path, seconds, *option = argv
    results, deadline = Results(Path(path)), Deadline.after(float(seconds))
    print("\n=====", module, *option, flush=True)
    try:
        _run(module, option, Settings.from_json(settings), results, deadline)
    except Skipped as reason:
        results.add(reason=str(reason))
        return EXIT_SKIPPED
    except BaseException as error:  # noqa: BLE001  # whatever it is, it is a result
        traceback.print_exc()
        results.add(error=one_line(error))
        return 1
    return 0


def one_line(error: BaseException) -> str:
    """The error with its kind, on one line."""
    text = " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"


def _run(
    module_name: str,
    option: Sequence[str],
    settings: Settings,
    results: Results,
    deadline: Deadline,
) -> None:
    """The imports are part of it: what can't be imported fails this stage alone."""
    with Said() as said:
        try:
            module = importlib.import_module(module_name)
            module.run(settings, results, deadline, *option)
        finally:
            if said.lines:
                results.add(log=said.lines)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # a broken GPU context may hang what Python does at its end
