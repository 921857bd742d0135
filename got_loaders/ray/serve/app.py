"""The server as a Ray Serve application: one engine a replica, as many replicas as there is work.

Serve's proxies take the requests, and hand each to the less busy of two replicas; a replica is sent
a quarter more than its engine reads at once, so that the batch stays full, and no more: the others
wait in the proxy, for whichever replica has a place first.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from got_loaders._spelling import did_you_mean
from got_loaders.engine.config import EngineConfig
from got_loaders.errors import MissingDependencyError, OptionError, shown
from got_loaders.ray import MISSING_SERVE

try:
    from ray import serve
    from ray.serve.config import AutoscalingConfig
except ImportError as error:
    raise MissingDependencyError(MISSING_SERVE) from error

from got_loaders.ray.serve.options import ReplicaSpec, replica_spec
from got_loaders.ray.serve.replica import OcrReplica, ReplicaApp
from got_loaders.types import Engine, check_positive_int

__all__ = ["app", "build_app"]

_TEXTS = frozenset(
    {"model", "revision", "dtype", "prompt_style", "name", "api_key_file", "root", "jobs_dir"}
)
"""Arguments that are texts as they stand; others may be written as JSON."""
_RETRY_S = 1.0
"""What clients are told to wait where too many wait already."""


def app(
    *,
    model: str | None = None,
    engine: EngineConfig | Callable[[], Engine] | None = None,
    replicas: int = 1,
    autoscaling: Mapping[str, object] | None = None,
    engine_options: Mapping[str, object] | None = None,
    serve_options: Mapping[str, object] | None = None,
    api_key_file: str | None = None,
    name: str = "OcrServer",
    **options: object,
) -> serve.Application:
    """The server of ``got-loaders serve`` as an application for ``serve.run``.

    ``engine`` is an :class:`EngineConfig`, or a function that makes an engine in each replica. In
    the place of ``replicas``, ``autoscaling`` has Serve's words, ``{"min_replicas": 1,
    "max_replicas": 8}``: a replica more for each batch of requests that are under way.
    ``engine_options`` is what Ray reserves for a replica, ``{"num_gpus": 1}``; None is a GPU,
    where the model may want one. ``serve_options`` go to ``serve.deployment`` as they are.

    ``options`` are fields of :class:`EngineConfig` (``device``, ``max_batch_size``, …) and of the
    server's settings (``max_pages``, ``urls``, …). ``max_queued`` bounds what waits in a proxy;
    without it, as many as all replicas together read at once. Keys are read where the replicas
    run: from ``api_key_file``, or ``GOT_LOADERS_API_KEY``; without one, only requests from the
    proxy's own machine are answered.

    A wrong argument raises :class:`OptionError`. Nothing is loaded, and no Ray is started.
    """
    scaling, most = _scaling(replicas, autoscaling)
    spec = replica_spec(
        *(model, engine, options),
        api_key_file=api_key_file,
        replicas=most,
        resources=engine_options,
    )
    if autoscaling is not None:
        scaling["autoscaling_config"] = {"target_ongoing_requests": spec.batch_size, **autoscaling}
    queued = spec.settings.max_queued if "max_queued" in options else most * spec.max_running
    arguments: dict[str, Any] = {
        "name": name,
        **scaling,
        "ray_actor_options": dict(spec.resources),
        "max_ongoing_requests": spec.max_running,
        "max_queued_requests": queued,
        "graceful_shutdown_timeout_s": spec.settings.grace_seconds,
        **_backpressure(),
        **(serve_options or {}),
    }
    try:
        return serve.deployment(**arguments)(_deployment_class(spec)).bind()
    except (TypeError, ValueError) as error:
        raise OptionError(f"Ray Serve does not take these options: {error}") from error


def build_app(args: Mapping[str, Any]) -> serve.Application:
    """``app`` for ``serve run got_loaders.ray:build_app model=…`` and for config files.

    Numbers, truth values and mappings may be written as JSON; ``engine`` is ``module:function``.
    """
    values = {key: value if key in _TEXTS else _parsed(value) for key, value in args.items()}
    if isinstance(values.get("device"), list):
        values["device"] = tuple(values["device"])
    if isinstance(values.get("engine"), str):
        values["engine"] = _named(values["engine"])
    return app(**values)


def _scaling(
    replicas: object, autoscaling: Mapping[str, object] | None
) -> tuple[dict[str, Any], int]:
    """What Serve is told of the number of replicas, and how many there are at most."""
    if autoscaling is None:
        return {"num_replicas": check_positive_int("replicas", replicas)}, int(str(replicas))
    if replicas != 1:
        raise OptionError(f"replicas={shown(replicas)} and autoscaling= exclude each other")
    if not isinstance(autoscaling, Mapping) or "max_replicas" not in autoscaling:
        raise OptionError(
            f"autoscaling={shown(autoscaling)}: expected what Serve calls so, with the most "
            "replicas at least: {'min_replicas': 1, 'max_replicas': 8}"
        )
    known: Any = getattr(AutoscalingConfig, "model_fields", None) or AutoscalingConfig.__fields__
    for name in autoscaling.keys() - known.keys():  # Serve would drop it in silence
        raise OptionError(f"autoscaling: {name!r} is not known{did_you_mean(str(name), known)}")
    most = autoscaling["max_replicas"]
    check_positive_int("max_replicas", most)
    return {}, int(str(most))


def _backpressure() -> dict[str, object]:
    """Have proxies say 429 where too many wait, where Serve lets us choose; else it says 503."""
    if "backpressure_config" not in inspect.signature(serve.deployment).parameters:
        return {}
    return {"backpressure_config": {"status_code": 429, "retry_after_s": _RETRY_S}}


def _deployment_class(spec: ReplicaSpec) -> type[OcrReplica]:
    def build() -> ReplicaApp:
        return ReplicaApp(spec)

    made: type[OcrReplica] = serve.ingress(build)(OcrReplica)
    return made


def _parsed(value: Any) -> Any:
    """JSON, where a text is that."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _named(text: str) -> Any:
    try:
        return pkgutil.resolve_name(text)
    except (ImportError, AttributeError, ValueError) as error:
        raise OptionError(f"engine={shown(text)}: expected module:function: {error}") from error
