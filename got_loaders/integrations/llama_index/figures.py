"""The figures on a page whose pictures are kept → ImageDocuments and image nodes of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llama_index.core.schema import (
    BaseNode,
    ImageDocument,
    ImageNode,
    MediaResource,
    NodeRelationship,
    ObjectType,
    RelatedNodeInfo,
)

from got_loaders.documents import Record
from got_loaders.documents.provenance import REF_KEY
from got_loaders.errors import OptionError
from got_loaders.integrations.llama_index.hidden_keys import hidden_keys
from got_loaders.options import ReadOptions
from got_loaders.types import Figure

__all__ = ["check_image_nodes", "image_documents", "image_nodes_of"]


def check_image_nodes(image_nodes: bool, options: ReadOptions) -> bool:
    """``image_nodes``; :class:`OptionError` where there could be none."""
    if image_nodes and options.figures == "drop":
        raise OptionError("image_nodes=True needs figures='keep' or figures='inline'")
    return image_nodes


def image_documents(record: Record, extra: Mapping[str, object]) -> Iterator[ImageDocument]:
    """One a figure of a record, with its caption as text and the record's Document as PARENT.

    That is no SOURCE: an ingestion pipeline would take it for a part of that Document, whose hash
    is another one. The id names the place: the Document, and which of its figures it is.
    """
    for number, figure in enumerate(record.figures):
        metadata = _metadata(record, number)
        embed, llm = hidden_keys(metadata, extra)
        yield ImageDocument(
            id_=_id(record.id, number),
            text_resource=MediaResource(text=figure.caption),
            image_resource=_resource(figure),
            metadata={**metadata, **extra},
            excluded_embed_metadata_keys=embed,
            excluded_llm_metadata_keys=llm,
            relationships={
                NodeRelationship.PARENT: RelatedNodeInfo(
                    node_id=record.id, node_type=ObjectType.DOCUMENT
                )
            },
        )


def image_nodes_of(record: Record, text_node: BaseNode, source: BaseNode) -> Iterator[ImageNode]:
    """One a figure of a record that became ``text_node``, which is its PARENT; the SOURCE and the
    metadata of the image that was read, ``source``, are as the text node's."""
    for number, figure in enumerate(record.figures):
        metadata = _metadata(record, number)
        embed, llm = hidden_keys(metadata, source.metadata)
        image = _resource(figure)
        yield ImageNode(
            id_=_id(text_node.node_id, number),
            text=figure.caption,
            image=None if image.data is None else image.data.decode("ascii"),
            image_path=None if image.path is None else image.path.as_posix(),
            image_mimetype=figure.media_type,
            metadata={**metadata, **source.metadata},
            excluded_embed_metadata_keys=[*source.excluded_embed_metadata_keys, *embed],
            excluded_llm_metadata_keys=[*source.excluded_llm_metadata_keys, *llm],
            relationships={
                **text_node.relationships,
                NodeRelationship.PARENT: text_node.as_related_node_info(),
            },
        )


def _metadata(record: Record, number: int) -> dict[str, Any]:
    """The record's, and where this figure stood, in place of where pieces of the text did."""
    metadata = dict(record.metadata)
    metadata.pop(REF_KEY, None)
    if "figure_files" in metadata:
        metadata["figure_files"] = record.figures[number].path
    return metadata | record.figure_places[number] | record.file


def _id(owner: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{owner} figure {number}"))


def _resource(figure: Figure) -> MediaResource:
    """The picture by its path, or in base64 as it is in the text."""
    if figure.file is not None:
        return MediaResource(path=Path(figure.path), mimetype=figure.media_type)
    data = figure.path.partition(",")[2]
    return MediaResource(data=data.encode("ascii"), mimetype=figure.media_type)
