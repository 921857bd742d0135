"""What the engine benchmark prints and writes: its table, the ratios, the machine."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median

import torch
import transformers

from benchmarks._measure import Measured, agreement
from benchmarks._workload import Job
from got_loaders import __version__

TITLES = {"a": "(a) recipe, one by one", "b": "(b) generate, batches of ", "c": "(c) LocalEngine"}
HEADER = """
| way | pages/s | tokens/s | first page, s | peak memory, MB |
|---|---|---|---|---|"""


def settings(options: argparse.Namespace, device: str) -> dict[str, object]:
    """The options as they were resolved, versions and the machine."""
    chosen = {name: value for name, value in vars(options).items() if name != "json"}
    return chosen | {
        "device": device,
        "processor": processor_name(device),
        "threads": torch.get_num_threads(),
        "got_loaders": __version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
    }


def head(values: Mapping[str, object], jobs: Sequence[Job]) -> str:
    """What stands above the table: on what, and what is read."""
    tokens = [job.tokens for job in jobs]
    spread = f"{min(tokens)} / {median(tokens):.0f} / {mean(tokens):.1f} / {max(tokens)}"
    packages = ("got_loaders", "torch", "transformers", "python")
    return (
        ", ".join(f"{name} {values[name]}" for name in packages)
        + f"\n{values['device']}: {values['processor']}, {values['threads']} threads\n"
        f"model {values['model']}, {values['dtype']}; {len(jobs)} pages, seed {values['seed']}\n"
        f"tokens a page: {spread} (min / median / mean / max), {sum(tokens)} in all"
    )


def row(name: str, measured: Measured | None, jobs: Sequence[Job]) -> str:
    """A line of the table. The engine answers out of order: also its first answer of all."""
    title = TITLES[name[0]] + name[1:]
    if measured is None:
        return f"| {title} | out of memory | | | |"
    first = f"{measured.first_submitted:.2f}"
    if name == "c":
        first += f" (any: {measured.first_any:.2f})"
    pages, tokens = _speeds(measured, jobs)
    about = "≈ " if measured.line else ""
    speeds = f"{about}{pages:.3g} | {about}{tokens:.1f}"
    return f"| {title} | {speeds} | {first} | {measured.peak_mb:.0f} |"


def numbers(measured: Measured, jobs: Sequence[Job]) -> dict[str, object]:
    """The same for machines; `line` is null where all pages were read."""
    pages, tokens = _speeds(measured, jobs)
    return {
        "pages_read": len(measured.run.tokens),
        "seconds": measured.seconds,
        "pages_per_second": pages,
        "tokens_per_second": tokens,
        "first_submitted_s": measured.first_submitted,
        "first_any_s": measured.first_any,
        "peak_mb": measured.peak_mb,
        "line": asdict(measured.line) if measured.line else None,
    }


def sampled(found: Mapping[str, Measured], jobs: Sequence[Job]) -> list[str]:
    """How the speed of (a) was come by, if it has read a sample."""
    line = found["a"].line if "a" in found else None
    if line is None:
        return []
    read = [job.tokens for job in jobs if job.number in found["a"].run.tokens]
    text = (
        f"(a) read {len(read)} pages of {mean(read):.0f} tokens on average; its speed is that of "
        f"all pages on the line through them: {line.fixed:.3g} s + {line.per_token:.3g} s a token"
    )
    return [text]


def ratios(found: Mapping[str, Measured]) -> dict[str, dict[str, object]]:
    """The engine over the recipe and over the fastest batches, and these over the recipe.

    With the number of pages, of those that both have read, on which their tokens are equal, and
    the first page and token that differ.
    """
    batches = [name for name in found if name[0] == "b"]
    best = min(batches, key=lambda name: found[name].seconds, default="b")
    pairs = [("c", "a"), ("c", best), (best, "a")]
    return {
        f"({one}) / ({other})": {
            "speed": found[other].seconds / found[one].seconds,
            "memory": _memory_ratio(found[one], found[other]),
            **asdict(agreement(found[one].run, found[other].run)),
        }
        for one, other in pairs
        if one in found and other in found
    }


def ratio_line(name: str, values: Mapping[str, object]) -> str:
    """One of them in words."""
    differ = f" (first: page and token {values['first']})" if values["first"] else ""
    memory = f", {values['memory']:.2f} × the memory" if values["memory"] else ""
    return (
        f"{name}: {values['speed']:.2f} × the speed{memory}; "
        f"equal tokens on {values['equal']} of {values['pages']} pages{differ}"
    )


def _memory_ratio(one: Measured, other: Measured) -> float | None:
    """None where the system tells only the most that was ever resident, and that did not grow."""
    return one.peak_mb / other.peak_mb if min(one.peak_mb, other.peak_mb) > 0 else None


def _speeds(measured: Measured, jobs: Sequence[Job]) -> tuple[float, float]:
    """Pages and tokens a second."""
    return len(jobs) / measured.seconds, sum(job.tokens for job in jobs) / measured.seconds


def processor_name(device: str) -> str:
    """What the device is called."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
