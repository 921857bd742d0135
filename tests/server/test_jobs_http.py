"""Jobs over HTTP: submitted, followed, taken up again, cancelled; across the death of a server."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import got_loaders
from got_loaders.errors import EngineDeadError, OptionError
from got_loaders.server.errors import ApiError
from got_loaders.server.jobs.runner import MAX_ATTEMPTS
from got_loaders.server.jobs.store import JobStore
from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from tests.server.documents import GateEngine, encrypted_pdf, make_pdf, says_number
from tests.server.running import RunningServer, running_server

ROOT = Path(got_loaders.__file__).parents[1]
PDF = make_pdf(3)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server that reads at once."""
    with running_server(FakeEngine(says_number), ServerSettings(port=0, max_jobs=50)) as running:
        yield running


def submit(client: httpx.Client, data: bytes = PDF, **headers: str) -> dict[str, Any]:
    """A job for these bytes."""
    sent = {"x-filename": "scan.pdf", "content-type": "application/pdf"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    response = client.post("/v1/jobs", content=data, headers=sent)
    assert response.status_code in (200, 202), response.text
    job: dict[str, Any] = response.json()
    assert response.headers["location"] == f"/v1/jobs/{job['id']}"
    return job


def records(client: httpx.Client, job: str, after: int = 0) -> list[dict[str, Any]]:
    """All records of a job, waited for until it has ended."""
    found: list[dict[str, Any]] = []
    for _ in range(100):
        response = client.get(f"/v1/jobs/{job}/records", params={"after": after, "wait": 5})
        assert response.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) for line in response.text.splitlines()]
        found += lines
        if not lines and response.headers["x-job-state"] not in ("queued", "running"):
            return found
        after = int(response.headers["x-last-record"])
    raise AssertionError("the job does not end")


def state_of(client: httpx.Client, job: str) -> str:
    """Its state now."""
    return str(client.get(f"/v1/jobs/{job}").json()["state"])


def test_a_job_is_read_and_its_records_are_numbered(server: RunningServer) -> None:
    """202 and an id; then its records from any number on, and how far it has come."""
    job = submit(server.client)
    assert job["state"] in ("queued", "running", "completed")
    lines = records(server.client, job["id"])
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert [line["text"] for line in lines] == ["page 0", "page 1", "page 2"]
    assert lines[2]["metadata"]["source"] == "scan.pdf"
    assert records(server.client, job["id"], after=2) == lines[2:]
    done = server.client.get(f"/v1/jobs/{job['id']}").json()
    assert (done["state"], done["records"], done["error"]) == ("completed", 3, None)
    assert done["pages"] == {"done": 3, "failed": 0, "total": 3}
    listed = server.client.get("/v1/jobs?state=completed").json()["data"]
    assert job["id"] in [each["id"] for each in listed]


