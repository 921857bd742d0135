"""A source → LlamaIndex Documents."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, Unpack

from llama_index.core.readers.base import BasePydanticReader, ResourcesReaderMixin
from llama_index.core.schema import Document

from got_loaders.documents import abuild, build
from got_loaders.errors import OptionError, SourceError
from got_loaders.integrations.llama_index.awaitable import AwaitableGenerator
from got_loaders.integrations.llama_index.component import OcrComponent
from got_loaders.integrations.llama_index.documents import adocuments, documents
from got_loaders.integrations.llama_index.events import dispatcher
from got_loaders.integrations.llama_index.files import FileSystem, open_on_fs, resource_info
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.pipeline.reader import ReadJob
from got_loaders.sources import Source, file_sources
from got_loaders.types import Engine

if TYPE_CHECKING:
    from pydantic import JsonValue

    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrReader"]


class GotOcrReader(OcrComponent, BasePydanticReader, ResourcesReaderMixin):
    """Reads PDFs and images into LlamaIndex Documents by GOT-OCR2: ``.load_data(file)``.

    ``model`` is a hub id (None: "stepfun-ai/GOT-OCR-2.0-hf"), a local folder or "tiny"; an
    ``engine`` takes its place. ``options`` are a :class:`ReadOptions` or what ``to_dict`` made of
    one, ``overrides`` its fields by name; wrong ones raise here. With ``image_nodes`` and
    ``figures="keep"`` or ``"inline"`` each Document is followed by an ImageDocument for each figure
    on it.

    A reader is rebuilt from its fields, in another process or from JSON. An engine, a password and
    a ``progress`` callable are no such fields: they are never dumped, and a reader that holds an
    engine or a password refuses to be pickled. ``to_dict`` warns of an engine that it leaves out.
    One on a server is a field, ``engine_url``, and travels; its key does not.

    Its resources are the files that a source stands for. Instrumentation hears of every Document
    by a ``GotOcrPageEvent``.
    """

    @with_option_parameters()
    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | str | None = None,
        engine_config: Mapping[str, JsonValue] | None = None,
        engine_url: str | None = None,
        options: ReadOptions | Mapping[str, JsonValue] | None = None,
        image_nodes: bool = False,
        is_remote: bool = False,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        super().__init__(
            model=model,
            engine=engine,
            engine_config=engine_config,
            engine_url=engine_url,
            options=options,
            image_nodes=image_nodes,
            **overrides,
        )
        self.is_remote = is_remote

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
        folder or any other source of :func:`got_loaders.read`. ``extra_info`` is added to the
        metadata and wins over it; of SimpleDirectoryReader's own, the size and the dates of the
        file are left out, for with them one changed page would change all Documents of its file.
        """
        records = build(self._job_on(fs, file))
        return documents(records, extra_info or {}, image_nodes=self.image_nodes)

    @dispatcher.span
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
    ) -> AwaitableGenerator[Document]:
        """The Documents by ``async for`` as they are read, or all of them by ``await``."""
        records = abuild(self._job_on(fs, file))
        found = adocuments(records, extra_info or {}, image_nodes=self.image_nodes)
        return AwaitableGenerator(found)

    @dispatcher.span
    async def aload_data(
        self,
        file: object,
        extra_info: Mapping[str, object] | None = None,
        fs: FileSystem | None = None,
    ) -> list[Document]:
        """All Documents of ``file``; the event loop stays free."""
        return await self.alazy_load_data(file, extra_info, fs)

    def list_resources(self, file: object = ".", **_kwargs: object) -> list[str]:
        """The files that ``file`` stands for, by the names that Documents carry as ``source``.

        What can't be listed raises its :class:`SourceError`.
        """
        return [source.name for source in self._sources(file)]

    def get_resource_info(
        self, resource_id: str, *_args: object, **_kwargs: object
    ) -> dict[str, Any]:
        """The path, name, media type, size in bytes and last change of a file; what is known."""
        return resource_info(self._sources(resource_id)[0])

    def load_resource(self, resource_id: str, **kwargs: Any) -> list[Document]:
        """All Documents of a file; see :meth:`load_data`."""
        return self.load_data(resource_id, **kwargs)

    async def aload_resource(self, resource_id: str, **kwargs: Any) -> list[Document]:
        """All Documents of a file; the event loop stays free."""
        return await self.aload_data(resource_id, **kwargs)

    def _sources(self, file: object) -> list[Source]:
        options, sources = self._read_options(), list[Source]()
        for source in file_sources(file, **options.file_rules):
            if isinstance(source, SourceError):
                raise source
            sources.append(source)
        return sources

    def _job_on(self, fs: FileSystem | None, file: object) -> ReadJob:
        options = self._read_options()
        if fs is not None and options.root is not None:
            raise OptionError("root= bounds paths of this machine: it can't be combined with fs=")
        return self._job(open_on_fs(fs, file), options)
