"""A read on a cluster, simulated: list → render → object store → engines → rows.

    python -m benchmarks.ray_simulation [--seconds 60]

For clusters that nobody has at hand. Each step takes what it was measured to take, or is estimated
to (``benchmarks/_ray_rates.py``): cores render tasks of pages as long as the object store has room;
the driver starts each task, one after the other; an engine reads so many pages at once, of lengths
that differ, and holds a batch until its slowest page is read; rows are written by cores again.

Prints for 1, 8 and 64 engines the share of time that their places have a page, and what is used up
most; ``benchmarks.ray_sizing`` writes the tables of docs/scale.md from the same.
An engine reads a page no faster for being half empty: a real one does, and so is busy
for less of the time when it waits.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import simpy

from benchmarks._ray_rates import RATES, Rates

__all__ = ["Cluster", "Outcome", "main", "simulate"]

_AHEAD, _KEPT = 1.25, 4
"""As in ``got_loaders.ray``: pages asked about for each that is read; held for each of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """``cores`` are those of all machines that render and write; an engine's own prepare its pages.
    ``store_bytes`` is the shared memory of all of them.

    ``sigma`` is that of the lengths of pages, whose logarithms are normal: 0 is all the same. With
    ``keeps=0`` an engine gets one batch, as large as it reads at once, and then the next.
    """

    engines: int = 1
    cores: int = 4
    store_bytes: float = 30e9
    storage_requests: float = 5500.0
    """Requests a second that storage answers: what S3 states for one prefix."""
    storage_bandwidth: float = 12.5e9
    """Bytes a second from storage into the cluster: 100 gigabits a second."""
    pages_per_task: int = 16
    pages_per_file: int = 100
    sigma: float = 0.5
    keeps: int = _KEPT

    @classmethod
    def of(cls, engines: int, **other: float) -> Cluster:
        """A cluster of machines of the same kind: 4 cores and 30 GB of shared memory an engine."""
        made = cls(engines=engines, cores=4 * engines, store_bytes=30e9 * engines)
        return replace(made, **other)  # type: ignore[arg-type]  # whatever fields there are

    def batches(self, rates: Rates) -> int:
        """How many batches an engine has at once."""
        held = self.keeps * _AHEAD * rates.slots / self.pages_per_task
        return math.ceil(held) + 1 if self.keeps else 1

    def batch_pages(self, rates: Rates) -> int:
        """Pages of a batch."""
        return self.pages_per_task if self.keeps else rates.slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Shares of the measured time, 1 is all of it: of what is there how much is used.

    ``busy`` is that of the engines' places; ``least_busy`` of the engine that had the least.
    """

    busy: float
    least_busy: float
    pages_a_second: float
    cores: float
    driver: float
    store: float
    requests: float
    bandwidth: float

    @property
    def bottleneck(self) -> str:
        """What is used up most, of what the engines may have to wait for."""
        used = {
            "cores that render": self.cores,
            "the driver": self.driver,
            "the object store": self.store,
            "storage's requests": self.requests,
            "storage's bandwidth": self.bandwidth,
        }
        return max(used, key=lambda name: used[name])


Steps = Generator[simpy.Event, object, None]


class _Pool:
    """So many of a kind, who does not get one waits; and how long they were used."""

    def __init__(self, simulation: _Simulation, size: int) -> None:
        self.size = size
        self.resource = simpy.PriorityResource(simulation.env, size)
        self.used = 0.0
        self._simulation = simulation

    def use(self, seconds: float, priority: int = 0) -> Steps:
        """Have one for so long; those of a lower number come first."""
        with self.resource.request(priority=priority) as request:
            yield request
            start = self._simulation.env.now
            yield self._simulation.env.timeout(seconds)
            self.count(start)

    def count(self, start: float) -> None:
        """One was used from then to now."""
        now = self._simulation.env.now
        self.used += max(0.0, min(now, self._simulation.until) - max(start, self._simulation.since))


class _Engine:
    """Places that pages take in the order in which they come; and how long they were taken."""

    def __init__(self, slots: int) -> None:
        self.free = [0.0] * slots
        self.used = 0.0
        self.pages = self.batches = 0

    def read(self, now: float, seconds: float, since: float, until: float) -> float:
        """Put a page in, and count what of its time is within these; when it will be answered."""
        start = max(now, heapq.heappop(self.free))
        end = start + seconds
        heapq.heappush(self.free, end)
        self.used += max(0.0, min(end, until) - max(start, since))
        self.pages += since <= end < until
        return end


class _Simulation:
    def __init__(self, cluster: Cluster, rates: Rates, since: float, until: float) -> None:
        self.env = env = simpy.Environment()
        self.cluster, self.rates = cluster, rates
        self.since, self.until = since, until
        self.random = random.Random(20)
        self.driver = _Pool(self, 1)
        self.cores = _Pool(self, cluster.cores)
        self.doors = _Pool(self, 1)
        self.streams = _Pool(self, max(1, int(cluster.storage_bandwidth / rates.fetch_bandwidth)))
        tasks = int(cluster.store_bytes // (cluster.pages_per_task * rates.page_bytes))
        self.store = simpy.Container(env, max(1, tasks), init=max(1, tasks))
        self.stored: list[float] = []
        self.ready = simpy.Container(env)
        self.engines = [_Engine(rates.slots) for _ in range(cluster.engines)]
        self.room = simpy.Container(env, init=cluster.engines * cluster.batches(rates))

    def run(self) -> Outcome:
        for _ in range(self.cluster.cores):
            self.env.process(self.render())
        self.env.process(self.dispatch())
        self.env.run(self.until)
        passed = self.until - self.since
        places = self.rates.slots * passed
        busy = [engine.used / places for engine in self.engines]
        return Outcome(
            busy=sum(busy) / len(busy),
            least_busy=min(busy),
            pages_a_second=sum(engine.pages for engine in self.engines) / passed,
            cores=self.cores.used / (self.cluster.cores * passed),
            driver=self.driver.used / passed,
            store=sum(self.stored) / max(1, len(self.stored)),
            requests=self.doors.used / passed,
            bandwidth=self.streams.used / (self.streams.size * passed),
        )

    def render(self) -> Steps:
        """One core's tasks, one after the other, for ever."""
        seconds = self.cluster.pages_per_task * self.rates.render
        while True:
            yield self.store.get(1)
            yield from self.driver.use(self.rates.launch, priority=1)
            with self.cores.resource.request(priority=1) as core:
                yield core
                start = self.env.now
                yield from self.fetch()
                yield self.env.timeout(seconds)
                self.cores.count(start)
            yield self.ready.put(1)

    def fetch(self) -> Steps:
        """The files of a task; and its share of what the counting of their pages fetched."""
        cluster, rates = self.cluster, self.rates
        files = max(1, cluster.pages_per_task // cluster.pages_per_file)
        size = cluster.pages_per_file * rates.file_bytes
        counted = cluster.pages_per_task / cluster.pages_per_file * size
        for _ in range(files):
            yield from self.doors.use(1 / cluster.storage_requests)
            seconds = rates.fetch_latency + (size + counted / files) / rates.fetch_bandwidth
            yield from self.streams.use(seconds)

    def dispatch(self) -> Steps:
        """Hands what is rendered to the engine that has the fewest batches."""
        size = self.cluster.batch_pages(self.rates) // self.cluster.pages_per_task
        while True:
            yield self.ready.get(size)
            yield self.room.get(1)
            yield from self.driver.use(self.rates.launch)
            self.stored.append(1 - self.store.level / self.store.capacity)
            self.env.process(self.read(min(self.engines, key=lambda engine: engine.batches), size))

    def read(self, engine: _Engine, tasks: int) -> Steps:
        """A batch in an engine, and then its rows."""
        engine.batches += 1
        last = 0.0
        for _ in range(tasks * self.cluster.pages_per_task):
            yield self.env.timeout(self.rates.prepare)
            last = max(last, engine.read(self.env.now, self.length(), self.since, self.until))
        yield self.env.timeout(max(0.0, last - self.env.now))
        engine.batches -= 1
        yield self.room.put(1)
        yield self.store.put(tasks)
        yield from self.driver.use(self.rates.launch)
        yield from self.cores.use(tasks * self.cluster.pages_per_task * self.rates.finish)

    def length(self) -> float:
        """Seconds that the next page is in an engine."""
        sigma = self.cluster.sigma
        mean = self.rates.slots / self.rates.pages_a_second
        return mean * self.random.lognormvariate(-(sigma**2) / 2, sigma)


def simulate(cluster: Cluster, rates: Rates = RATES, *, seconds: float = 40.0) -> Outcome:
    """So many seconds of a read that has been under way for a while."""
    warm_up = 4 * rates.slots / rates.pages_a_second
    return _Simulation(cluster, rates, warm_up, warm_up + seconds).run()


def main(argv: Sequence[str] | None = None) -> int:
    """Print how busy clusters of several sizes are; docs/scale.md has more."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=40.0, help="that are simulated")
    seconds = parser.parse_args(argv).seconds
    for engines, pages_per_task in ((1, 16), (8, 16), (64, 16), (64, 128)):
        cluster = Cluster.of(engines, pages_per_task=pages_per_task)
        outcome = simulate(cluster, seconds=seconds)
        print(
            f"{engines} engines, tasks of {pages_per_task} pages: busy {outcome.busy:.1%}", end=""
        )
        print(f", {outcome.pages_a_second:.0f} pages/s; most used: {outcome.bottleneck}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
