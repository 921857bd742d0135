"""Threads, event loops and processes: what is shared, and what is not."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

import got_loaders
from got_loaders import GotOcrLoader, aread, read
from got_loaders.engine.remote import RemoteEngine
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult
from got_loaders.types.engines import TokenListener
from tests.engine.remote.stand_in import StandIn
from tests.fakes import picture
from tests.pages.making import pdf

ROOT = Path(got_loaders.__file__).parents[1]


def says_size(request: OcrRequest) -> str:
    """What can be told of a page after it was squeezed."""
    return f"format={request.format} {request.max_new_tokens}"


def test_documents_are_the_same_as_a_local_engines(tmp_path: Path) -> None:
    """Texts, ids and metadata; and what one has read, the other finds in the cache."""
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(pdf("a", "b", "c"))
    local = GotOcrLoader(scan, engine=FakeEngine(says_size), cache=tmp_path / "local").load()
    with StandIn(FakeEngine(says_size)) as server:
        remote = GotOcrLoader(scan, engine=server.url, cache=tmp_path / "remote").load()
        assert [dict(document) for document in remote] == [dict(document) for document in local]
        assert len(server.reads) == 3
        again = GotOcrLoader(scan, engine=server.url, cache=tmp_path / "local").load()
        assert [document.page_content for document in again] == [d.page_content for d in local]
        assert len(server.reads) == 3


def test_threads_and_event_loops_share_connections() -> None:
    """All who name one server; no more connections than requests under way."""
    with StandIn(max_batch_size=4) as server:
        texts: list[str] = []

        def work() -> None:
            texts.extend(result.text for result in read(pdf("a", "b"), engine=server.url))

        async def awork() -> None:
            texts.extend([r.text async for r in aread(pdf("a", "b"), engine=server.url)])

        threads = [threading.Thread(target=work) for _ in range(3)]
        threads += [threading.Thread(target=lambda: asyncio.run(awork())) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert texts == ["text"] * 12
        assert len(server.seen) == 13
        assert server.connections <= 6


def test_engines_of_one_server_and_key_share_a_client() -> None:
    """The last one that is closed closes its connections."""
    with StandIn() as server:
        one, two = RemoteEngine(server.url), RemoteEngine(server.url)
        request = OcrRequest(images=(picture(),))
        for engine in (one, two, one):
            engine.submit(request).result(60)
        assert server.connections == 1
        one.close()
        two.submit(request).result(60)
        two.close()
        assert server.connections == 1


def run(script: str, url: str) -> str:
    """The standard output of a Python of its own, in which every warning is an error."""
    head = """
        import os, sys, threading
        from PIL import Image
        from got_loaders import OcrRequest, RemoteEngine
        from got_loaders.errors import EngineDeadError
        request = OcrRequest(images=(Image.new("L", (9, 9)),))
        engine = RemoteEngine(sys.argv[1])
    """
    code = textwrap.dedent(head) + textwrap.dedent(script)
    command = [sys.executable, "-W", "error", "-c", code, url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_asks_by_itself() -> None:
    """Its parent's requests fail there, and come home in the parent; both go on."""
    with StandIn(max_batch_size=8) as server:
        out = run(
            """
            import warnings
            warnings.simplefilter("ignore", DeprecationWarning)  # of forking where threads are
            engine.submit(request).result(60)
            pending = [engine.submit(request) for _ in range(5)]
            child = os.fork()
            if child == 0:
                left = [future for future in pending if not future.done()]
                for future in left:
                    try:
                        future.result(60)
                    except EngineDeadError as error:
                        assert "after a fork submit it again" in str(error)
                    else:
                        os._exit(1)
                text = engine.submit(request).result(60).text
                engine.close()
                os._exit(0 if text == "text" else 2)
            assert [future.result(60).text for future in pending] == ["text"] * 5
            assert os.waitpid(child, 0)[1] == 0
            print(engine.submit(request).result(60).text)
            """,
            server.url,
        )
    assert out.split() == ["text"]


def test_a_process_ends_without_a_word() -> None:
    """Nothing was closed, and requests are under way: no warning, no traceback, no waiting."""
    with StandIn(Silent()) as server:
        out = run(
            """
            pending = engine.submit(request)
            threading.Thread(target=lambda: print(repr(pending.exception(60))), daemon=True).start()
            print(engine.fingerprint)
            """,
            server.url,
        )
    assert out.split()[0] == "fake"


class Silent(FakeEngine):
    """Never answers."""

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """A future that stays as it is."""
        return Future()
