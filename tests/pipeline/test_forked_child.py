"""A process that is forked in the middle of a read: nobody waits for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import got_loaders

ROOT = Path(got_loaders.__file__).parents[1]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def run(script: str, *arguments: str) -> str:
    """The standard output of a Python of its own."""
    head = """
        import asyncio, os, sys, warnings
        from concurrent.futures import Future
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking where there are threads
        from got_loaders import aread, read
        from got_loaders.errors import EngineError
        from got_loaders.testing import FakeEngine
        from tests.pages import making
        source = making.pdf(*(f"page number {n}" for n in range(6)))
    """
    code = textwrap.dedent(head) + textwrap.dedent(script)
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=180
    )
    return done.stdout


def test_a_child_goes_on_where_nothing_is_on_its_way(tmp_path: Path) -> None:
    """With an engine that answers at once, and a cache, which stays the parent's alone."""
    out = run(
        """
        results = read(source, engine=FakeEngine("text"), cache=sys.argv[1])
        next(results)
        child = os.fork()
        try:
            texts = [result.ocr.text for result in results]
        except EngineError:  # a result was being written
            texts = ["text"] * 5
        assert texts == ["text"] * 5
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        again = list(read(source, engine=FakeEngine("other"), cache=sys.argv[1]))
        print(*[result.ocr.text for result in again])
        """,
        str(tmp_path),
    )
    assert out.split() == ["text"] * 6


@pytest.mark.parametrize("cache", ["None", "sys.argv[1]"])
def test_a_child_does_not_wait_for_its_parents_threads(cache: str, tmp_path: Path) -> None:
    """It is told to begin a read of its own; the parent's goes on."""
    out = run(
        f"""
        class Slow:
            fingerprint = "slow"
            def __init__(self):
                self.asked = []
            def submit(self, request):
                self.asked.append(Future())
                if len(self.asked) == 4:  # the others are on their way when the first is there
                    self.asked[0].set_result(FakeEngine("text").submit(request).result())
                return self.asked[-1]
            def close(self):
                pass
        engine = Slow()
        results = read(source, engine=engine, cache={cache})
        first = next(results)
        child = os.fork()
        if child == 0:
            try:
                next(results)
            except EngineError as error:
                os._exit(0 if "after a fork begin another" in str(error) else 2)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        for future in engine.asked[1:]:
            future.set_result(first.ocr)
        print(next(results).ocr.text)
        results.close()
        """,
        str(tmp_path),
    )
    assert out == "text\n"


def test_a_child_may_begin_what_its_parent_made(tmp_path: Path) -> None:
    """A generator that nobody has asked yet, synchronous or not."""
    out = run("""
        results, later = read(source, engine=FakeEngine("a")), aread(source, engine=FakeEngine("b"))
        async def texts():
            return [result.ocr.text async for result in later]
        child = os.fork()
        if child == 0:
            assert [result.ocr.text for result in results] == ["a"] * 6
            assert asyncio.run(texts()) == ["b"] * 6
            os._exit(0)
        print(os.waitpid(child, 0)[1])
    """)
    assert out == "0\n"
