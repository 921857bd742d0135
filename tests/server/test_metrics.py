"""``/metrics``: what Prometheus reads there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrResult
from tests.server.pages import encoded, question
from tests.server.running import RunningServer, running_server, until

PATH = "/v1/chat/completions"


def samples(server: RunningServer) -> dict[str, float]:
    """All values, by name and labels."""
    answer = server.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            name = sample.name.removeprefix("got_loaders_")
            found[f"{name}{{{labels}}}"] = sample.value
    return found


def test_what_happened_is_counted(tmp_path: Path) -> None:
    """Pages, tokens, cache, failures, times: Prometheus' own parser reads them."""
    result = OcrResult(
        text="one two", token_ids=(1, 2), num_tokens=2, prompt_tokens=300, accepted_tokens=1
    )
    result = replace(result, rejected_tokens=3)
    settings = ServerSettings(port=0, cache=str(tmp_path))
    with running_server(FakeEngine(result, max_batch_size=8), settings) as server:
        page = question(encoded(Image.new("L", (9, 9))))
        first, again = (server.client.post(PATH, json=page).json() for _ in range(2))
        assert [each["ocr"]["cached"] for each in (first, again)] == [False, True]
        assert first["choices"] == again["choices"]
        server.client.post(PATH, json=question(logprobs=True))
        assert server.client.post(PATH, json=question(nonsense=1)).status_code == 400
        server.client.get("/nowhere")
        with server.connect(PATH, {}, head="content-length: 99"):
            pass
        until(lambda: samples(server).get("cancelled_total{}") == 1)
        found = samples(server)
    assert found[f"pages_total{{endpoint={PATH},outcome=stop}}"] == 3
    assert (found["cache_hits_total{}"], found["cache_misses_total{}"]) == (1, 2)
    assert (found["prompt_tokens_total{}"], found["generation_tokens_total{}"]) == (600, 4)
    assert found["spec_decode_num_draft_tokens_total{}"] == 8
    assert found["spec_decode_num_accepted_tokens_total{}"] == 2
    assert found["failures_total{reason=unknown_field}"] == 1
    assert found["failures_total{reason=not_found}"] == 1
    assert found[f"requests_total{{endpoint={PATH},status=200}}"] == 3
    assert found["requests_total{endpoint=other,status=404}"] == 1
    assert found[f"request_duration_seconds_count{{endpoint={PATH}}}"] == 4
    assert found["page_duration_seconds_count{}"] == 3
    assert found["time_to_first_token_seconds_count{}"] == 1
    assert found["request_queue_seconds_count{}"] == 3
    assert (found["requests_running{}"], found["requests_waiting{}"]) == (0, 0)
    assert found["engine_max_batch_size{}"] == 8
    assert found["engine_up{}"] == 1
    assert found["held_bytes{}"] == 0


def test_each_app_counts_for_itself() -> None:
    """Two servers in one process do not add up."""
    with running_server(FakeEngine()) as one, running_server(FakeEngine()) as other:
        one.client.post(PATH, json=question())
        assert samples(one)["request_queue_seconds_count{}"] == 1
        assert samples(other)["request_queue_seconds_count{}"] == 0
