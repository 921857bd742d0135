"""The server as a Ray Serve application: a real Serve on this machine, with fake engines."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip(
    "ray.serve", reason="Ray Serve is not installed: pip install 'got-loaders[ray-serve]'"
)
openai = pytest.importorskip("openai")

import ray  # noqa: E402
from PIL import Image  # noqa: E402
from ray import serve  # noqa: E402

from examples.sample_pages import NOTICE, write_image  # noqa: E402
from got_loaders import GotOcrLoader, RemoteEngine  # noqa: E402
from got_loaders.errors import EngineDeadError  # noqa: E402
from got_loaders.ray import app, build_app  # noqa: E402
from got_loaders.testing import FakeEngine  # noqa: E402
from got_loaders.types import OcrRequest  # noqa: E402
from tests.pages.making import pdf  # noqa: E402
from tests.ray.gated_engine import GatedEngine  # noqa: E402
from tests.server.pages import encoded, question  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray leaves its own sockets open
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

HEIGHT = 40

PATIENCE = 120.0
"""Seconds that anything may take: a replica is a process that imports Ray, on a busy machine."""


@dataclass(frozen=True)
class Served:
    """The address of Serve's proxy; the application of two gated engines is at its root."""

    url: str
    folder: Path
    client: httpx.Client
    threads: ThreadPoolExecutor

    def post(self, body: dict[str, Any]) -> Future[httpx.Response]:
        """Ask for a page, in another thread."""
        return self.threads.submit(self.client.post, "/v1/chat/completions", json=body)

    def hold(self) -> None:
        """Have the engines keep what they are asked until :meth:`release`."""
        for old in self.folder.iterdir():
            old.unlink()
        (self.folder / "closed").touch()

    def release(self) -> None:
        """Have them answer."""
        (self.folder / "closed").unlink(missing_ok=True)

    def held(self, kind: str = "held") -> list[int]:
        """The processes of the requests that are held."""
        return [int(path.name.split("-")[1]) for path in self.folder.glob(f"{kind}-*")]


def gated(folder: Path) -> Callable[[], GatedEngine]:
    """What makes the engine of a replica."""
    place = str(folder)
    return lambda: GatedEngine(place)


def two_replicas(folder: Path, **options: Any) -> Any:
    """The application that most tests ask."""
    return app(engine=gated(folder), replicas=2, max_batch_size=4, grace_seconds=60, **options)


