"""Which engine reads: the caller's own or a model's shared one, behind the cache if wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import fields
from typing import TYPE_CHECKING, TypeGuard

from got_loaders._lazy import cached_property
from got_loaders.cache import CachedEngine, cache_folder, open_cache
from got_loaders.errors import OptionError, shown
from got_loaders.options import ReadOptions
from got_loaders.types import Engine, get_max_batch_size, get_max_side, get_unsupported

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = [
    "EngineProvider",
    "describe_engine",
    "engine_fingerprint",
    "is_engine",
    "resolve_engine",
]


def resolve_engine(
    model: str | None, engine: object, options: ReadOptions | None = None
) -> Engine | EngineConfig:
    """The caller's engine, or the configuration of a shared one; wrong arguments raise OptionError.

    A text is the URL of a server; all who name the same one share an engine. Loads no model, and
    asks no server. With ``options`` those are refused that the engine says that it can't do.
    """
    from got_loaders.engine import EngineConfig

    if engine is None:
        return EngineConfig() if model is None else EngineConfig(model=model)
    from got_loaders.engine.remote.address import shown_url

    if model is not None:
        text = shown_url(engine) if isinstance(engine, str) else shown(engine)
        raise OptionError(f"model={shown(model)} and engine={text} exclude each other")
    if isinstance(engine, str):
        return _on_server(engine)
    if is_engine(engine) or isinstance(engine, EngineConfig):
        if options is not None:
            _check_supported(engine, options)
        return engine
    raise OptionError(
        f"engine={shown(engine)}: expected an engine, an EngineConfig or the URL of a server"
    )


def is_engine(value: object) -> TypeGuard[Engine]:
    """Whether this is an engine; asks no server what it is.

    Python 3.11 looks at an object's attributes to tell whether it has a protocol's.
    """
    from got_loaders.engine.remote import RemoteEngine

    return isinstance(value, RemoteEngine | Engine)  # in this order


def _check_supported(engine: object, options: ReadOptions) -> None:
    unsupported = get_unsupported(engine)
    asked: dict[str, tuple[str, object]] = {
        "box": ("box", options.box),
        "color": ("color", options.color),
        "multi_page": ("multi_page", options.multi_page or None),
        "crop_to_patches": ("crop_to_patches", options.crop_to_patches is True or None),
    }
    if options.effective_regions is not None and options.region_prompt == "box":
        asked["box"] = ("region_prompt", "box")
    for field, (name, value) in asked.items():
        if field in unsupported and value is not None:
            text = f"{name}={shown(value)}: the model of {shown(engine)} can't do that"
            raise OptionError(text)


def _on_server(engine: str) -> Engine:
    from got_loaders.engine.remote import shared_remote_engine
    from got_loaders.engine.remote.address import looks_like_url

    if engine and not looks_like_url(engine):
        raise OptionError(
            f"engine={shown(engine)}: expected the URL of a server, as in http://gpu:8000; a model "
            "is named by model="
        )
    return shared_remote_engine(engine)


def engine_fingerprint(engine: Engine | EngineConfig) -> str:
    """The name of what reads, with all that changes its text; may download a model, loads none."""
    from got_loaders.engine import EngineConfig, model_fingerprint

    return model_fingerprint(engine) if isinstance(engine, EngineConfig) else engine.fingerprint


def describe_engine(engine: Engine | EngineConfig) -> list[str]:
    """``name=value`` of the arguments that choose it, in short; none for the default model."""
    from got_loaders.engine import EngineConfig
    from got_loaders.engine.remote import RemoteEngine

    if isinstance(engine, RemoteEngine):
        return [f"engine={engine.url!r}" if engine.url_says_all else f"engine={engine!r}"]
    if not isinstance(engine, EngineConfig):
        return [f"engine=<{type(engine).__name__}>"]
    changed = [
        f"{field.name}={shown(getattr(engine, field.name))}"
        for field in fields(engine)
        if getattr(engine, field.name) != field.default
    ]
    if all(text.startswith("model=") for text in changed):
        return changed
    return [f"engine=EngineConfig({', '.join(changed)})"]


class EngineProvider:
    """The engine of one job. Holds the cache open until it is closed; the engine is others'.

    While a model is loaded, what ``loading`` gives is entered.
    """

    def __init__(
        self,
        engine: Engine | EngineConfig,
        options: ReadOptions,
        *,
        loading: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self._loading = loading
        self._source = engine
        self._options = options
        self._resources = ExitStack()

    def get(self) -> Engine:
        """The engine; the first call may load the model, or put that off until it must read."""
        return self._engine

    @property
    def max_batch_size(self) -> int | None:
        """How many requests the engine runs at once; None where it does not say, or not yet.

        Loads nothing.
        """
        engine: Engine | None = self.__dict__.get("_engine")
        return None if engine is None else get_max_batch_size(engine)

    @property
    def max_side(self) -> int | None:
        """Pixels along the longer side of pages, if the engine sees them in their own shape."""
        return get_max_side(self._source)

    def close(self) -> None:
        """Let go of the cache."""
        self._resources.close()

    @cached_property
    def _engine(self) -> Engine:
        if self._options.cache is None:
            return self._load()
        folder = cache_folder(self._options.cache)
        cache = open_cache(folder, max_bytes=self._options.max_cache_bytes)
        fingerprint = engine_fingerprint(self._source)
        return CachedEngine(self._load, fingerprint, self._resources.enter_context(cache))

    def _load(self) -> Engine:
        from got_loaders.engine import EngineConfig, shared_engine

        if not isinstance(self._source, EngineConfig):
            return self._source
        with self._loading():
            return shared_engine(self._source)
