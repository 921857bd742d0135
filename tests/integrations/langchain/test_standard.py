"""LangChain's own suites for tools, and what its callbacks hear."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

pytest.importorskip("langchain_tests")

from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from got_loaders import GotOcrTool
from got_loaders.testing import FakeEngine
from tests.pages import making


class _OneFile:
    """The tool, and a call that reads something."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        """A folder with one PDF."""
        (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two"))
        self.root = tmp_path

    @property
    def tool_constructor(self) -> type[GotOcrTool]:
        """The class."""
        return GotOcrTool

    @property
    def tool_constructor_params(self) -> dict[str, Any]:
        """Its arguments."""
        return {"root": self.root, "engine": FakeEngine("read")}

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        """An agent's arguments."""
        return {"source": "a.pdf", "pages": "2", "region": [0, 0, 90, 90], "output": "text"}


class TestToolUnit(_OneFile, ToolsUnitTests):
    """LangChain's unit tests pass."""


class TestToolIntegration(_OneFile, ToolsIntegrationTests):
    """LangChain's integration tests pass."""


class Heard(BaseCallbackHandler):
    """Keeps the pages that it hears of."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, int]] = []
        self.runs: set[UUID] = set()

    def on_tool_start(self, serialized: Any, input_str: str, *, run_id: UUID, **_: Any) -> None:
        """The tool's own run."""
        self.runs.add(run_id)

    def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **_: Any) -> None:
        """A page, within that run."""
        assert run_id in self.runs
        self.pages.append((name, data["page"]))


class HeardLater(AsyncCallbackHandler):
    """The same for asynchronous callbacks."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, int]] = []

    async def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **_: Any) -> None:
        """A page."""
        self.pages.append((name, data["page"]))


def test_callbacks_hear_of_every_page(tmp_path: Path) -> None:
    """As it is read, in the tool's own run, both ways."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two"))
    tool = GotOcrTool(root=tmp_path, engine=FakeEngine("read"))
    pages = [("got_ocr_page", 0), ("got_ocr_page", 1)]
    heard, later = Heard(), HeardLater()
    tool.invoke({"source": "a.pdf"}, {"callbacks": [heard]})
    assert heard.pages == pages
    asyncio.run(tool.ainvoke({"source": "a.pdf"}, {"callbacks": [heard, later]}))
    assert heard.pages == pages * 2
    assert later.pages == pages


def test_an_event_stream_has_them_too(tmp_path: Path) -> None:
    """``astream_events`` shows an agent's user how far a long call is."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two"))
    tool = GotOcrTool(root=tmp_path, engine=FakeEngine("read"))

    async def listen() -> list[int]:
        events: Any = tool.astream_events({"source": "a.pdf"}, version="v2")
        return [event["data"]["page"] async for event in events if event["name"] == "got_ocr_page"]

    assert asyncio.run(listen()) == [0, 1]
