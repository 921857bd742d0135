"""Many processes and threads on one store: no error, nothing wrong, hardly anything twice."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import textwrap
from collections import Counter
from contextlib import closing
from pathlib import Path

from got_loaders.cache.paths import FILE_NAME

ROOT = Path(__file__).parents[2]

PROCESSES, THREADS, PAGES = 8, 32, 60

READER = """
    import json, logging, random, sys, threading, time
    from concurrent.futures import Future, ThreadPoolExecutor
    from pathlib import Path
    from got_loaders.cache import CachedEngine, open_cache
    from got_loaders.types import OcrResult
    from tests.cache.making import asked

    logging.basicConfig(stream=sys.stderr)
    folder, seed, pages, threads = Path(sys.argv[1]), *map(int, sys.argv[2:])
    reads, lock = [], threading.Lock()

    class Engine:
        fingerprint = "model"

        def __init__(self):
            self.pool = ThreadPoolExecutor(4)

        def submit(self, request):
            red, green, _ = request.images[0].getpixel((0, 0))
            with lock:
                reads.append(red + 256 * green)
            return self.pool.submit(self.read, red + 256 * green)

        def read(self, number):
            time.sleep(0.002)
            return OcrResult(text=f"page {number}", num_tokens=number)

        def close(self):
            pass

    inner = Engine()

    def work(number):
        numbers = list(range(pages))
        random.Random(seed * 1000 + number).shuffle(numbers)
        with open_cache(folder, max_bytes=10**9) as store:
            engine = CachedEngine(lambda: inner, "model", store)
            futures = [(n, engine.submit(asked(n))) for n in numbers]
            return all(
                future.result(60) == OcrResult(text=f"page {n}", num_tokens=n)
                for n, future in futures
            )

    with ThreadPoolExecutor(threads) as workers:
        right = list(workers.map(work, range(threads)))
    print(json.dumps({"right": all(right), "reads": reads}))
"""


def test_eight_processes_of_32_threads_share_a_store(tmp_path: Path) -> None:
    """Every answer is right, no process reads a page twice, and nobody fails for a lock."""
    arguments = [str(tmp_path), "{seed}", str(PAGES), str(THREADS)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(READER)]
            + [argument.format(seed=seed) for argument in arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    for process in running:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert errors == ""
        told = json.loads(out)
        assert told["right"]
        assert max(Counter(told["reads"]).values(), default=0) <= 1
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count = "SELECT count(*) FROM readings WHERE model <> 'drafts'"
        assert connection.execute(count).fetchone() == (PAGES,)


OPENER = """
    import random, sys, threading, time
    from pathlib import Path
    from got_loaders.cache import ResultCache
    from got_loaders.types import OcrResult

    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    dice = random.Random(seed)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        store = ResultCache(folder, max_bytes=10**9)
        for _ in range(dice.randrange(6)):
            number = dice.randrange(3000)
            text = f"page {number} " * 200
            found = store.get_result(b"%d" % number)
            assert found is None or found.text == text
            done = threading.Event()
            store.put_result(b"%d" % number, "model", OcrResult(text=text), done.set)
            done.wait(60)
        store.close()
"""


def test_processes_that_open_and_close_the_store_all_the_time(tmp_path: Path) -> None:
    """Whoever closes it first or last, nobody's writing is damaged, and nothing is logged."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(OPENER), str(tmp_path), str(seed)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(4)
    ]
    told = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, told
    assert told == [""] * 4
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM readings").fetchone()[0] > 20
