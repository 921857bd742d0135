"""Many clients at once, rude ones among them: all are answered, and nothing stays behind."""

from __future__ import annotations

import asyncio
import heapq
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from examples.sample_pages import NOTICE, REPORT, write_image
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult, TokenListener
from tests.server.load import Question, Tally, load
from tests.server.pages import encoded, question
from tests.server.running import running_server, until

CHAT = "/v1/chat/completions"
ROOM = 4
"""Threads that a pool may still start, since it starts one only where none is idle."""


class DelayedEngine(FakeEngine):
    """Answers each request after a moment, in a thread of its own; a cancelled one never."""

    def __init__(self) -> None:
        super().__init__(lambda request: answer_for(request.images[0]), max_batch_size=8)
        self._due: list[tuple[float, int, OcrRequest, TokenListener | None, Future[OcrResult]]] = []
        self._changed = threading.Condition()
        self._asked = 0
        threading.Thread(target=self._answer, name="delayed-engine").start()

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Answer later."""
        future: Future[OcrResult] = Future()
        with self._changed:
            self._asked += 1
            due = time.monotonic() + 0.002 * (self._asked % 10)
            heapq.heappush(self._due, (due, self._asked, request, listener, future))
            self._changed.notify()
        return future

    def close(self) -> None:
        """End the thread."""
        super().close()
        with self._changed:
            self._changed.notify()

    def _answer(self) -> None:
        while True:
            with self._changed:
                while not self.closed and (not self._due or self._due[0][0] > time.monotonic()):
                    self._changed.wait(
                        max(0, self._due[0][0] - time.monotonic()) if self._due else None
                    )
                if self.closed:
                    return
                _, _, request, listener, future = heapq.heappop(self._due)
            if not future.cancelled():
                result = super().submit(request, listener=listener).result()
                self.requests.clear()
                with suppress(InvalidStateError):
                    future.set_result(result)


def answer_for(image: Image.Image) -> str:
    """Each picture has one of its own, so that no client gets another one's."""
    return f"a picture of {image.width} by {image.height} pixels"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process holds; ``memory`` in bytes, that which is shared with no other."""

    threads: int
    files: int
    memory: int

    @classmethod
    def of(cls, pid: int) -> Usage:
        process = psutil.Process(pid)
        memory = process.memory_full_info().uss
        return cls(threads=process.num_threads(), files=process.num_fds(), memory=memory)


def counted(url: str) -> dict[str, float]:
    """The server's counters and gauges, those of chat completions by their status."""
    text = httpx.get(f"{url}/metrics").text
    return {
        sample.labels["status"] if sample.name == "got_loaders_requests_total" else sample.name:
            sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("endpoint", CHAT) == CHAT
    }  # fmt: skip


def at_rest(url: str) -> bool:
    """Whether nobody is asking or waiting."""
    now = counted(url)
    names = ("requests_running", "requests_waiting", "held_bytes")
    return not any(now[f"got_loaders_{name}"] for name in names)


def check(url: str, tallies: list[Tally], *, others: int = 0) -> None:
    """The server has counted what its clients did, and ``others``; nobody got a wrong answer."""
    assert [wrong for tally in tallies for wrong in tally.wrong] == []
    until(lambda: at_rest(url))
    answered: Counter[int] = sum((tally.answered for tally in tallies), Counter({200: others}))
    hung_up = sum(tally.hung_up for tally in tallies)
    assert answered[200]
    assert hung_up
    server = counted(url)
    statuses = {int(name): value for name, value in server.items() if name.isdecimal()}
    assert statuses.keys() <= {200, 400, 499}
    assert statuses[400] == answered[400]
    assert answered[200] <= statuses[200] <= answered[200] + hung_up
    assert statuses[499] <= hung_up
    assert sum(statuses.values()) <= answered.total() + hung_up
    assert 0 < server["got_loaders_cancelled_total"] <= hung_up


def load_for(
    url: str, questions: list[Question], seed: int, *, asks: float = math.inf, seconds: float = 3600
) -> Tally:
    """So often by each client, or for so long."""
    end = time.monotonic() + seconds

    def ended(asked: int) -> bool:
        return asked >= asks or time.monotonic() >= end

    return asyncio.run(load(url, questions, seed, ended))


def answered_once(url: str, body: dict[str, Any]) -> Question:
    """What is answered when nobody else asks."""
    answer = httpx.post(url + CHAT, json=body, timeout=60).json()
    return Question(body, answer["choices"][0]["message"]["content"])


def settled(url: str, pid: int) -> Usage:
    """What the server holds once its engine has given back what the C library keeps behind large
    arrays, which it does every 64 requests."""
    white = question(encoded(Image.new("L", (64, 64), "white")), max_new_tokens=1)
    with httpx.Client(timeout=60) as client:
        for _ in range(65):
            assert client.post(url + CHAT, json=white).status_code == 200
    return Usage.of(pid)


def test_nothing_is_left_of_many_clients() -> None:
    """32 clients ask, stream, ask wrongly, hang up at any moment and send half a request: each
    answer is the right one, the counters agree with what the clients counted, and afterwards the
    server has no more threads, files or memory than before.
    """
    pictures = [Image.new("L", (100 + n, 50), "white") for n in range(8)]
    questions = [Question(question(encoded(p)), answer_for(p)) for p in pictures]
    engine = DelayedEngine()
    try:
        with running_server(engine) as server:
            tallies = [load_for(server.url, questions, seed=1, asks=5)]
            check(server.url, tallies)
            before = Usage.of(os.getpid())
            tallies.append(load_for(server.url, questions, seed=2, asks=8))
            check(server.url, tallies)
            until(lambda: Usage.of(os.getpid()).files <= before.files)
            after = Usage.of(os.getpid())
        assert after.threads <= before.threads + ROOM
        assert after.memory - before.memory < 30_000_000
    finally:
        engine.close()


@pytest.mark.slow
def test_nothing_is_left_of_an_hour(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The same for five minutes, with a model that reads, in a process of its own."""
    command = (sys.executable, "-m", "got_loaders", "serve", "--model", "tiny", "--port", "0")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        listening = re.search(r"http://\S+:\d+", process.stderr.readline())
        assert listening is not None
        url = listening[0]
        assert "ready" in process.stderr.readline()
        sheets = enumerate((NOTICE, *REPORT))
        pages = [write_image(tmp_path / f"{n}.png", sheet).read_bytes() for n, sheet in sheets]
        questions = [answered_once(url, question(page)) for page in pages]
        tallies = [load_for(url, questions, seed=1, seconds=60)]
        check(url, tallies)
        usages = [settled(url, process.pid)]
        for minute in range(4):
            tallies.append(load_for(url, questions, seed=2 + minute, seconds=60))
            check(url, tallies, others=65 * len(usages))
            usages.append(settled(url, process.pid))
        for minute, (tally, usage) in enumerate(zip(tallies, usages, strict=True), 1):
            text = f"{dict(tally.answered)}, hung up {tally.hung_up}, {usage}"
            record_property(f"minute {minute}", text)
        process.terminate()
        assert process.wait(60) == 0
    assert max(usage.threads for usage in usages[1:]) <= usages[0].threads + ROOM
    assert max(usage.files for usage in usages[1:]) <= usages[0].files
    before, after = (min(usage.memory for usage in part) for part in (usages[:2], usages[-2:]))
    # What the C library keeps of arrays goes up and down: 686 to 703 MB in a quiet run, 786
    # to 1,035 on a busy machine. Only a leak of some 30 kB a request would show here.
    assert after - before < 100_000_000
