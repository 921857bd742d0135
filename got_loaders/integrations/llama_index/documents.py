"""Records → LlamaIndex Documents."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import closing

from llama_index.core.schema import Document, MediaResource

from got_loaders._async import InnerGenerator
from got_loaders.documents import Record
from got_loaders.integrations.llama_index.events import dispatch_page_event
from got_loaders.integrations.llama_index.figures import image_documents
from got_loaders.integrations.llama_index.hidden_keys import hidden_keys

__all__ = ["adocuments", "documents", "to_document"]

_FILE_DATES = {"file_size", "creation_date", "last_modified_date", "last_accessed_date"}
"""What SimpleDirectoryReader tells of a file that every save changes."""


def documents(
    records: Generator[Record], extra: Mapping[str, object], *, image_nodes: bool = False
) -> Generator[Document]:
    """The Documents as their records come; ``extra`` metadata wins.

    With ``image_nodes`` each is followed by those of the figures on it.
    """
    extra = _lasting(extra)
    with closing(records):
        for record in records:
            dispatch_page_event(record)
            yield from _documents(record, extra, image_nodes)


async def adocuments(
    records: AsyncGenerator[Record], extra: Mapping[str, object], *, image_nodes: bool = False
) -> AsyncGenerator[Document]:
    """:func:`documents`, asynchronously."""
    extra = _lasting(extra)
    async with InnerGenerator(records) as inner:
        async for record in inner:
            dispatch_page_event(record)
            for document in _documents(record, extra, image_nodes):
                yield document


def to_document(record: Record, extra: Mapping[str, object]) -> Document:
    """The record as a Document; ``extra`` metadata wins, and models are shown it."""
    metadata = record.metadata | record.file
    embed, llm = hidden_keys(metadata, extra)
    return Document(
        text_resource=MediaResource(text=record.text),  # of text="" it makes none: stores fail
        id_=record.id,
        metadata={**metadata, **extra},
        excluded_embed_metadata_keys=embed,
        excluded_llm_metadata_keys=llm,
    )


def _lasting(extra: Mapping[str, object]) -> dict[str, object]:
    """``extra`` without what a save changes, if it is SimpleDirectoryReader's own.

    Indexes tell by all metadata whether a Document changed: with a file's size and dates one
    changed page would be all pages. What a caller's own ``file_metadata`` gives is kept.
    """
    own = {"file_path", "file_name"} <= extra.keys()
    return {key: value for key, value in extra.items() if not (own and key in _FILE_DATES)}


def _documents(
    record: Record, extra: Mapping[str, object], image_nodes: bool
) -> Iterator[Document]:
    yield to_document(record, extra)
    if image_nodes:
        yield from image_documents(record, extra)
