"""Records → LlamaIndex Documents, and which of their metadata models get to see."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextlib import closing

from llama_index.core.schema import Document, MediaResource

from got_loaders._async import InnerGenerator
from got_loaders.documents import Record
from got_loaders.integrations.llama_index.events import dispatch_page_event

__all__ = ["adocuments", "documents", "hidden_keys"]

_EMBEDDED_KEYS = {"title", "author", "subject", "keywords"}
_LLM_KEYS = _EMBEDDED_KEYS | {"file_name", "page_label"}
"""Of our metadata, what goes to the embedding model, and to the language model (for citations)."""

_FILE_DATES = {"file_size", "creation_date", "last_modified_date", "last_accessed_date"}
"""What SimpleDirectoryReader tells of a file that every save changes."""


def documents(records: Generator[Record], extra: Mapping[str, object]) -> Generator[Document]:
    """The Documents as their records come; ``extra`` metadata wins."""
    extra = _lasting(extra)
    with closing(records):
        for record in records:
            dispatch_page_event(record)
            yield _document(record, extra)


async def adocuments(
    records: AsyncGenerator[Record], extra: Mapping[str, object]
) -> AsyncGenerator[Document]:
    """:func:`documents`, asynchronously."""
    extra = _lasting(extra)
    async with InnerGenerator(records) as inner:
        async for record in inner:
            dispatch_page_event(record)
            yield _document(record, extra)


def hidden_keys(keys: Iterable[str], extra: Iterable[str]) -> tuple[list[str], list[str]]:
    """Which of our keys the embedding model and the language model are not shown.

    Keys of the caller's own are not hidden, whatever they are called.
    """
    callers = set(extra)
    ours = [key for key in keys if key not in callers]
    not_embedded = [key for key in ours if key not in _EMBEDDED_KEYS]
    return not_embedded, [key for key in ours if key not in _LLM_KEYS]


def _lasting(extra: Mapping[str, object]) -> dict[str, object]:
    """``extra`` without what a save changes, if it is SimpleDirectoryReader's own.

    Indexes tell by all metadata whether a Document changed: with a file's size and dates one
    changed page would be all pages. What a caller's own ``file_metadata`` gives is kept.
    """
    own = {"file_path", "file_name"} <= extra.keys()
    return {key: value for key, value in extra.items() if not (own and key in _FILE_DATES)}


def _document(record: Record, extra: Mapping[str, object]) -> Document:
    metadata = record.metadata | record.file
    embed, llm = hidden_keys(metadata, extra)
    return Document(
        text_resource=MediaResource(text=record.text),  # of text="" it makes none: stores fail
        id_=record.id,
        metadata={**metadata, **extra},
        excluded_embed_metadata_keys=embed,
        excluded_llm_metadata_keys=llm,
    )
