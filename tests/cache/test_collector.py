"""The collector may end a dropped read at any allocation of ours; that is no deadlock."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
    import faulthandler, gc, os, sys, tempfile
    from pathlib import Path
    from got_loaders.cache import CachedEngine, open_cache
    from tests.cache.making import SlowEngine, asked

    folder, wanted = Path(tempfile.mkdtemp()), sys.argv[1]
    faulthandler.dump_traceback_later(20, exit=True)
    gc.disable()

    def reading(store):
        with open_cache(folder, max_bytes=10**9) as mine:
            slow = SlowEngine()
            future = CachedEngine(lambda: slow, "slow", mine).submit(asked())
            try:
                yield future
            finally:
                future.cancel()

    class Node:
        pass

    with open_cache(folder, max_bytes=10**9) as store:
        for after in range(1, 60):
            generator = reading(store)
            next(generator)
            node = Node()
            node.itself, node.generator = node, generator
            del node, generator
            gc.set_threshold(gc.get_count()[0] + after)
            gc.enable()
            if wanted == "join":
                store.single_flight.join(b"key %d" % after)
            else:
                with open_cache(folder / str(after), max_bytes=10**9):
                    pass
            gc.disable()
            gc.collect()
    print("ended", flush=True)
    os._exit(0)
"""


@pytest.mark.parametrize("wanted", ["join", "open"])
def test_a_read_that_the_collector_ends_holds_up_nobody(wanted: str) -> None:
    """Its futures are cancelled and its store is left, in the middle of another thread's step."""
    code = [sys.executable, "-c", textwrap.dedent(PROGRAM), wanted]
    done = subprocess.run(code, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "ended\n", done.stderr[-2000:]
