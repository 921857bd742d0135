"""The image that a LlamaIndex node holds → a source, and the name that its records will carry."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from llama_index.core.schema import BaseNode, Document, ImageNode, Node

from got_loaders.errors import UnsupportedSourceError
from got_loaders.sources import file_sources, sanitize_text

__all__ = ["NodeImage", "image_from_node"]


@dataclass(frozen=True, slots=True)
class NodeImage:
    """The image of a node: a ``source`` to read, and the ``name`` of what is read of it."""

    source: object
    name: str


def image_from_node(node: BaseNode) -> NodeImage | None:
    """The image that a node holds as data, by path or by URL; None where it holds none."""
    source = _image_payload(node)
    if source is None:
        return None
    if isinstance(source, str) and os.path.isdir(source):  # noqa: PTH112  # as text, NULs included
        raise UnsupportedSourceError(f"{source}: a node's image is a folder", source=source)
    file, *others = file_sources(source)  # no path or URL is judged here, only named
    if others:
        text = f"{source}: a node's image is several files"
        raise UnsupportedSourceError(text, source=str(source))
    name = getattr(file, "name", None) or getattr(file, "source", None) or str(source)
    return NodeImage(source, sanitize_text(name))


def _image_payload(node: BaseNode) -> object:
    if isinstance(node, ImageNode):
        data, path, url = node.image, node.image_path, node.image_url
    elif isinstance(node, Document | Node) and node.image_resource is not None:
        resource = node.image_resource
        data = None if resource.data is None else resource.data.decode("ascii", "replace")
        path = None if resource.path is None else str(resource.path)
        url = None if resource.url is None else str(resource.url)
    else:
        return None
    if data:
        return _decode(data, node.node_id)
    if path:
        return path
    return _url_or_bytes(url, node.node_id) if url else None


def _url_or_bytes(url: str, node_id: str) -> object:
    """A URL; or the bytes of a ``data:`` URL (RFC 2397)."""
    if not url.startswith("data:"):
        return url
    head, _, payload = url.partition(",")
    return _decode(payload, node_id) if head.endswith(";base64") else unquote_to_bytes(payload)


def _decode(data: str, node_id: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        text = f"node {node_id}: its image is not base64: {error}"
        raise UnsupportedSourceError(text, source=f"node {node_id}") from error
