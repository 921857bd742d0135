"""The library's own server and its client: what is read through both equals what is read here."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from got_loaders import EngineConfig, GotOcrLoader, LocalEngine, OcrRequest, OcrResult, RemoteEngine
from got_loaders.cache import CachedEngine, open_cache
from got_loaders.errors import EngineDeadError, EngineError, RequestTooLongError
from got_loaders.server.settings import ServerSettings
from got_loaders.types import Box
from tests.engine.pictures import page
from tests.server.running import RunningServer, running_server

WAIT = 120

PAGE = page(1, lines=1)
REQUESTS = {
    "plain": OcrRequest(images=(PAGE,)),
    "cut off": OcrRequest(images=(PAGE,), max_new_tokens=5),
    "tiles of a photo": OcrRequest(
        images=(PAGE.resize((2640, 1300)),), crop_to_patches=True, max_patches=2, max_new_tokens=9
    ),
    "box": OcrRequest(images=(PAGE,), box=Box(10, 12.5, 480.2, 330), max_new_tokens=9),
}
"""Pictures are tested in test_encode, all modes in the contract's tests."""

BY_BATCH = ("confidence", "accepted_tokens", "rejected_tokens")
"""What depends on what else is read at the same time; of the confidence its last bits."""


@pytest.fixture(scope="module")
def local() -> Iterator[LocalEngine]:
    """The model in this process."""
    with LocalEngine(EngineConfig(model="tiny", device="cpu", max_batch_size=8)) as engine:
        yield engine


@pytest.fixture(scope="module")
def server(local: LocalEngine) -> Iterator[RunningServer]:
    """A server of that model."""
    with running_server(local, ServerSettings(port=0, api_keys=("hunter22",))) as running:
        yield running


@pytest.fixture(scope="module")
def remote(server: RunningServer) -> Iterator[RemoteEngine]:
    """Its client."""
    with RemoteEngine(server.url, "hunter22") as engine:
        yield engine


def test_a_page_is_read_as_here(local: LocalEngine, remote: RemoteEngine) -> None:
    """In all fields: text, tokens, confidence to its last bit, why it ended, the prompt's size."""
    futures = [remote.submit(request) for request in REQUESTS.values()]
    for (name, request), future in zip(REQUESTS.items(), futures, strict=True):
        here, there = local.submit(request).result(WAIT), future.result(WAIT)
        for field in fields(OcrResult):
            if field.name not in BY_BATCH:
                assert getattr(there, field.name) == getattr(here, field.name), (name, field.name)
        assert there.confidence == pytest.approx(here.confidence, abs=1e-6), name
    assert remote.fingerprint == local.fingerprint
    assert remote.info == local.info
    assert remote.max_batch_size == local.max_batch_size


def test_errors_are_the_engines_own(remote: RemoteEngine) -> None:
    """By their kind, and in its words."""
    with pytest.raises(RequestTooLongError, match="more than the context of"):
        remote.submit(OcrRequest(images=(PAGE,), max_new_tokens=9000)).result(WAIT)
    with pytest.raises(EngineError):
        remote.submit(OcrRequest(images=(PAGE,) * 40, multi_page=True, max_new_tokens=1)).result(
            WAIT
        )


def test_a_wrong_key_and_none_end_a_read(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to do; the right one may come from the environment."""
    monkeypatch.delenv("GOT_LOADERS_API_KEY", raising=False)
    scan = io.BytesIO()
    PAGE.save(scan, "PNG")
    for engine in (server.url, RemoteEngine(server.url, "hunter33")):
        loader = GotOcrLoader(scan.getvalue(), engine=engine, on_error="skip")
        with pytest.raises(EngineDeadError, match="set GOT_LOADERS_API_KEY"):
            loader.load()
    monkeypatch.setenv("GOT_LOADERS_API_KEY", "hunter22")
    assert len(GotOcrLoader(scan.getvalue(), engine=server.url).load()) == 1


def test_a_cache_that_a_local_engine_filled_is_found(
    local: LocalEngine, remote: RemoteEngine, tmp_path: Path
) -> None:
    """The keys are the same, for they are made before anything is squeezed."""
    request = REQUESTS["plain"]
    with open_cache(tmp_path, max_bytes=10**8) as cache:
        first = CachedEngine(lambda: local, local.fingerprint, cache).submit(request).result(WAIT)
        again = CachedEngine(lambda: remote, remote.fingerprint, cache).submit(request).result(WAIT)
    assert (first.cached, again.cached) == (False, True)
    assert again == first


def test_a_request_that_is_cancelled_leaves_the_servers_batch(
    local: LocalEngine, remote: RemoteEngine
) -> None:
    """Within a step: the server hears that nobody waits."""
    request = OcrRequest(images=(PAGE,), max_new_tokens=4000)
    futures = [remote.submit(request) for _ in range(2)]
    assert all(future.cancel() for future in futures)
    done = threading.Event()
    remote.submit(REQUESTS["cut off"]).add_done_callback(lambda _: done.set())
    assert done.wait(WAIT)
    pause = threading.Event()
    for _ in range(2000):
        if not local.num_running + local.num_waiting:
            return
        pause.wait(0.01)
    pytest.fail("they are still read")
