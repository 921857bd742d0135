"""Several processes that read through one server, beside one process with an engine of its own.

    python -m benchmarks.server [--clients 4] [--pages 16] [--lines 5] [--rounds 5]

Each client process has a loader over a scan of its own, made for this, with so many pages; the one
process with its own engine reads the same scans by one loader. Both are there all the time and take
turns, a round each, so that whatever else the machine does hits both; the pages of a round are
timed from the first client's start to the last one's end. What each side has spent of the
processors' time is counted with it, page workers included: it is what remains comparable on a
machine that is not idle. ``--threads`` is torch's, on both sides.

Fails where texts, ids or metadata of any page differ, or its tokens or their confidence, or where a
client has loaded torch. Prints pages a second of each side, their ratios, and the memory of each
process that is not shared with others (USS). Needs the extra ``serve``, and psutil.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own

from examples.sample_pages import NOTICE, REPORT, Sheet, write_scan

ROOT = Path(__file__).parents[1]
PATIENCE = 120
"""Seconds for a server to load its model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """All pages once: seconds that passed, and those that processors worked for it."""

    seconds: float
    worked: float


class Reads(Protocol):
    """Who reads when told to, and then gives pages."""

    has_torch: bool

    def start(self, what: str) -> None:
        """Begin to read."""

    def finish(self) -> list[Any]:
        """The pages."""


class Reader:
    """A process of ``benchmarks._reading_process``."""

    def __init__(self, engine: str, files: Sequence[Path]) -> None:
        command = (sys.executable, "-W", "ignore", "-m", "benchmarks._reading_process", engine)
        self._process = subprocess.Popen(
            (*command, *map(str, files)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.has_torch = False

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def start(self, what: str) -> None:
        """Tell it to read; ``finish`` waits for what it has read."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def finish(self) -> list[Any]:
        """Its pages."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a reading process has ended: see above")
        answer = json.loads(line)
        self.has_torch = answer["torch"]
        pages: list[Any] = answer["pages"]
        return pages

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Print the comparison; 1 if what was read differs, or a client has loaded torch."""
    options = _options(argv)
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)  # the children's
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        shape = (options.clients, options.pages, options.lines, options.seed)
        files = write_pdfs(Path(folder), *shape)
        address, server = stack.enter_context(running_server(options.model))
        clients = [stack.enter_context(Reader(address, [file])) for file in files]
        alone = stack.enter_context(Reader(options.model, files))
        wrong = compare(clients, alone)
        rounds = [
            (timed(clients, [server, *clients]), timed([alone], [alone]))
            for _ in range(options.rounds)
        ]
        _print(options, rounds)
        _print_memory({"the server": [server.pid], "its clients": [c.pid for c in clients]})
        _print_memory({"the engine's own process": [alone.pid]})
    print(*(wrong or ["texts, ids, metadata, tokens and confidences are equal"]), sep="\n")
    return 1 if wrong else 0


def write_pdfs(folder: Path, clients: int, pages: int, lines: int, seed: int) -> list[Path]:
    """A scan for each client, of pages that no other one has."""
    chance = random.Random(str(seed))
    paths = [folder / f"{number}.pdf" for number in range(clients)]
    for path in paths:
        write_scan(path, tuple(_sheet(chance, lines) for _ in range(pages)))
    return paths


def _sheet(chance: random.Random, lines: int) -> Sheet:
    words = [word for sheet in (*REPORT, NOTICE) for line in sheet.lines for word in line.split()]
    return Sheet(lines=tuple(" ".join(chance.sample(words, 4)) for _ in range(lines)))


@contextmanager
def running_server(model: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """``got-loaders serve`` on a free port: its address, when it is ready, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "got_loaders", "serve", "--model", model, "--port", str(port))
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/ready", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:  # it does not listen yet, or answers 503: the model is being loaded
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    raise RuntimeError(f"the server has ended with {process.returncode}: see above")


def compare(clients: Sequence[Reads], alone: Reads) -> list[str]:
    """Read all pages on both sides, which warms both up; what differs."""
    wrong = []
    for what in ("documents", "tokens"):
        far, near = read_all(clients, what), read_all([alone], what)
        if len(far) != len(near):
            wrong.append(f"{what}: {len(far)} pages from the server, {len(near)} else")
        pairs = enumerate(zip(far, near, strict=False))
        wrong += [f"{what}, page {n}: {a} is not {b}" for n, (a, b) in pairs if a != b]
    return wrong + ["a client has loaded torch" for client in clients if client.has_torch]


def read_all(readers: Sequence[Reads], what: str) -> list[Any]:
    """The pages of all, read at the same time."""
    for reader in readers:
        reader.start(what)
    return [page for reader in readers for page in reader.finish()]


def timed(readers: Sequence[Reads], processes: Sequence[Any]) -> Round:
    """Read everything once."""
    before, start = _worked(processes), time.perf_counter()
    read_all(readers, "documents")
    seconds = time.perf_counter() - start
    return Round(seconds=seconds, worked=_worked(processes) - before)


def _worked(processes: Sequence[Any]) -> float:
    """Seconds of processors' time that these and their children have had."""
    times = [member.cpu_times() for process in processes for member in _family(process.pid)]
    return sum(float(t.user + t.system) for t in times)


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _print(options: argparse.Namespace, rounds: Sequence[tuple[Round, Round]]) -> None:
    pages = options.clients * options.pages
    print(f"{options.clients} clients × {options.pages} pages, {options.model}, ", end="")
    print(f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}, {os.cpu_count()} cores")
    print(f"other load on this machine: {os.getloadavg()[0]:.1f} processes in the last minute\n")
    print(
        "| round | server, pages/s | own engine, pages/s | ratio | the same of processors' time |"
    )
    print("|---|---|---|---|---|")
    for number, (far, near) in enumerate(rounds, 1):
        print(
            f"| {number} | {pages / far.seconds:.2f} | {pages / near.seconds:.2f} "
            f"| {near.seconds / far.seconds:.2f} | {near.worked / far.worked:.2f} |"
        )
    ratio = statistics.median(near.seconds / far.seconds for far, near in rounds)
    worked = statistics.median(near.worked / far.worked for far, near in rounds)
    print(f"\nmedian: {ratio:.2f} × the pages a second; of processors' time {worked:.2f}")


def _print_memory(groups: dict[str, list[int]]) -> None:
    for name, pids in groups.items():
        sizes = ", ".join(f"{psutil.Process(p).memory_full_info().uss / 1e6:.0f}" for p in pids)
        print(f"memory of {name}: {sizes} MB")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.server",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--clients", type=int, default=4)
    add("--pages", type=int, default=16, help="of each client")
    add("--lines", type=int, default=5, help="of four words each on a page")
    add("--rounds", type=int, default=5, help="on each side, in turns")
    add("--threads", type=int, help="torch's threads, on both sides (as many as torch takes)")
    add("--model", default="tiny")
    add("--seed", type=int, default=7)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
