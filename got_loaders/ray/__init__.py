"""Archives that one machine is too small for: the same reading on a Ray cluster.

``read_dataset`` gives a Ray Dataset of one row a Document; ``app`` is the server as a Ray Serve
application. Importing this loads neither Ray nor anything else: each name is looked up when it is
first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__all__ = [
    "MISSING",
    "MISSING_SERVE",
    "OutputCheck",
    "app",
    "build_app",
    "check_output",
    "read_dataset",
    "record_schema",
    "to_langchain",
    "to_llama_index",
]

MISSING = "got_loaders.ray needs Ray Data: pip install 'got-loaders[ray]'"
MISSING_SERVE = "got_loaders.ray.app needs Ray Serve: pip install 'got-loaders[ray-serve]'"

if TYPE_CHECKING:
    from got_loaders.ray.dataset import read_dataset
    from got_loaders.ray.documents import to_langchain, to_llama_index
    from got_loaders.ray.output_check import OutputCheck, check_output
    from got_loaders.ray.rows import record_schema
    from got_loaders.ray.serve.app import app, build_app

_HOME: dict[str, str] = {
    "OutputCheck": "output_check",
    "app": "serve.app",
    "build_app": "serve.app",
    "check_output": "output_check",
    "read_dataset": "dataset",
    "record_schema": "rows",
    "to_langchain": "documents",
    "to_llama_index": "documents",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
