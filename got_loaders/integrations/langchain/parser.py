"""The LangChain parser: a Blob → Documents."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING, Unpack

from langchain_core.document_loaders import BaseBlobParser
from langchain_core.documents import Document
from langchain_core.documents.base import Blob

from got_loaders.documents import build
from got_loaders.errors import UnsupportedSourceError
from got_loaders.integrations.langchain.adapter import LangChainAdapter
from got_loaders.integrations.langchain.arrays import is_array, npy_to_png
from got_loaders.integrations.langchain.loader import to_document
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.pipeline.reader import ReadJob
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrParser"]


class GotOcrParser(LangChainAdapter, BaseBlobParser):
    """Parses Blobs of PDFs and images by GOT-OCR2: ``.parse(blob)``, ``.lazy_parse(blob)``.

    A Blob's bytes are read, else the file or http(s) URL that its path names. What it is is told
    from the content; a Blob's media type is not believed. The Blob's own metadata is kept and wins
    over ours. As the ``images_parser`` of a PDF loader it takes what these hand over: images as
    bytes, and pictures as numpy arrays in the ``.npy`` format. The other arguments are those of
    :class:`GotOcrLoader`.
    """

    @with_option_parameters()
    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | str | None = None,
        options: ReadOptions | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        super().__init__(model, engine, options, overrides)

    def lazy_parse(self, blob: Blob) -> Generator[Document]:
        """The Documents as they are read. Closing the generator cancels what is queued."""
        job = ReadJob(_source(blob), self.model, self.engine, self.options)
        with closing(build(job)) as records:
            for record in records:
                document = to_document(record)
                document.metadata |= blob.metadata
                yield document


class _NamedBytes(io.BytesIO):
    """A Blob's bytes, and what it calls itself."""

    def __init__(self, data: bytes, name: str | None) -> None:
        super().__init__(data)
        self.name = name


def _source(blob: Blob) -> object:
    if isinstance(blob.data, bytes):
        data = npy_to_png(blob.data, blob.source) if is_array(blob.data) else blob.data
        return _NamedBytes(data, blob.source)
    if blob.data is not None:
        text = "a Blob of text is not a source: PDFs and images are bytes"
        raise UnsupportedSourceError(text, source=blob.source)
    assert blob.path is not None, "a Blob has data or a path"
    return str(blob.path)