def test_a_job_takes_documents_and_options_in_json(server: RunningServer) -> None:
    """As /v1/ocr takes them: a data URL, an uploaded file; options under their own names."""
    url = f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}"
    form = {"file": ("up.pdf", PDF)}
    file = server.client.post("/v1/files", files=form).json()["id"]
    for document in ({"document_url": url}, {"type": "file", "file_id": file}):
        options = {"pages": "3,1", "output": "text", "mode": "page"}
        body = {"document": document, "options": options, "model": "fake"}
        response = server.client.post("/v1/jobs", json=body)
        assert response.status_code == 202
        assert response.json()["options"] == options
        lines = records(server.client, response.json()["id"])
        assert [line["metadata"]["page"] for line in lines] == [2, 0]
        assert lines[0]["metadata"]["content_format"] == "text"
    assert server.client.delete(f"/v1/files/{file}").status_code == 200


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"progress": True}, "options.progress"),
        ({"root": "/"}, "options.root"),
        ({"urls": True}, "options.urls"),
        ({"cache": True}, "options.cache"),
        ({"password": "x"}, "options.password"),
        ({"mode": "single"}, "options.mode"),
        ({"outptu": "text"}, "did you mean output"),
        ([1], "options"),
    ],
)
def test_options_that_a_job_can_not_have_are_named(
    server: RunningServer, options: object, named: str
) -> None:
    """What is the server's to say, what must not be kept, and what is misspelt."""
    for response in (
        server.client.post(
            "/v1/jobs", json={"document": {"document_url": "x"}, "options": options}
        ),
        server.client.post("/v1/jobs", content=PDF, params={"options": json.dumps(options)}),
    ):
        assert response.status_code == 400
        assert named in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("data", "state", "code"),
    [
        (b"%PDF-nothing", "failed", "unreadable_document"),
        (encrypted_pdf("x"), "failed", "unreadable_document"),
        (make_pdf(2, blank=(0, 1)), "completed", None),
    ],
    ids=["broken", "encrypted", "blank"],
)
def test_a_job_says_how_it_ended(
    server: RunningServer, data: bytes, state: str, code: str | None
) -> None:
    """A document that can't be read fails with the reason; blank pages are records without text."""
    job = submit(server.client, data)
    lines = records(server.client, job["id"])
    assert [line["text"] for line in lines] == ([""] * 2 if code is None else [])
    ended = server.client.get(f"/v1/jobs/{job['id']}").json()
    assert ended["state"] == state
    assert (ended["error"] or {}).get("code") == code
    assert submit(server.client, data, idempotency_key=f"again-{state}-{len(data)}")


def test_wrong_requests_are_refused(server: RunningServer) -> None:
    """An empty body, a name that nothing may lead to, a job that is not there."""
    assert server.client.post("/v1/jobs").status_code == 422
    named = server.client.post("/v1/jobs", json={"document": {"document_url": "a.pdf"}})
    assert (named.status_code, "--root" in named.text) == (400, True)
    unknown = server.client.post("/v1/jobs", json={"dokument": {}})
    assert unknown.json()["error"]["code"] == "unknown_field"
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/records")):
        missing = server.client.request(method, f"/v1/jobs/job-0{path}")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    job = submit(server.client)["id"]
    for query in ("after=-1", "wait=x", "wait=1000", "limit=0", f"after={10**30}"):
        assert server.client.get(f"/v1/jobs/{job}/records?{query}").status_code == 400
    assert server.client.get("/v1/jobs?state=done").status_code == 400


def test_the_same_key_is_the_same_job(server: RunningServer) -> None:
    """A request that is repeated, because its answer was lost, is not read twice."""
    first = submit(server.client, idempotency_key="k-1")
    response = server.client.post(
        "/v1/jobs", content=PDF, headers={"idempotency-key": "k-1", "x-filename": "scan.pdf"}
    )
    assert (response.status_code, response.json()["id"]) == (200, first["id"])
    for key, data in (("k-1", make_pdf(1)), ("two words", PDF), ("k" * 300, PDF)):
        again = server.client.post("/v1/jobs", content=data, headers={"idempotency-key": key})
        assert again.status_code == 400


