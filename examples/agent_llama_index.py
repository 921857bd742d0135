"""LlamaIndex: a FunctionAgent that reads one table of a scan with GotOcrToolSpec.

The model is a script, so that the example needs no network: it lists the documents, asks what
stands where on a page, reads the table alone, and answers from it. Put an LLM in its place.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent, ToolCallResult
from llama_index.core.base.llms.types import ChatMessage, MessageRole, ToolCallBlock
from llama_index.core.llms.mock import MockFunctionCallingLLM
from sample_pages import write_scan

from got_loaders import GotOcrToolSpec

QUESTION = "What does a wheel cost?"


async def main() -> None:
    """Ask, and show which tools were called."""
    with tempfile.TemporaryDirectory() as folder:
        write_scan(Path(folder, "report.pdf"))
        tools = GotOcrToolSpec(root=folder, model="tiny").to_tool_list()
        model = MockFunctionCallingLLM(response_generator=script)
        agent = FunctionAgent(tools=list(tools), llm=model, streaming=False)
        run = agent.run(user_msg=QUESTION)
        async for event in run.stream_events():
            if isinstance(event, ToolCallResult):
                print(f"{event.tool_name}({event.tool_kwargs})\n{event.tool_output.content}\n")
        print(await run)


def script(messages: Sequence[ChatMessage], **_: Any) -> ChatMessage:
    """What the model says next."""
    told = [message.content or "" for message in messages if message.role == MessageRole.TOOL]
    match len(told):
        case 0:
            return calls("list_documents")
        case 1:
            return calls("list_regions", source=told[0].splitlines()[0], page=2)
        case 2:
            (table,) = [line for line in told[1].splitlines() if "table" in line]
            x0, y0, x1, y1 = map(float, table.partition(": ")[2].split(", "))
            return calls("read_region", source="report.pdf", page=2, x0=x0, y0=y0, x1=x1, y1=y1)
    (row,) = [row for row in told[2].splitlines() if "Wheel" in row]
    return ChatMessage(f"The table on page 2 says: {row}", role=MessageRole.ASSISTANT)


def calls(tool: str, **arguments: Any) -> ChatMessage:
    """A message that calls a tool."""
    call = ToolCallBlock(tool_call_id=tool, tool_name=tool, tool_kwargs=arguments)
    return ChatMessage(role=MessageRole.ASSISTANT, blocks=[call])


if __name__ == "__main__":
    asyncio.run(main())
