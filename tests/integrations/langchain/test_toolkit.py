"""LangChain's agents can look before they read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, BaseToolkit

from got_loaders import GotOcrToolkit
from got_loaders.errors import OptionError
from got_loaders.testing import FakeEngine
from tests.pages import making


@pytest.fixture
def tools(tmp_path: Path) -> dict[str, BaseTool]:
    """For a folder with a PDF of two pages."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two"))
    toolkit = GotOcrToolkit(root=tmp_path, engine=FakeEngine("read"))
    assert isinstance(toolkit, BaseToolkit)
    return {tool.name: tool for tool in toolkit.get_tools()}


def call(tool: BaseTool, **args: Any) -> ToolMessage:
    """What an agent gets; the same asynchronously."""
    message = {"type": "tool_call", "id": "1", "name": tool.name, "args": args}
    now, later = tool.invoke(message), asyncio.run(tool.ainvoke(message))
    assert isinstance(now, ToolMessage)
    assert (now.content, now.status) == (later.content, later.status)
    return now


def test_every_tool_and_argument_is_described(tools: dict[str, BaseTool]) -> None:
    """As the model sees them."""
    assert list(tools) == ["list_documents", "describe_pages", "list_regions", "read_document"]
    for tool in tools.values():
        properties = tool.get_input_jsonschema()["properties"]
        assert all(value["description"] for value in properties.values())
        assert tool.description


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("list_documents", {}, "a.pdf"),
        ("describe_pages", {"source": "a.pdf", "pages": 2}, "a.pdf: 2 pages\npage 2: 200 x 100 pt"),
        ("list_regions", {"source": "a.pdf", "page": 1}, "a.pdf, page 1, 200 x 100 pt"),
        ("read_document", {"source": "a.pdf"}, "==> a.pdf, page 1 of 2 <==\nread"),
    ],
)
def test_tools_answer_both_ways(
    tools: dict[str, BaseTool], name: str, args: dict[str, Any], told: str
) -> None:
    """With the same words."""
    message = call(tools[name], **args)
    assert message.status == "success"
    assert str(message.content).startswith(told)


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("list_documents", {"folder": "/"}, "/: it lies outside"),
        ("describe_pages", {"source": "b.pdf"}, "b.pdf: there is no such file"),
        ("list_regions", {"source": "a.pdf", "page": 3}, "a.pdf: pages='3' asks for page 3"),
        ("list_regions", {"source": "a.pdf"}, "page is missing (The page's number"),
    ],
)
def test_errors_are_told_to_the_agent(
    tools: dict[str, BaseTool], name: str, args: dict[str, Any], told: str
) -> None:
    """In words that say how to go on."""
    message = call(tools[name], **args)
    assert message.status == "error"
    assert str(message.content).startswith(told)


def test_a_toolkit_needs_a_root() -> None:
    """Like the tool."""
    with pytest.raises(OptionError, match="a tool needs the folder"):
        GotOcrToolkit(engine=FakeEngine())
