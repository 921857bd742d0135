"""Times and memory of the ways, one after the other; what they gave, compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from benchmarks._memory import PeakMemory, free_memory, memory_in_use
from benchmarks._ways import Open, Run, Setup
from benchmarks._workload import Job
from got_loaders.engine.device.device import is_out_of_memory

WARM_UP_TOKENS = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds of a page = ``fixed`` + ``per_token`` × its tokens."""

    fixed: float
    per_token: float

    def total(self, jobs: Sequence[Job]) -> float:
        """Seconds of all these pages."""
        return sum(self.fixed + self.per_token * job.tokens for job in jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A way's run. ``seconds`` are for all pages; read off ``line`` if not all were read."""

    run: Run
    seconds: float
    peak_mb: float
    line: Line | None

    @property
    def first_submitted(self) -> float:
        """Seconds until the page that was submitted first was answered."""
        return self.run.answered[min(self.run.answered)]

    @property
    def first_any(self) -> float:
        """Seconds until any page was answered."""
        return min(self.run.answered.values())


@dataclass(frozen=True, slots=True)
class Agreement:
    """On how many of the pages that two runs have both read they gave the same tokens.

    ``first`` is the first page that differs, and the place of the first token there.
    """

    equal: int
    pages: int
    first: tuple[int, int] | None


def measure(
    open_way: Open, setup: Setup, jobs: Sequence[Job], whole: Sequence[Job]
) -> Measured | None:
    """Load the model, warm up, read ``jobs``, a sample of ``whole`` or all; None if out of memory.

    The peak is of the timed part, over what was in use before the model was loaded: the model is
    counted, what its loading took for a moment is not.
    """
    free_memory(setup.device)
    before = memory_in_use(setup.device)
    try:
        run, peak = in_own_thread(lambda: _read(open_way, setup, jobs))
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return None
    line = _line(run, jobs) if len(jobs) < len(whole) else None
    seconds = line.total(whole) if line else max(run.answered.values())
    return Measured(run=run, seconds=seconds, peak_mb=(peak - before) / 1e6, line=line)


def _read(open_way: Open, setup: Setup, jobs: Sequence[Job]) -> tuple[Run, int]:
    """The run and the peak. All that holds the model is gone when this returns."""
    with open_way(setup) as read:
        read([_short(jobs[0])])
        with PeakMemory(setup.device) as memory:
            run = read(jobs)
    return run, memory.peak


def in_own_thread(function: Callable[[], T]) -> T:
    """Run ``function`` in a thread that ends with it.

    A thread that computes with torch keeps its pool of OpenMP threads until it ends, and where
    there are more of these than cores GNU's OpenMP lets them sleep between any two operations. What
    ran before would then slow down what is measured now.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function).result()


def rehearse(ways: Sequence[Open], setup: Setup, job: Job) -> None:
    """Let each way read a short page, so that what is loaded once is not counted as the first's."""
    for open_way in ways:
        in_own_thread(partial(_read_short, open_way, setup, job))


def _read_short(open_way: Open, setup: Setup, job: Job) -> None:
    with open_way(setup) as read:
        read([_short(job)])


def alone(ways: Mapping[str, Open], setup: Setup, job: Job, *, rounds: int) -> dict[str, float]:
    """Seconds of one page with nothing beside it, the median of ``rounds``, a way at a time."""
    seconds: dict[str, float] = {}
    for name, open_way in ways.items():
        free_memory(setup.device)
        rounds_of_way = in_own_thread(partial(_read_again, open_way, setup, job, rounds))
        seconds[name] = statistics.median(rounds_of_way)
    return seconds


def _read_again(open_way: Open, setup: Setup, job: Job, rounds: int) -> list[float]:
    seconds = []
    with open_way(setup) as read:
        read([_short(job)])
        for _ in range(rounds):
            start = time.perf_counter()
            read([job])
            seconds.append(time.perf_counter() - start)
    return seconds


def agreement(one: Run, other: Run) -> Agreement:
    """Compare the tokens of two runs."""
    both = sorted(one.tokens.keys() & other.tokens.keys())
    differing = [page for page in both if one.tokens[page] != other.tokens[page]]
    first = None
    if differing:
        pairs = zip(one.tokens[differing[0]], other.tokens[differing[0]], strict=False)
        same = next((place for place, (a, b) in enumerate(pairs) if a != b), None)
        lengths = (len(one.tokens[differing[0]]), len(other.tokens[differing[0]]))
        first = (differing[0], min(lengths) if same is None else same)
    return Agreement(len(both) - len(differing), len(both), first)


def complaints(name: str, run: Run, jobs: Sequence[Job], end_tokens: frozenset[int]) -> list[str]:
    """Pages that did not get exactly their number of tokens, none of them an end token."""
    found = []
    for job in jobs:
        if job.number not in run.tokens:
            continue
        tokens = run.tokens[job.number]
        if len(tokens) != job.tokens:
            found.append(f"({name}), page {job.number}: {len(tokens)} of {job.tokens} tokens")
        elif end_tokens & set(tokens):
            found.append(f"({name}), page {job.number}: an end token among its tokens")
    return found


def _short(job: Job) -> Job:
    return Job(job.number, job.image, min(job.tokens, WARM_UP_TOKENS))


def _line(run: Run, jobs: Sequence[Job]) -> Line:
    """Through the pages of a way that reads them one after the other."""
    ends = [run.answered[job.number] for job in jobs]
    seconds = [end - start for start, end in zip([0.0, *ends], ends, strict=False)]
    per_token, fixed = statistics.linear_regression([job.tokens for job in jobs], seconds)
    return Line(fixed, per_token)
