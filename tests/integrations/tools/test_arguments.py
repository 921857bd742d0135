"""What agents are told of wrong arguments: the same in every framework, in our own words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import TextContent

from got_loaders import GotOcrToolkit, GotOcrToolSpec
from got_loaders.errors import OptionError
from got_loaders.integrations.mcp import mcp_server
from got_loaders.testing import FakeEngine
from tests.pages import making

Told = Callable[[str, dict[str, Any]], str]


def by_langchain(folder: Path, name: str, arguments: dict[str, Any]) -> str:
    """What a tool of the toolkit answers."""
    tools = GotOcrToolkit(root=folder, engine=FakeEngine()).get_tools()
    tool = next(tool for tool in tools if tool.name == name)
    message = tool.invoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})
    assert message.status == "error"
    return str(message.content)


def by_llama_index(folder: Path, name: str, arguments: dict[str, Any]) -> str:
    """What a tool of the spec raises, which its agents pass on."""
    tools = GotOcrToolSpec(root=folder, engine=FakeEngine()).to_tool_list()
    tool = next(tool for tool in tools if tool.metadata.name == name)
    with pytest.raises(OptionError) as error:
        tool.call(**arguments)
    with pytest.raises(OptionError, match=r"."):
        asyncio.run(tool.acall(**arguments))
    return str(error.value)


def by_mcp(folder: Path, name: str, arguments: dict[str, Any]) -> str:
    """What the server answers."""

    async def talk() -> str:
        async with Client(mcp_server([folder], engine=FakeEngine())) as client:
            result = await client.call_tool(name, arguments)
            assert result.is_error
            (content,) = result.content
            assert isinstance(content, TextContent)
            return content.text

    return asyncio.run(talk())


@pytest.mark.parametrize("ask", [by_langchain, by_llama_index, by_mcp])
@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("read_document", {}, "source is missing (Path of a PDF or an image file"),
        ("read_document", {"sorce": "a.pdf"}, "no such argument; did you mean source? The arg"),
        ("read_document", {"source": "a.pdf", "page": 2}, "did you mean pages? The arguments: so"),
        ("read_document", {"source": "a.pdf", "dpi": 2}, "dpi: there is no such argument. The arg"),
        ("read_document", {"source": 7}, "source=7: expected text (Path of a PDF"),
        ("read_document", {"source": "a.pdf", "pages": [1]}, "pages=[1]: expected text or a whole"),
        ("read_document", {"source": "a.pdf", "pages": True}, "pages=True: expected a number (Wh"),
        (
            "read_document",
            {"source": "a.pdf", "output": "mardown"},
            "output='mardown': expected 'markdown', 'latex', 'text' or 'html'; did you mean 'mark",
        ),
        ("list_regions", {"source": "a.pdf", "page": "two"}, "page='two': expected a whole numbe"),
        ("list_regions", {"source": "a.pdf", "page": 1.5}, "page=1.5: expected a whole number (T"),
        ("list_documents", {"folder": None}, "folder=None: expected text (A folder; empty for"),
    ],
)
def test_wrong_arguments_are_told_by_name(
    tmp_path: Path,
    ask: Callable[[Path, str, dict[str, Any]], str],
    name: str,
    arguments: dict[str, Any],
    told: str,
) -> None:
    """With what was given and what is right; none is passed over, and no library is quoted."""
    text = ask(tmp_path, name, arguments)
    assert told in text
    for foreign in ("pydantic", "https://", "validation error", "Input should", "type=", "Error"):
        assert foreign not in text


@pytest.mark.parametrize("ask", [by_llama_index, by_mcp])
def test_all_wrong_arguments_are_told_at_once(
    tmp_path: Path, ask: Callable[[Path, str, dict[str, Any]], str]
) -> None:
    """One try more is enough."""
    text = ask(tmp_path, "read_region", {"source": "a.pdf", "x0": "left", "yy1": 1, "x1": 9})
    assert text.startswith("yy1: there is no such argument; did you mean y1?; page is missing (")
    assert "x0='left': expected a number (Left edge" in text


def test_a_text_that_looks_like_json_is_told(tmp_path: Path) -> None:
    """The SDK takes it for a list; the words stay ours."""
    text = by_mcp(tmp_path, "read_document", {"source": "a.pdf", "pages": "[1, 2]"})
    assert text.startswith("pages=[1, 2]: expected text or a whole number (Which pages")


def test_arguments_are_taken_as_models_write_them(tmp_path: Path) -> None:
    """A number as a text, and by position in Python."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two"))
    spec = GotOcrToolSpec(root=tmp_path, engine=FakeEngine("read"))
    assert spec.list_regions("a.pdf", "2").startswith("a.pdf, page 2, ")  # type: ignore[arg-type]  # as models do
    assert spec.read_document("a.pdf", 2).startswith("==> a.pdf, page 2 of 2")
    with pytest.raises(OptionError, match=r"the arguments are source, page$"):
        spec.list_regions("a.pdf", 2, 3)  # type: ignore[call-arg]  # one too many


def test_a_folder_without_documents_hides_no_other(tmp_path: Path) -> None:
    """Of several folders; alone it is told."""
    (tmp_path / "full").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "a.pdf").write_bytes(making.pdf("one"))
    folders = [tmp_path / "empty", tmp_path / "full"]

    async def talk() -> Any:
        async with Client(mcp_server(folders, engine=FakeEngine())) as client:
            return await client.call_tool("list_documents", {})

    assert asyncio.run(talk()).structured_content["documents"] == ["full/a.pdf"]
    assert "there are no PDFs or images" in by_mcp(tmp_path / "empty", "list_documents", {})
