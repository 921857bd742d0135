"""The LangChain adapter: records become LangChain Documents. It knows no pages and no engine."""

from __future__ import annotations

from got_loaders.errors import MissingDependencyError

try:
    import langchain_core  # noqa: F401  # whether it is there at all
except ImportError as error:
    raise MissingDependencyError(
        'GotOcrLoader needs langchain-core: pip install "got-loaders[langchain]"'
    ) from error

from got_loaders.integrations.langchain.loader import GotOcrLoader
from got_loaders.integrations.langchain.parser import GotOcrParser
from got_loaders.integrations.langchain.tool import GotOcrTool
from got_loaders.integrations.langchain.toolkit import GotOcrToolkit

__all__ = ["GotOcrLoader", "GotOcrParser", "GotOcrTool", "GotOcrToolkit"]