def test_a_cancelled_job_leaves_the_engine(tmp_path: Path) -> None:
    """What is queued is cancelled, a wait for its records ends, what was read stays; purged, not.

    A wait whose time is over leaves the job running.
    """
    engine = GateEngine(answers=1)
    settings = ServerSettings(port=0, jobs_dir=str(tmp_path), max_jobs=2)
    with running_server(engine, settings) as server:
        client, job = server.client, submit(server.client, make_pdf(9))["id"]
        first = client.get(f"/v1/jobs/{job}/records", params={"wait": 20})
        assert json.loads(first.text)["text"] == "page 0"
        engine.wait_held(4)
        nothing = client.get(f"/v1/jobs/{job}/records", params={"after": 1, "wait": 0.2})
        assert (nothing.text, nothing.headers["x-job-state"]) == ("", "running")
        held = [future for _, future in engine.held]
        waiting: list[httpx.Response] = []
        waits = threading.Thread(
            target=lambda: waiting.append(
                httpx.get(f"{server.url}/v1/jobs/{job}/records?after=1&wait=30", timeout=40)
            )
        )
        waits.start()
        submit(client, make_pdf(1))
        full = client.post("/v1/jobs", content=PDF)
        assert (full.status_code, "retry-after" in full.headers) == (429, True)
        assert client.delete(f"/v1/jobs/{job}").json()["state"] == "cancelled"
        waits.join(60)
        assert (waiting[0].text, waiting[0].headers["x-job-state"]) == ("", "cancelled")
        pause = threading.Event()
        for _ in range(1000):
            if all(future.cancelled() for future in held):
                break
            pause.wait(0.01)
        assert all(future.cancelled() for future in held)
        assert client.delete(f"/v1/jobs/{job}").json()["state"] == "cancelled"
        assert len(records(client, job)) == 1
        assert client.delete(f"/v1/jobs/{job}?purge=true").json()["deleted"] is True
        assert client.get(f"/v1/jobs/{job}").status_code == 404
        text = client.get("/metrics").text
        assert 'got_loaders_jobs_total{state="cancelled"} 1.0' in text
        assert "got_loaders_jobs_running" in text


def test_a_restarted_server_goes_on(tmp_path: Path) -> None:
    """Jobs that run when a server closes go on with the next one; no page is read twice."""
    settings = ServerSettings(port=0, jobs_dir=str(tmp_path))
    first = GateEngine(answers=2)
    with running_server(first, settings) as server:
        job = submit(server.client, make_pdf(5))["id"]
        server.client.get(f"/v1/jobs/{job}/records", params={"after": 1, "wait": 20})
        first.wait_held(3)
    second = FakeEngine(says_number)
    with running_server(second, settings) as server:
        lines = records(server.client, job)
        assert [line["text"] for line in lines] == [f"page {number}" for number in range(5)]
        assert [line["number"] for line in lines] == [1, 2, 3, 4, 5]
    assert [says_number(request) for request in second.requests] == ["page 2", "page 3", "page 4"]


def test_a_job_that_breaks_the_engine_is_given_up(tmp_path: Path) -> None:
    """An engine that dies at a page is tried again, some times, and then the job has failed."""
    calls: list[int] = []

    def reply(_: object) -> EngineDeadError:
        calls.append(1)
        return EngineDeadError("out of memory")

    with running_server(
        FakeEngine(reply), ServerSettings(port=0, jobs_dir=str(tmp_path))
    ) as server:
        job = submit(server.client, make_pdf(1))["id"]
        assert records(server.client, job) == []
        ended = server.client.get(f"/v1/jobs/{job}").json()
        assert (ended["state"], ended["error"]["code"]) == ("failed", "engine_error")
    assert len(calls) == MAX_ATTEMPTS


def test_a_full_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job whose page can't be written is not read again and again, and goes on afterwards."""
    engine, again, write = FakeEngine(says_number), threading.Event(), JobStore.write_page
    tried: list[float] = [2.0]

    def write_page(*args: Any, **kwargs: Any) -> bool:
        if not tried:
            again.set()
            return write(*args, **kwargs)
        raise ApiError("overloaded", "the disk is full", retry_after=tried.pop(0))

    monkeypatch.setattr(JobStore, "write_page", write_page)
    with running_server(engine, ServerSettings(port=0, jobs_dir=str(tmp_path))) as server:
        job = submit(server.client, make_pdf(1))["id"]
        assert not again.wait(0.7)
        assert [line["text"] for line in records(server.client, job)] == ["page 0"]
    assert again.is_set()


def test_a_folder_that_can_not_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    """Who names a folder for jobs hears at once that it is none."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OptionError, match="jobs_dir"),
        running_server(FakeEngine(), ServerSettings(port=0, jobs_dir=str(tmp_path / "file"))),
    ):
        pass


_SERVE = """
import socket, sys, uvicorn
from got_loaders.server.app import create_app
from got_loaders.server.run import server_config
from got_loaders.server.settings import ServerSettings
from tests.server.documents import GateEngine

