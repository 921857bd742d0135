"""The tools for agents as an MCP server (Model Context Protocol), for any client that speaks it."""

from __future__ import annotations

from got_loaders.errors import MissingDependencyError

try:
    import mcp.server.mcpserver as _mcpserver
except ImportError as error:
    raise MissingDependencyError(
        'the MCP server needs the MCP SDK, 2.0 or later: pip install "got-loaders[mcp]"'
    ) from error

from got_loaders.integrations.mcp.server import mcp_server

__all__ = ["mcp_server"]

del _mcpserver
