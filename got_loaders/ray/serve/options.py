"""What a Serve application is asked for: checked on the driver, before anything is deployed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NoReturn

from got_loaders._spelling import did_you_mean
from got_loaders.engine.config import DEFAULT_MODEL, EngineConfig
from got_loaders.errors import OptionError, shown
from got_loaders.pipeline.engines import is_engine
from got_loaders.ray.settings import EngineSpec
from got_loaders.server.settings import ServerSettings
from got_loaders.types import Engine

__all__ = ["ENGINE_OPTIONS", "SETTINGS", "ReplicaSpec", "replica_spec"]

_PROXY = "Serve's proxies listen, not the replicas: say it in http_options of serve.start, or of "
_REFUSED = {
    "host": f"{_PROXY}the config file",
    "port": f"{_PROXY}the config file",
    "keep_alive_seconds": f"{_PROXY}the config file (keep_alive_timeout_s)",
    "api_keys": "keys don't belong into the cluster's state: pass api_key_file=, or set "
    "GOT_LOADERS_API_KEY where the replicas run",
    "jobs": "a job lives in one replica, so there are none unless all share a folder: jobs_dir=",
    "num_replicas": "it is called replicas= here",
    "autoscaling_config": "it is called autoscaling= here",
    "ray_actor_options": "it is called engine_options= here",
    "route_prefix": "it is an argument of serve.run, and of the config file",
}
SETTINGS = frozenset(field.name for field in fields(ServerSettings)) - {*_REFUSED, "replicas"}
"""Settings of the server that a replica has."""
ENGINE_OPTIONS = frozenset(field.name for field in fields(EngineConfig)) - {"model", "max_queued"}
"""Fields of an engine's configuration, beside its model."""

_ENGINE_QUEUE = 256
"""Requests that the engine itself lets wait: the server bounds them, and no thread is to block."""
_SIZES = {"cpu": 32, "gpu": 256}
"""The most that "auto" lets decode together, as :class:`EngineConfig` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSpec:
    """What a replica is made of. Goes there as a pickle that others may see: no key is in it.

    ``batch_size`` is how many pages its engine decodes together, at most; ``max_running`` how many
    requests it is sent at once, so that the next ones are prepared meanwhile. ``resources`` is what
    Ray reserves for it.
    """

    config: EngineConfig
    factory: Callable[[], Engine] | None
    settings: ServerSettings
    api_key_file: str | None
    batch_size: int
    resources: Mapping[str, object]

    @property
    def max_running(self) -> int:
        """A quarter more than the batch, unless the setting says another number."""
        return self.settings.max_running or self.batch_size + max(2, self.batch_size // 4)


def replica_spec(
    model: str | None,
    engine: EngineConfig | Callable[[], Engine] | None,
    options: Mapping[str, object],
    *,
    api_key_file: str | None,
    replicas: int,
    resources: Mapping[str, object] | None = None,
) -> ReplicaSpec:
    """The spec that these arguments of ``app`` ask for; :class:`OptionError` names what is wrong.

    ``replicas`` is how many there will be at most; ``resources`` what Ray is to reserve for one,
    where it is not what the engine needs.
    """
    for name in options:
        if name not in SETTINGS | ENGINE_OPTIONS:
            _refuse(name, options[name])
    engine_options = {name: options[name] for name in ENGINE_OPTIONS & options.keys()}
    config, factory = _engine(model, engine, engine_options)
    resources = resources or EngineSpec(factory or config).default_resources
    size = config.max_batch_size
    if size == "auto":
        size = _SIZES["gpu" if resources.get("num_gpus") else "cpu"]
    copies = len(config.device) if isinstance(config.device, tuple) else 1
    values: dict[str, Any] = {name: options[name] for name in SETTINGS & options.keys()}
    settings = ServerSettings(**values, jobs=values.get("jobs_dir") is not None, replicas=replicas)
    return ReplicaSpec(
        config=replace(config, max_queued=max(_ENGINE_QUEUE, config.max_queued)),
        factory=factory,
        settings=settings,
        api_key_file=api_key_file,
        batch_size=size * copies,
        resources=resources,
    )


def _engine(
    model: str | None,
    engine: object,
    options: dict[str, Any],
) -> tuple[EngineConfig, Callable[[], Engine] | None]:
    if engine is None:
        return EngineConfig(model=DEFAULT_MODEL if model is None else model, **options), None
    if model is not None:
        raise OptionError("model= and engine= exclude each other: the engine has a model already")
    if isinstance(engine, EngineConfig):
        if options:
            name = min(options)
            raise OptionError(f"{name}= and engine= exclude each other: the engine's own counts")
        return engine, None
    if is_engine(engine) or not callable(engine):
        raise OptionError(
            f"engine={shown(engine)}: each replica makes its own, so expected an EngineConfig, or "
            "a function without arguments that returns an engine"
        )
    others = options.keys() - {"max_batch_size"}
    if others:
        raise OptionError(f"{min(others)}= is of no use where engine= is a function")
    return EngineConfig(**options), engine


def _refuse(name: str, value: object) -> NoReturn:
    if name in _REFUSED:
        raise OptionError(f"{name}={shown('…' if 'key' in name else value)}: {_REFUSED[name]}")
    known = SETTINGS | ENGINE_OPTIONS | {"model", "engine", "replicas", "autoscaling"}
    known |= {"engine_options", "serve_options", "api_key_file", "name"}
    raise OptionError(f"{name}= is no option of a Serve application{did_you_mean(name, known)}")