settings = ServerSettings(port=0, jobs_dir=sys.argv[1])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
app = create_app(settings, GateEngine(int(sys.argv[2])))
uvicorn.Server(server_config(app, settings)).run([listener])
"""


@contextmanager
def separate_server(folder: Path, *, answers: int) -> Iterator[tuple[int, httpx.Client]]:
    """A server in a process of its own, which reads so many pages and then holds the rest."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(folder), str(answers)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=60, transport=transport
        ) as client:
            yield process.pid, client
    finally:
        process.kill()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    """After kill -9 the next server goes on behind the last record; none is lost, none twice, and
    a client goes on where it was."""
    with separate_server(tmp_path, answers=3) as (pid, client):
        job = submit(client, make_pdf(6))["id"]
        seen = client.get(f"/v1/jobs/{job}/records", params={"wait": 20}).text.splitlines()
        os.kill(pid, signal.SIGKILL)
    with separate_server(tmp_path, answers=1000) as (_, client):
        lines = records(client, job, after=len(seen))
        texts = [json.loads(line)["text"] for line in seen] + [line["text"] for line in lines]
        assert texts == [f"page {number}" for number in range(6)]
        assert [line["number"] for line in records(client, job)] == [1, 2, 3, 4, 5, 6]


def test_two_servers_share_a_folder(tmp_path: Path) -> None:
    """Each job is read by one of them, either answers for all, and a job is cancelled by either."""
    settings = ServerSettings(port=0, jobs_dir=str(tmp_path))
    engines = FakeEngine(says_number), FakeEngine(says_number)
    with running_server(engines[0], settings) as one, running_server(engines[1], settings) as two:
        jobs = [submit((one, two)[n % 2].client, make_pdf(4))["id"] for n in range(6)]
        for number, job in enumerate(jobs):
            lines = records((two, one)[number % 2].client, job)
            assert [line["text"] for line in lines] == [f"page {page}" for page in range(4)]
    assert sum(len(engine.requests) for engine in engines) == 24
    held = GateEngine()
    with running_server(held, settings) as one:
        job = submit(one.client, make_pdf(4))["id"]
        held.wait_held(4)
        futures = [future for _, future in held.held]
        with running_server(FakeEngine(), settings) as two:
            assert two.client.get(f"/v1/jobs/{job}").json()["state"] == "running"
            assert two.client.delete(f"/v1/jobs/{job}").json()["state"] == "cancelled"
            pause = threading.Event()
            for _ in range(1000):
                if all(future.cancelled() for future in futures):
                    break
                pause.wait(0.02)
        assert all(future.cancelled() for future in futures)
        assert state_of(one.client, job) == "cancelled"


class FullEngine(FakeEngine):
    """Its queue is full: who submits is held until ``room``."""

    def __init__(self) -> None:
        super().__init__(says_number)
        self.room = threading.Event()
        self.waiting = threading.Semaphore(0)

    def submit(self, request: Any, **_: object) -> Any:
        """Wait for room."""
        self.waiting.release()
        assert self.room.wait(60)
        return super().submit(request)


def test_a_full_engine_keeps_nobody_from_asking() -> None:
    """While all documents wait for the engine's queue, jobs are told of, taken and cancelled."""
    engine, settings = FullEngine(), ServerSettings(port=0, max_documents=12)
    with running_server(engine, settings) as server, ThreadPoolExecutor(12) as clients:
        try:
            body = make_pdf(1)
            reads = [
                clients.submit(httpx.put, f"{server.url}/process", content=body, timeout=60)
                for _ in range(12)
            ]
            jobs = [submit(server.client)["id"] for _ in range(2)]
            for _ in range(12):
                assert engine.waiting.acquire(timeout=60)
            assert {state_of(server.client, job) for job in jobs} <= {"queued", "running"}
            assert server.client.delete(f"/v1/jobs/{jobs[0]}").json()["state"] == "cancelled"
        finally:
            engine.room.set()
        assert [read.result().status_code for read in reads] == [200] * 12