@pytest.fixture(scope="module")
def served(cluster: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve on the cluster, with one proxy at a free port."""
    folder = tmp_path_factory.mktemp("gate")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    quiet = {"log_level": "ERROR"}
    serve.start("HeadOnly", http_options={"port": port}, logging_config=quiet)
    try:
        serve.run(two_replicas(folder))
        with (
            httpx.Client(base_url=url, timeout=PATIENCE) as client,
            ThreadPoolExecutor(40) as threads,
        ):
            yield Served(url, folder, client, threads)
    finally:
        serve.shutdown()  # type: ignore[no-untyped-call]  # Ray's


@pytest.fixture
def picture() -> Image.Image:
    """A page with a dot."""
    image = Image.new("L", (60, HEIGHT), "white")
    image.putpixel((5, 5), 0)
    return image


def test_a_loader_reads_by_it(served: Served) -> None:
    """One line changes: the server's address; clients are told what all replicas take."""
    source = pdf(*(f"Page {n}" for n in range(5)), size=(400, 200))
    with RemoteEngine(served.url) as engine:
        assert engine.info.max_batch_size == 8
        documents = GotOcrLoader(source, engine=engine).load()
    assert [document.metadata["page"] for document in documents] == list(range(5))
    readers = {document.page_content.split()[0] for document in documents}
    assert all(reader.isdigit() for reader in readers)


def test_the_official_client_is_answered(served: Served, picture: Image.Image) -> None:
    """Whole, and in pieces as they come."""
    messages = question(encoded(picture))["messages"]
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any") as client:
        whole = client.chat.completions.create(model="fake", messages=messages)
        assert whole.choices[0].message.content.endswith(f" {HEIGHT}")
        pieces = list(client.chat.completions.create(model="fake", messages=messages, stream=True))
        text = "".join(piece.choices[0].delta.content or "" for piece in pieces)
        assert text.split()[1] == str(HEIGHT)
        assert pieces[-1].choices[0].finish_reason == "stop"
        with pytest.raises(openai.BadRequestError, match="max_token is not a field"):
            client.chat.completions.create(
                model="fake", messages=messages, extra_body={"max_token": 1}
            )


def test_errors_are_the_servers_own(served: Served) -> None:
    """In the same shape, with one id of the request, which Serve's logs have, too."""
    answer = served.client.get("/nope")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert len(answer.headers.get_list("x-request-id")) == 1
    strange = served.client.get("/v1/models", headers={"host": "ocr.example"})
    assert strange.json()["error"]["code"] == "forbidden"
    jobs = served.client.post("/v1/jobs", json={"document": {"type": "file", "file_id": "x"}})
    assert jobs.status_code == 404
    assert "keeps no jobs" in jobs.json()["error"]["message"]


def test_who_hangs_up_is_not_read_for(served: Served) -> None:
    """The replica hears of it through the proxy, and gives the place to others."""
    served.hold()
    try:
        with pytest.raises(httpx.ReadTimeout), httpx.Client(base_url=served.url, timeout=1) as one:
            one.post("/v1/chat/completions", json=question())
        until(lambda: served.held("cancelled"))
    finally:
        served.release()


def test_what_waits_beyond_the_bound_is_told_to_come_later(served: Served) -> None:
    """Proxies keep as many waiting as all replicas read; those that were let in are answered."""
    until(lambda: replicas("default") == 2)
    served.hold()
    asked: list[Future[httpx.Response]] = []

    def one_is_refused() -> bool:
        asked.append(served.post(question()))
        wait(asked[-1:], timeout=0.2)  # of those that come at once Serve lets some more in
        return any(future.done() for future in asked)

    try:
        asked += [served.post(question()) for _ in range(12)]
        until(lambda: len(served.held()) == 12)
        until(one_is_refused)
    finally:
        served.release()
    answers = [future.result(PATIENCE) for future in asked]
    assert {answer.status_code for answer in answers} == {200, 429}
    refused = [answer for answer in answers if answer.status_code == 429]
    assert all(answer.headers["retry-after"] == "1" for answer in refused)


def test_counters_come_out_with_the_replicas_name(served: Served) -> None:
    """Where Ray exports its own, so that each replica's are told apart."""
    nodes = ray.nodes()  # type: ignore[no-untyped-call]  # Ray's
    ports = [(node["NodeManagerAddress"], node["MetricsExportPort"]) for node in nodes]

    def found() -> bool:
        texts = [httpx.get(f"http://{host}:{port}/metrics").text for host, port in ports]
        lines = [line for text in texts for line in text.splitlines()]
        pages = [line for line in lines if line.startswith("ray_got_loaders_pages_total{")]
        return any('application="default"' in line and 'outcome="stop"' in line for line in pages)

    until(found)


def test_a_replica_that_is_replaced_finishes_what_it_has(served: Served) -> None:
    """A new version takes its place meanwhile; no client sees an error, or asks again."""
    until(lambda: replicas("default") == 2)
    served.hold()
    try:
        asked = [served.post(question()) for _ in range(10)]
        until(lambda: len(served.held()) == 10)
        rolled = served.threads.submit(serve.run, two_replicas(served.folder, max_pages=7))
        until(lambda: replicas("default", "STOPPING"))
    finally:
        served.release()
    assert [future.result(PATIENCE).status_code for future in asked] == [200] * 10
    rolled.result(PATIENCE)
    limits = served.client.get("/v1/capabilities").json()["limits"]
    assert limits["max_pages"] == 7


@pytest.mark.slow  # loads the model in a replica
def test_the_embedded_model_reads_below_a_path_and_with_a_key(
    served: Served, tmp_path: Path
) -> None:
    """As a config file has it."""
    keys = tmp_path / "keys.txt"
    keys.write_text("a-key-of-the-lab\n")
    built = build_app({"model": "tiny", "max_batch_size": "2", "api_key_file": str(keys)})
    serve.run(built, name="tiny", route_prefix="/tiny")
    try:
        with pytest.raises(EngineDeadError, match="does not accept this key"):
            RemoteEngine(f"{served.url}/tiny", "another-key").info  # noqa: B018
        notice = write_image(tmp_path / "notice.png")
        with RemoteEngine(f"{served.url}/tiny", "a-key-of-the-lab") as engine:
            [document] = GotOcrLoader(notice, engine=engine).load()
        assert document.page_content.removeprefix("# ").split() == NOTICE.text.split()
        assert served.client.get("/tiny/health").status_code == 200
    finally:
        serve.delete("tiny")


def test_a_replica_killed_under_load_loses_nothing(served: Served, picture: Image.Image) -> None:
    """Who asks by RemoteEngine, or by OpenAI's client, gets each page."""
    served.hold()
    try:
        with (
            RemoteEngine(served.url, retry_for=PATIENCE) as engine,
            openai.OpenAI(base_url=f"{served.url}/v1", api_key="any") as client,
        ):
            ours = [engine.submit(OcrRequest(images=(picture,))) for _ in range(4)]
            ask = client.chat.completions.create
            messages = question(encoded(picture))["messages"]
            theirs = [served.threads.submit(ask, model="fake", messages=messages) for _ in range(4)]
            until(lambda: len(served.held()) == 8)
            killed = served.held()[0]
            assert len(set(served.held())) == 2, "each replica has a part"
            os.kill(killed, signal.SIGKILL)
            until(lambda: len(served.held()) > 8)
            served.release()
            texts = [future.result(PATIENCE).text for future in ours]
            texts += [future.result(PATIENCE).choices[0].message.content for future in theirs]
    finally:
        served.release()
    assert {text.split()[1] for text in texts} == {str(HEIGHT)}
    assert str(killed) not in {text.split()[0] for text in texts}


@pytest.mark.slow
def test_replicas_come_and_go_with_the_requests(served: Served) -> None:
    """A second one finds work among what waits already; from none, the first request has one."""
    quick = {"upscale_delay_s": 0.5, "downscale_delay_s": 1, "metrics_interval_s": 0.2}
    quick["look_back_period_s"] = 1
    scaled = app(
        engine=gated(served.folder),
        max_batch_size=4,
        autoscaling={"min_replicas": 0, "max_replicas": 2, **quick},
    )
    serve.run(scaled, name="scaled", route_prefix="/scaled")
    served.hold()
    try:
        path = "/scaled/v1/chat/completions"
        asked = [
            served.threads.submit(served.client.post, path, json=question()) for _ in range(10)
        ]
        until(lambda: len(set(served.held())) == 2)
        until(lambda: len(served.held()) == 10)
        served.release()
        assert [future.result(PATIENCE).status_code for future in asked] == [200] * 10
        until(lambda: replicas("scaled") == replicas("scaled", "STOPPING") == 0)
    finally:
        served.release()
        serve.delete("scaled")


@pytest.mark.slow
def test_a_model_that_is_not_to_be_had_is_told_of(served: Served) -> None:
    """By Serve's status, without the place of its file."""

    def broken() -> FakeEngine:
        raise OSError("no weights at /srv/models/got")

    lost = app(engine=broken, serve_options={"max_constructor_retry_count": 1})
    try:
        with pytest.raises(RuntimeError):
            serve.run(lost, name="lost", route_prefix="/lost")
        [deployment] = serve.status().applications["lost"].deployments.values()
        assert "the model is not to be had: no weights at …" in deployment.message
    finally:
        serve.delete("lost")


def until(met: Callable[[], object]) -> None:
    """Wait for what other processes do."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > end:
            raise TimeoutError
        pause.wait(0.02)


def replicas(application: str, state: str = "RUNNING") -> int:
    """How many there are in this state."""
    [deployment] = serve.status().applications[application].deployments.values()
    return sum(count for name, count in deployment.replica_states.items() if name == state)
