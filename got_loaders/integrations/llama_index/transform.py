"""Image nodes → text nodes, in an ingestion pipeline."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self, Unpack

from llama_index.core.schema import (
    BaseComponent,
    BaseNode,
    NodeRelationship,
    TextNode,
    TransformComponent,
)

from got_loaders._async import call_in_thread
from got_loaders.documents import Record, abuild, build
from got_loaders.errors import OptionError
from got_loaders.integrations.llama_index.component import OcrComponent
from got_loaders.integrations.llama_index.events import dispatch_page_event
from got_loaders.integrations.llama_index.figures import image_nodes_of
from got_loaders.integrations.llama_index.hidden_keys import hidden_keys
from got_loaders.integrations.llama_index.images import image_from_node
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.types import Engine

if TYPE_CHECKING:
    from pydantic import JsonValue

    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrTransform"]

_NONCE = "nonce"
_ENGINE = "engine_left_out"


class GotOcrTransform(OcrComponent, TransformComponent):
    """Turns image documents and image nodes into text nodes by GOT-OCR2; leaves others alone.

    An image may be held as data, by path or by URL, and may have several pages (a TIFF, or a PDF
    by path). Each becomes one node or more in its place, by ``mode``, with the image node's own
    metadata over ours, its id derived from the image node's, and the same SOURCE as a splitter
    would give it. A text that the image node has becomes a node before them; a blank page becomes
    none, unless ``drop_blank=False``. An image that several nodes hold is read once. The arguments
    are those of :class:`GotOcrReader`; with ``image_nodes`` there is an image node for each figure
    that is kept, behind the text node.

    An ingestion pipeline's cache can't tell two images from each other, so this transform is never
    answered from there: ``to_dict`` differs each time. Let ``cache=`` keep the readings instead.
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

    @classmethod
    def class_name(cls) -> str:
        """The name that serialised transforms carry."""
        return "GotOcrTransform"

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[BaseNode]:
        """The nodes with every image read; blocks. ``show_progress=True`` draws a bar of pages."""
        run = _TransformRun.of(nodes, self.image_nodes)
        with closing(build(self._job(run.sources, self._options_for(kwargs)))) as records:
            for record in records:
                run.add(record)
        return run.output()

    async def acall(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[BaseNode]:
        """The same; the event loop stays free."""
        made = partial(_TransformRun.of, nodes, self.image_nodes)
        run = await call_in_thread(made)  # decodes and digests images
        async with aclosing(abuild(self._job(run.sources, self._options_for(kwargs)))) as records:
            async for record in records:
                run.add(record)
        return run.output()

    def _options_for(self, kwargs: Mapping[str, Any]) -> ReadOptions:
        """The options of one call; what else a pipeline passes is not for us."""
        options = self._read_options()
        if options.drop_blank is None:
            options = replace(options, drop_blank=True)
        show = kwargs.get("show_progress") is True and options.progress is False
        return replace(options, progress=True) if show else options

    def to_dict(self, **kwargs: Any) -> dict[str, Any]:
        """The fields, and a key that no other call gives: a pipeline's cache finds nothing."""
        data = BaseComponent.to_dict(self, **kwargs) | {_NONCE: uuid.uuid4().hex}
        return data | {_ENGINE: type(self._engine).__name__} if self._holds_engine else data

    @classmethod
    def from_dict(cls, data: dict[str, Any], **kwargs: Any) -> Self:
        """The transform that was written down; an error where it held an engine."""
        if _ENGINE in data:
            text = (
                "was written down without the engine that it held: give it a model, or make it anew"
            )
            raise OptionError(f"a {cls.class_name()} {text}")
        fields = {key: value for key, value in data.items() if key != _NONCE}
        return super().from_dict(fields, **kwargs)


@dataclass(slots=True)
class _TransformRun:
    """One call: the ``nodes``, the name of the image that each holds, and its ``records``."""

    nodes: Sequence[BaseNode]
    names: list[str | None]
    sources: list[object]
    image_nodes: bool
    records: dict[str, list[Record]] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Sequence[BaseNode], image_nodes: bool) -> _TransformRun:
        images = [image_from_node(node) for node in nodes]
        distinct = {image.name: image.source for image in images if image is not None}
        names = [None if image is None else image.name for image in images]
        return cls(nodes, names, list(distinct.values()), image_nodes)

    def add(self, record: Record) -> None:
        dispatch_page_event(record)
        self.records.setdefault(str(record.metadata["source"]), []).append(record)

    def output(self) -> list[BaseNode]:
        output: list[BaseNode] = []
        for node, name in zip(self.nodes, self.names, strict=True):
            output += [node] if name is None else self._read_nodes(node, name)
        return output

    def _read_nodes(self, node: BaseNode, name: str) -> list[BaseNode]:
        """The nodes that an image node becomes."""
        text = node.get_content()
        output: list[BaseNode] = [_text_node(node, "text", text, {})] if text.strip() else []
        for record in self.records.get(name, []):
            read = _text_node(node, record.id, record.text, record.metadata | record.file)
            output.append(read)
            output += image_nodes_of(record, read, node) if self.image_nodes else []
        return output


def _text_node(node: BaseNode, part: str, text: str, metadata: dict[str, Any]) -> TextNode:
    embed, llm = hidden_keys(metadata, node.metadata)
    return TextNode(
        id_=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{node.node_id} {part}")),
        text=text,
        metadata={**metadata, **node.metadata},
        excluded_embed_metadata_keys=[*node.excluded_embed_metadata_keys, *embed],
        excluded_llm_metadata_keys=[*node.excluded_llm_metadata_keys, *llm],
        relationships={
            NodeRelationship.SOURCE: node.source_node or node.as_related_node_info(),
        },
    )
