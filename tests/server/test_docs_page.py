"""``/docs``: what the server answers, for people, without a look at the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from tests.server.pages import question
from tests.server.running import RunningServer, running_server
from tests.site.browser import CHROMIUM, open_browser

SHOWN = """new Promise((done) => {
  const look = () => {
    const found = document.querySelectorAll(".opblock-summary-path");
    found.length ? done([...found].map((each) => each.innerText)) : setTimeout(look, 30);
  };
  look();
})"""


SENT, FAILED = "Network.requestWillBeSent", "Runtime.exceptionThrown"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """One with a key, which the pages need not."""
    settings = ServerSettings(port=0, api_keys=("a-long-key",))
    with running_server(FakeEngine(), settings) as running:
        yield running


def test_the_schema_names_every_endpoint(server: RunningServer) -> None:
    """The schema is whole, says how a key is sent, and its example is answered."""
    schema = httpx.get(f"{server.url}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    chat = schema["paths"]["/v1/chat/completions"]["post"]
    assert chat["security"] == [{"Bearer": []}, {"ApiKey": []}]
    assert "security" not in schema["paths"]["/health"]["get"]
    assert {"400", "401", "429", "503"} <= set(chat["responses"])
    body = chat["requestBody"]["content"]["application/json"]
    answer = server.client.post("/v1/chat/completions", json=body["example"])
    assert answer.status_code == 200, answer.text
    assert set(question()) <= set(body["schema"]["properties"])


def test_nothing_is_loaded_from_elsewhere(server: RunningServer) -> None:
    """The page names no other host, and forbids the browser to reach one."""
    answer = httpx.get(f"{server.url}/docs")
    assert "https://" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    for path in ("/docs-files/%2e%2e/core.py", "/docs-files/..%2fcore.py", "/docs-files/"):
        assert httpx.get(f"{server.url}{path}").status_code in (401, 404)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_shows_the_endpoints(server: RunningServer, tmp_path: Path) -> None:
    """The page comes up, lists the endpoints, reaches for nothing and complains of nothing."""
    with open_browser(tmp_path / "profile") as browser:
        browser.show(1366, 768, dark=False)
        browser.go(f"{server.url}/docs")
        listed = browser.evaluate(SHOWN)
        browser.screenshot(tmp_path / "docs.png", whole=False)
        events = browser.events
    paths = [path.replace("\u200b", "") for path in listed]
    assert {"/v1/chat/completions", "/v1/models", "/health", "/metrics"} <= set(paths)
    requests = [e["params"]["request"] for e in events if e.get("method") == SENT]
    assert all(request["url"].startswith((server.url, "data:")) for request in requests)
    assert [e for e in events if e.get("method") in ("Log.entryAdded", FAILED)] == []
