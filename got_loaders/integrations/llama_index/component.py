"""The base of the reader and the transform: the fields that are dumped, and what never is."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Self, Unpack

from llama_index.core.schema import BaseComponent
from pydantic import Field, JsonValue, PrivateAttr, SecretStr

from got_loaders.engine.config import EngineConfig
from got_loaders.engine.remote import RemoteEngine
from got_loaders.integrations.llama_index.figures import check_image_nodes
from got_loaders.integrations.pickling import check_picklable
from got_loaders.options import Progress, ReadOptions, ReadOverrides
from got_loaders.options.description import describe_options
from got_loaders.options.serialization import options_from_json, options_to_json
from got_loaders.pipeline.engines import describe_engine, is_engine, resolve_engine
from got_loaders.pipeline.reader import ReadJob
from got_loaders.types import Engine

__all__ = ["OcrComponent"]

_log = logging.getLogger(__name__)


class OcrComponent(BaseComponent):
    """A component that reads, and is rebuilt from its fields, in another process or from JSON.

    An engine, a password and a ``progress`` callable are no such fields: they are never dumped,
    and a component that holds an engine or a password refuses to be pickled. An engine on a server
    is one, by its URL, and never its key.
    """

    model: str | None = Field(default=None, description="Hub id, local folder or 'tiny'.")
    options: dict[str, JsonValue] = Field(
        default_factory=dict, description="The fields of ReadOptions that differ from its defaults."
    )
    engine_config: dict[str, JsonValue] | None = Field(
        default=None, description="The fields of an EngineConfig, in place of a model."
    )
    engine_url: str | None = Field(
        default=None, description="The URL of a server whose engine reads, in place of a model."
    )
    password: SecretStr | None = Field(
        default=None, exclude=True, repr=False, description="Opens encrypted PDFs; never dumped."
    )
    image_nodes: bool = Field(
        default=False, description="Whether each figure that is kept is an image of its own, too."
    )
    _engine: Engine | None = PrivateAttr(default=None)
    _progress: Progress = PrivateAttr(default=False)

    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | str | None = None,
        engine_config: Mapping[str, JsonValue] | None = None,
        engine_url: str | None = None,
        options: ReadOptions | Mapping[str, JsonValue] | None = None,
        image_nodes: bool = False,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        if "password" in overrides:
            overrides["password"] = _secret(overrides["password"])
        read_options = ReadOptions.of(_options(options), overrides)
        if engine_config is not None and engine is None:
            engine = EngineConfig.from_json(engine_config)
        if engine_url is not None and engine is None:
            engine = engine_url
        resolved = resolve_engine(model, engine, read_options)  # a wrong one raises here
        config = engine if isinstance(engine, EngineConfig) else None
        values: dict[str, Any] = {
            "model": model,
            "options": options_to_json(read_options),
            "engine_config": config and config.to_json(),
            "engine_url": _url(resolved),
            "password": read_options.password,
            "image_nodes": check_image_nodes(image_nodes, read_options),
        }
        super().__init__(**values)
        self._engine = engine if is_engine(engine) else None
        self._progress = read_options.progress

    def to_dict(self, **kwargs: Any) -> dict[str, Any]:
        """The fields; warns of an engine, which is not among them."""
        if self._holds_engine:
            _log.warning(
                "a %s is written down without the engine that it holds, and a copy will "
                "load its default model: give it a model, an EngineConfig or the URL of a server",
                self.class_name(),
            )
        return super().to_dict(**kwargs)

    def __getstate__(self) -> dict[str, Any]:
        check_picklable(self.class_name(), self._engine, self.password)
        return super().__getstate__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """A copy that shares the engine."""
        fields = {"options": deepcopy(self.options), "engine_config": deepcopy(self.engine_config)}
        return self.model_copy(update=fields)

    def __repr__(self) -> str:
        engine = describe_engine(resolve_engine(self.model, self._engine_or_config()))
        texts = [*engine, *describe_options(self._read_options(), ReadOptions())]
        texts += ["image_nodes=True"] if self.image_nodes else []
        return f"{type(self).__name__}({', '.join(texts)})"

    __str__ = __repr__

    def _read_options(self) -> ReadOptions:
        return replace(
            options_from_json(self.options),
            password=_secret(self.password),
            progress=self._progress,
        )

    def _job(self, source: object, options: ReadOptions | None = None) -> ReadJob:
        engine = self._engine_or_config()
        return ReadJob(source, self.model, engine, options or self._read_options())

    @property
    def _holds_engine(self) -> bool:
        """Whether it has an engine that no field stands for."""
        return self._engine is not None and self.engine_url is None

    def _engine_or_config(self) -> Engine | EngineConfig | str | None:
        if self.engine_config is not None:
            return EngineConfig.from_json(self.engine_config)
        return self.engine_url if self._engine is None else self._engine


def _url(engine: Engine | EngineConfig) -> str | None:
    """The URL of a server, where nothing else is needed to make the engine anew."""
    return engine.url if isinstance(engine, RemoteEngine) and engine.url_says_all else None


def _options(options: ReadOptions | Mapping[str, object] | None) -> ReadOptions | None:
    return options_from_json(options) if isinstance(options, Mapping) else options


def _secret(password: str | SecretStr | None) -> str | None:
    return password.get_secret_value() if isinstance(password, SecretStr) else password
