"""The LlamaIndex adapter: records become LlamaIndex Documents. It knows no pages and no engine."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, Unpack

from got_loaders.documents import Record, arecords, records
from got_loaders.engine_source import engine_source
from got_loaders.errors import MissingDependencyError, OptionError
from got_loaders.options import Progress, ReadOptions, ReadOverrides
from got_loaders.pipeline import Reading
from got_loaders.serialised import (
    config_from_json,
    config_to_json,
    options_from_json,
    options_to_json,
)
from got_loaders.stream import Stream
from got_loaders.types import Engine

try:
    from llama_index.core.readers.base import BasePydanticReader
    from llama_index.core.schema import Document
    from pydantic import Field, JsonValue, PrivateAttr, SecretStr
except ImportError as error:
    raise MissingDependencyError(
        'GotOcrReader needs llama-index-core: pip install "got-loaders[llama-index]"'
    ) from error

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["FileSystem", "GotOcrReader"]

_log = logging.getLogger(__name__)

_EMBEDDED_KEYS = {"title", "author", "subject", "keywords"}
_LLM_KEYS = _EMBEDDED_KEYS | {"file_name", "page_label"}
"""Of our metadata, what goes to the embedding model, and to the language model (for citations)."""


class FileSystem(Protocol):
    """What is asked of an fsspec file system."""

    def open(self, path: str, mode: str) -> Any:  # fsspec is untyped
        """The file at ``path``."""


class GotOcrReader(BasePydanticReader):
    """Reads PDFs and images into LlamaIndex Documents by GOT-OCR2: ``.load_data(file)``.

    ``model`` is a hub id (None: "stepfun-ai/GOT-OCR-2.0-hf"), a local folder or "tiny"; an
    ``engine`` takes its place. ``options`` are a :class:`ReadOptions` or what ``to_dict`` made of
    one, ``overrides`` its fields by name; wrong ones raise here.

    A reader is rebuilt from its fields, in another process or from JSON. An engine, a password and
    a ``progress`` callable are no such fields: they are never dumped, and a reader that holds an
    engine or a password refuses to be pickled. ``to_dict`` warns of an engine that it leaves out.
    """

    model: str | None = Field(default=None, description="Hub id, local folder or 'tiny'.")
    options: dict[str, JsonValue] = Field(
        default_factory=dict, description="The fields of ReadOptions that differ from its defaults."
    )
    engine_config: dict[str, JsonValue] | None = Field(
        default=None, description="The fields of an EngineConfig, in place of a model."
    )
    password: SecretStr | None = Field(
        default=None, exclude=True, repr=False, description="Opens encrypted PDFs; never dumped."
    )
    _engine: Engine | None = PrivateAttr(default=None)
    _progress: Progress = PrivateAttr(default=False)

    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | None = None,
        engine_config: Mapping[str, JsonValue] | None = None,
        options: ReadOptions | Mapping[str, JsonValue] | None = None,
        is_remote: bool = False,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        if "password" in overrides:
            overrides["password"] = _secret(overrides["password"])
        read_options = ReadOptions.of(_options(options), overrides)
        if engine_config is not None and engine is None:
            engine = config_from_json(engine_config)
        engine_source(model, engine)  # a wrong one raises here
        config = None if engine is None or isinstance(engine, Engine) else engine
        values: dict[str, Any] = {
            "model": model,
            "options": options_to_json(read_options),
            "engine_config": config and config_to_json(config),
            "password": read_options.password,
            "is_remote": is_remote,
        }
        super().__init__(**values)
        self._engine = engine if isinstance(engine, Engine) else None
        self._progress = read_options.progress

    @classmethod
    def class_name(cls) -> str:
        """The name that serialised readers carry."""
        return "GotOcrReader"

    def lazy_load_data(
        self,
        file: object,
        extra_info: Mapping[str, object] | None = None,
        fs: FileSystem | None = None,
    ) -> Generator[Document]:
        """The Documents of ``file`` as they are read; closing the generator cancels the rest.

        ``file`` is a path (on ``fs``, where one is given), ``bytes``, a binary file object, a
        folder or a list of these. ``extra_info`` is added to the metadata and wins over it.
        """
        reading = self._reading(file, fs)
        found = records(reading.pages(), reading.options, reading.fingerprint)
        return _documents(found, extra_info or {})

    def load_data(
        self,
        file: object,
        extra_info: Mapping[str, object] | None = None,
        fs: FileSystem | None = None,
    ) -> list[Document]:
        """All Documents of ``file``; see :meth:`lazy_load_data`."""
        return list(self.lazy_load_data(file, extra_info, fs))

    def alazy_load_data(
        self,
        file: object,
        extra_info: Mapping[str, object] | None = None,
        fs: FileSystem | None = None,
    ) -> Stream[Document]:
        """The Documents by ``async for`` as they are read, or all of them by ``await``."""
        reading = self._reading(file, fs)
        found = arecords(reading.apages(), reading.options, reading.fingerprint)
        return Stream(_adocuments(found, extra_info or {}))

    async def aload_data(
        self,
        file: object,
        extra_info: Mapping[str, object] | None = None,
        fs: FileSystem | None = None,
    ) -> list[Document]:
        """All Documents of ``file``; the event loop stays free."""
        return await self.alazy_load_data(file, extra_info, fs)

    def to_dict(self, **kwargs: Any) -> dict[str, Any]:
        """The fields; warns of an engine, which is not among them."""
        if self._engine is not None:
            _log.warning(
                "a GotOcrReader is written down without the engine that it holds, and a copy will "
                "load its default model: give the reader a model or an EngineConfig"
            )
        return super().to_dict(**kwargs)

    def __getstate__(self) -> dict[str, Any]:
        if self._engine is not None or self.password is not None:
            held, advice = "an engine", "give it a model or an EngineConfig"
            if self._engine is None:
                held, advice = "a password", "read encrypted files in this process"
            raise TypeError(f"a GotOcrReader that holds {held} can't be pickled: {advice}")
        return super().__getstate__()

    def _reading(self, file: object, fs: FileSystem | None) -> Reading:
        engine: Engine | EngineConfig | None = self._engine
        if self.engine_config is not None:
            engine = config_from_json(self.engine_config)
        options = replace(
            options_from_json(self.options),
            password=_secret(self.password),
            progress=self._progress,
        )
        if fs is not None and options.root is not None:
            raise OptionError("root= bounds paths of this machine: it can't be combined with fs=")
        return Reading(_on(fs, file), self.model, engine, options)


class _RemoteFile:
    """A file on an fsspec file system, read when its turn comes."""

    def __init__(self, fs: FileSystem, name: str) -> None:
        self.name = name
        self._fs = fs
        self._file: Any = None

    def read(self, size: int) -> bytes:
        """The next bytes; none at its end, where it is closed."""
        if self._file is None:
            self._file = self._fs.open(self.name, "rb")
        data: bytes = self._file.read(size)
        if not data:
            self.close()
        return data

    def close(self) -> None:
        """Let go of it; reading would begin anew."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _on(fs: FileSystem | None, file: object) -> object:
    if fs is None:
        return file
    if isinstance(file, list | tuple):
        return [_on(fs, item) for item in file]
    return _RemoteFile(fs, os.fspath(file)) if isinstance(file, str | os.PathLike) else file


def _documents(found: Generator[Record], extra: Mapping[str, object]) -> Generator[Document]:
    with closing(found):
        for record in found:
            yield _document(record, extra)


async def _adocuments(
    found: AsyncGenerator[Record], extra: Mapping[str, object]
) -> AsyncGenerator[Document]:
    async with aclosing(found):
        async for record in found:
            yield _document(record, extra)


def _document(record: Record, extra: Mapping[str, object]) -> Document:
    ours = record.metadata | record.file
    technical = [key for key in ours if key not in extra]
    return Document(
        text=record.text,
        id_=record.id,
        metadata={**ours, **extra},
        excluded_embed_metadata_keys=[key for key in technical if key not in _EMBEDDED_KEYS],
        excluded_llm_metadata_keys=[key for key in technical if key not in _LLM_KEYS],
    )


def _options(options: ReadOptions | Mapping[str, object] | None) -> ReadOptions | None:
    return options_from_json(options) if isinstance(options, Mapping) else options


def _secret(password: str | SecretStr | None) -> str | None:
    return password.get_secret_value() if isinstance(password, SecretStr) else password
