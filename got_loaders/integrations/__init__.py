"""Adapters: LangChain, LlamaIndex, tools of agents, an MCP server. Each needs its extra."""
