"""The LangChain loader: a source → Documents."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from typing import TYPE_CHECKING, Unpack

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

from got_loaders._async import InnerGenerator
from got_loaders.documents import Record, abuild, build
from got_loaders.integrations.langchain.adapter import LangChainAdapter
from got_loaders.integrations.pickling import check_picklable_source
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.pipeline.reader import ReadJob
from got_loaders.sources import describe_source, once
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrLoader", "to_document"]


class GotOcrLoader(LangChainAdapter, BaseLoader):
    """Loads PDFs and images as LangChain Documents that GOT-OCR2 has read: ``.load()``.

    ``file_path`` is a path, a pattern (``"scans/*.png"``), a URL, ``bytes``, a binary file object,
    a Pillow image, a numpy array, one of the last four with a name, ``(name, content)``, a folder,
    or an iterable of these; an iterator can be read once. ``model`` is a hub id (None:
    "stepfun-ai/GOT-OCR-2.0-hf"), a local folder or "tiny"; an ``engine`` takes its place.
    ``options`` are a :class:`ReadOptions`, and its fields can be passed by name; wrong ones raise
    here. The model is loaded when the first page is read.
    """

    @with_option_parameters()
    def __init__(
        self,
        file_path: object,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | str | None = None,
        options: ReadOptions | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        super().__init__(model, engine, options, overrides)
        self.file_path = once(file_path)

    def lazy_load(self) -> Generator[Document]:
        """The Documents as they are read. Closing the generator cancels what is queued."""
        with closing(build(self._job())) as records:
            for record in records:
                yield to_document(record)

    async def alazy_load(self) -> AsyncGenerator[Document]:
        """The same, asynchronously; the event loop stays free."""
        async with InnerGenerator(abuild(self._job())) as records:
            async for record in records:
                yield to_document(record)

    def __getstate__(self) -> dict[str, object]:
        check_picklable_source(type(self).__name__, self.file_path)
        return super().__getstate__()

    def _described(self) -> list[str]:
        return [describe_source(self.file_path), *super()._described()]

    def _job(self) -> ReadJob:
        return ReadJob(self.file_path, self.model, self.engine, self.options)


def to_document(record: Record) -> Document:
    """The record as a Document."""
    return Document(page_content=record.text, metadata=dict(record.metadata), id=record.id)
