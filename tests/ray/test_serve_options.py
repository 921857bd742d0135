"""What a Serve application takes, and a replica by itself; no cluster."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

pytest.importorskip(
    "ray.serve", reason="Ray Serve is not installed: pip install 'got-loaders[ray-serve]'"
)

from fastapi.testclient import TestClient
from ray.serve.schema import ServeDeploySchema

from got_loaders import EngineConfig
from got_loaders.errors import EngineDeadError, OptionError
from got_loaders.ray import app, build_app
from got_loaders.ray.serve.options import replica_spec
from got_loaders.ray.serve.replica import ReplicaApp
from got_loaders.testing import FakeEngine
from tests.server.pages import question
from tests.server.running import until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")


def deployed(application: Any) -> Any:
    """The deployment of an application."""
    return application._bound_deployment


def replica(engine: Any = FakeEngine, *, api_key_file: str | None = None, **options: Any) -> Any:
    """The app of one replica of two."""
    spec = replica_spec(None, engine, options, api_key_file=api_key_file, replicas=2)
    return ReplicaApp(spec)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"engine": FakeEngine()}, "each replica makes its own"),
        ({"engine": "http://gpu:8000"}, "each replica makes its own"),
        ({"engine": FakeEngine, "model": "tiny"}, "model= and engine= exclude each other"),
        ({"engine": FakeEngine, "dtype": "float32"}, "dtype= is of no use"),
        ({"engine": EngineConfig(), "device": "cpu"}, "device= and engine= exclude each other"),
        ({"port": 8000}, "http_options"),
        ({"api_keys": ("secret-secret",)}, "api_key_file="),
        ({"num_replicas": 2}, "replicas="),
        ({"max_page": 3}, "did you mean 'max_pages'"),
        ({"max_pages": 0}, "max_pages=0"),
        ({"replicas": 0}, "replicas=0"),
        ({"replicas": 2, "autoscaling": {"max_replicas": 3}}, "exclude each other"),
        ({"autoscaling": {"min_replicas": 1}}, "max_replicas"),
        ({"autoscaling": {"min_replicas": 4, "max_replicas": 2}}, "max_replicas"),
        ({"autoscaling": {"max_replicas": 2, "target": 3}}, "target"),
        ({"engine_options": {"gpus": 1}}, "gpus"),
        ({"serve_options": {"speed": 1}}, "speed"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(arguments: dict[str, Any], message: str) -> None:
    """Before anything is deployed, and no key is repeated."""
    with pytest.raises(OptionError, match=message) as caught:
        app(**arguments)
    assert "secret-secret" not in str(caught.value)


def test_replicas_are_sent_a_quarter_more_than_they_read_at_once() -> None:
    """So the batch stays full; the rest waits in the proxy, as much as all replicas read."""
    four = deployed(app(model="tiny", max_batch_size=16, replicas=4))
    assert (four.max_ongoing_requests, four.max_queued_requests, four.num_replicas) == (20, 80, 4)
    scaled = deployed(app(engine_options={"num_gpus": 1}, autoscaling={"max_replicas": 8}))
    assert (scaled.max_ongoing_requests, scaled.max_queued_requests) == (320, 2560)
    autoscaling = scaled._deployment_config.autoscaling_config
    assert (autoscaling.target_ongoing_requests, autoscaling.max_replicas) == (256, 8)
    own = deployed(app(model="tiny", max_running=7, max_queued=5, grace_seconds=3))
    assert (own.max_ongoing_requests, own.max_queued_requests) == (7, 5)
    assert own._deployment_config.graceful_shutdown_timeout_s == 3


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {"num_gpus": 1}),
        ({"model": "tiny"}, {"num_cpus": 1}),
        ({"device": "cpu"}, {"num_cpus": 1}),
        ({"device": ("cuda:0", "cuda:1")}, {"num_gpus": 2}),
        ({"engine": FakeEngine}, {"num_cpus": 1}),
        ({"engine": EngineConfig(model="tiny")}, {"num_cpus": 1}),
        ({"model": "tiny", "engine_options": {"num_cpus": 4}}, {"num_cpus": 4}),
    ],
)
def test_a_replica_has_a_gpu_where_its_model_may_want_one(
    arguments: dict[str, Any], expected: dict[str, float]
) -> None:
    """And what is named, where something is."""
    found = deployed(app(**arguments)).ray_actor_options
    assert {key: found.get(key) for key in expected} == expected


def test_a_command_lines_words_are_understood() -> None:
    """Numbers, truth values and mappings as JSON; an engine by its name."""
    built = deployed(
        build_app(
            {
                "engine": "got_loaders.testing:FakeEngine",
                "max_batch_size": "8",
                "urls": "true",
                "name": "7",
                "autoscaling": '{"min_replicas": 2, "max_replicas": 3}',
                "engine_options": {"num_cpus": 0.5},
            }
        )
    )
    assert (built.name, built.max_ongoing_requests) == ("7", 10)
    assert built._deployment_config.autoscaling_config.min_replicas == 2
    assert built.ray_actor_options["num_cpus"] == 0.5
    for wrong in ("got_loaders.testing:Fake", "nowhere:make", "a b"):
        with pytest.raises(OptionError, match="expected module:function"):
            build_app({"engine": wrong})
    with pytest.raises(OptionError, match="max_pages='many'"):
        build_app({"max_pages": "many"})


def test_a_replica_is_ready_when_its_model_is_loaded() -> None:
    """No request is answered by "loading", and a model that is not to be had is told of."""
    with TestClient(replica(), base_url="http://localhost", client=("127.0.0.1", 9)) as client:
        assert client.get("/ready").status_code == 200
        assert client.get("/v1/models").json()["data"][0]["id"] == "fake"

    def broken() -> FakeEngine:
        raise OSError("no weights at /srv/secret/weights")

    lost = replica(broken)
    with TestClient(lost, base_url="http://localhost", client=("127.0.0.1", 9)) as client:
        assert client.get("/health").status_code == 503
        with pytest.raises(EngineDeadError, match="not to be had: no weights at …"):
            lost.check_health()


def test_without_a_key_other_machines_are_not_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever name they give for the host; with one they are, and keys stay out of the pickle."""
    monkeypatch.delenv("GOT_LOADERS_API_KEY", raising=False)
    with TestClient(replica(), base_url="http://localhost", client=("10.0.0.7", 9)) as client:
        answer = client.get("/health")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    keys = tmp_path / "keys"
    keys.write_text("# of the lab\nsecret-secret\n")
    with TestClient(
        replica(api_key_file=str(keys)), base_url="http://ocr.example", client=("10.0.0.7", 9)
    ) as client:
        assert client.get("/health").status_code == 200
        assert client.get("/v1/models").status_code == 401
        with_key = client.get("/v1/models", headers={"x-api-key": "secret-secret"})
        assert with_key.status_code == 200
    with pytest.raises(OptionError, match="api_key_file"):
        replica(api_key_file=str(tmp_path / "none"))


