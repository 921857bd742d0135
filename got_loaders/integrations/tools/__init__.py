"""What agents may do with documents, in words: for the tools of every framework and for MCP.

An agent names a file below the folders that it was given, and gets text back, or an error that it
can act on. This package knows the pipeline and the records; it must not know a framework.
"""

from __future__ import annotations

from got_loaders.integrations.tools.defaults import AGENT_DEFAULTS
from got_loaders.integrations.tools.document_tools import DocumentTools
from got_loaders.integrations.tools.schemas import ToolOutput
from got_loaders.integrations.tools.tool_call import ToolCall, ToolResult, arun_tool, run_tool

__all__ = [
    "AGENT_DEFAULTS",
    "DocumentTools",
    "ToolCall",
    "ToolOutput",
    "ToolResult",
    "arun_tool",
    "run_tool",
]
