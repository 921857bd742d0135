"""What agents may do with documents, in words: for the tools of every framework and for MCP.

An agent names a file below the folders that it was given, and gets text back, or an error that it
can act on. This package knows the pipeline and the records; it must not know a framework.
"""

from __future__ import annotations

from got_loaders.integrations.tools.document_tools import (
    MOST_PAGES,
    DocumentTools,
    ToolOutput,
    agent_options,
)
from got_loaders.integrations.tools.roots import Place, Shelf
from got_loaders.integrations.tools.tool_call import Answer, Errand

__all__ = [
    "MOST_PAGES",
    "Answer",
    "DocumentTools",
    "Errand",
    "Place",
    "Shelf",
    "ToolOutput",
    "agent_options",
]