def test_an_engine_that_keeps_dying_ends_the_replica() -> None:
    """It is made anew three times in a row; an answer in between begins the count again."""
    made: list[FakeEngine] = []

    def mortal() -> FakeEngine:
        made.append(FakeEngine("read"))
        return made[-1]

    app = replica(mortal)
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 9)) as client:

        def ask() -> int:
            return client.post("/v1/chat/completions", json=question()).status_code

        def killed() -> bool:
            made[-1].close()
            return ask() == 503 and client.get("/health").status_code == 503

        for _ in range(6):  # each has answered before it dies
            until(lambda: ask() == 200)
            made[-1].close()
        assert ask() == 503
        app.check_health()
        until(killed)
        with pytest.raises(EngineDeadError, match="died 4 times in a row"):
            app.check_health()


def test_the_config_file_deploys_what_there_is() -> None:
    """Serve's schema knows each of its words, and ``build_app`` each of its arguments."""
    text = (Path(__file__).parents[2] / "deploy" / "ray-serve.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)
    assert config.keys() <= ServeDeploySchema.model_fields.keys()
    [given] = config["applications"]
    [parsed] = ServeDeploySchema.model_validate(config).applications
    assert given.keys() <= type(parsed).model_fields.keys()
    module, name = parsed.import_path.split(":")
    built = deployed(getattr(importlib.import_module(module), name)(parsed.args))
    assert built.ray_actor_options["num_gpus"] == 1
    assert (built.max_ongoing_requests, built.max_queued_requests) == (320, 2560)
    assert built._deployment_config.graceful_shutdown_timeout_s == 60
    with pytest.raises(OptionError, match="api_key_file /etc/got-loaders/api-key: No such file"):
        replica(api_key_file=parsed.args["api_key_file"])
