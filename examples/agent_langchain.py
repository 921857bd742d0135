"""LangChain: an agent that finds a price in a scan with GotOcrTool.

The model is a script, so that the example needs no network: it guesses a file's name, learns from
the tool's error what there is, reads one page, and answers from it. Put a chat model with
``.bind_tools([tool])`` in its place, or give the tool to an agent of LangChain or LangGraph.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from sample_pages import write_scan

from got_loaders import GotOcrTool

QUESTION = "What does a wheel cost?"


def main() -> None:
    """Ask, and show what was said."""
    with tempfile.TemporaryDirectory() as folder:
        write_scan(Path(folder, "report.pdf"))
        tool = GotOcrTool(root=folder, model="tiny")
        for message in run(QUESTION, script, tool):
            message.pretty_print()


def run(
    question: str, model: Callable[[list[BaseMessage]], AIMessage], tool: GotOcrTool
) -> list[BaseMessage]:
    """The loop of every agent: the model speaks, its tool calls are answered, it speaks again."""
    messages: list[BaseMessage] = [HumanMessage(question)]
    while True:
        said = model(messages)
        messages.append(said)
        if not said.tool_calls:
            return messages
        messages += [tool.invoke(call | {"type": "tool_call"}) for call in said.tool_calls]


def script(messages: list[BaseMessage]) -> AIMessage:
    """What the model says next."""
    answers = [message for message in messages if isinstance(message, ToolMessage)]
    steps: list[dict[str, str]] = [
        {"source": "prices.pdf"},
        {"source": "."},
        {"source": "report.pdf", "pages": "2"},
    ]
    if len(answers) < len(steps):
        return calls("read_document", **steps[len(answers)])
    (row,) = [row for row in str(answers[-1].content).splitlines() if "Wheel" in row]
    return AIMessage(f"Page 2 of report.pdf says: {row}")


def calls(tool: str, **arguments: str) -> AIMessage:
    """A message that calls a tool."""
    return AIMessage("", tool_calls=[ToolCall(name=tool, args=arguments, id=tool)])


if __name__ == "__main__":
    main()
