"""Corrections in tools for agents, at the server, and in readers that are written down."""

from __future__ import annotations

import asyncio
import pickle
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from got_loaders import (
    GotOcrLoader,
    GotOcrReader,
    GotOcrTool,
    GotOcrTransform,
    read,
    save_corrections,
)
from got_loaders.errors import OptionError
from got_loaders.integrations.mcp import mcp_server
from got_loaders.options import ReadOptions
from got_loaders.server.errors import ApiError
from got_loaders.server.reading.options import parse_options
from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from tests.pages import making


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a PDF of two pages, and a correction of the first one."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_agents_get_what_was_corrected(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And hear that it was. What they only look at, or name by a box, is left alone, without a
    word; and none can set the option."""
    (wrong, _) = read("a.pdf", root=folder, engine=FakeEngine("wrong"))
    made = [wrong.correction("right")]
    server = mcp_server([folder], engine=FakeEngine("wrong"), corrections=made)
    box = {"x0": 0, "y0": 0, "x1": 150, "y1": 90}

    async def talk() -> list[Any]:
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            assert not any("corrections" in str(tool.input_schema) for tool in tools)
            await client.call_tool("describe_pages", {"source": "a.pdf"})
            await client.call_tool("list_regions", {"source": "a.pdf", "page": 1})
            part = await client.call_tool("read_region", {"source": "a.pdf", "page": 1, **box})
            whole = await client.call_tool("read_document", {"source": "a.pdf"})
            return [part.structured_content, whole.structured_content]

    part, whole = asyncio.run(talk())
    assert [text["text"] for text in part["texts"]] == ["wrong"]
    told = [(text["text"], text["origin"], text["complete"]) for text in whole["texts"]]
    assert told == [("right", "corrected", True), ("wrong", "ocr", True)]
    assert caplog.messages == []


def test_agents_hear_nothing_of_the_file(folder: Path) -> None:
    """It is read when the tools are made: who makes them hears what is wrong with it, and no agent
    hears later where it lay."""
    (wrong, _) = read("a.pdf", root=folder, engine=FakeEngine("wrong"))
    save_corrections("c.jsonl", [wrong.correction("right")])
    tool = GotOcrTool(root=folder, engine=FakeEngine("wrong"), corrections="c.jsonl")
    Path("c.jsonl").unlink()
    text, _ = tool._run("a.pdf")
    assert "right" in text
    assert "corrections=<1 in all>" in repr(tool)
    with pytest.raises(OptionError, match="can't be read"):
        GotOcrTool(root=folder, engine=FakeEngine("wrong"), corrections="c.jsonl")


def test_clients_of_a_server_can_t_set_them() -> None:
    """A path would be one of the server's files."""
    with pytest.raises(ApiError, match=r"options\.corrections: they are put in by who asks"):
        parse_options({"corrections": "/etc/passwd"}, ServerSettings(), refused={})


def test_components_that_are_written_down_keep_them(folder: Path) -> None:
    """As a file or as values; loaders that are pickled as well."""
    (wrong, _) = read("a.pdf", engine=FakeEngine("wrong"))
    made = (wrong.correction("right"),)
    reader = GotOcrReader.from_dict(GotOcrReader(model="tiny", corrections=made).to_dict())
    assert reader._read_options().corrections == made
    transform = GotOcrTransform.from_dict(GotOcrTransform(corrections="c.jsonl").to_dict())
    assert transform._read_options() == ReadOptions(corrections="c.jsonl")
    loader = pickle.loads(pickle.dumps(GotOcrLoader("a.pdf", model="tiny", corrections=made)))
    assert repr(loader) == repr(GotOcrLoader("a.pdf", model="tiny", corrections=made))
    texts = [
        text.text
        for text in GotOcrReader(engine=FakeEngine("wrong"), corrections=made).load_data("a.pdf")
    ]
    assert texts == ["right", "wrong"]
