"""The LlamaIndex adapter: records become LlamaIndex Documents and nodes. It knows no pages."""

from __future__ import annotations

from got_loaders.errors import MissingDependencyError

try:
    import llama_index.core  # noqa: F401  # whether it is there at all
except ImportError as error:
    raise MissingDependencyError(
        'GotOcrReader needs llama-index-core: pip install "got-loaders[llama-index]"'
    ) from error

from got_loaders.integrations.llama_index.events import GotOcrPageEvent
from got_loaders.integrations.llama_index.files import FileSystem
from got_loaders.integrations.llama_index.reader import GotOcrReader
from got_loaders.integrations.llama_index.tool_spec import GotOcrToolSpec
from got_loaders.integrations.llama_index.transform import GotOcrTransform

__all__ = [
    "FileSystem",
    "GotOcrPageEvent",
    "GotOcrReader",
    "GotOcrToolSpec",
    "GotOcrTransform",
]
