"""The tools for agents that want to look before they read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Unpack

from langchain_core.tools import BaseTool, BaseToolkit, StructuredTool, ToolException
from pydantic import BaseModel, PrivateAttr

from got_loaders._async import call_in_thread
from got_loaders.errors import GotLoadersError
from got_loaders.integrations.langchain.tool import GotOcrTool, wrong_arguments
from got_loaders.integrations.tools import DocumentTools, Errand, agent_options
from got_loaders.integrations.tools.schemas import Folder, Page, PageNumbers, Source
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrToolkit"]


class _ListInput(BaseModel):
    folder: Folder = ""


class _DescribeInput(BaseModel):
    source: Source
    pages: PageNumbers = None


class _RegionsInput(BaseModel):
    source: Source
    page: Page


class GotOcrToolkit(BaseToolkit):
    """Lets an agent find, describe and read PDFs and images below ``root`` by GOT-OCR2.

    ``GotOcrToolkit(root="scans").get_tools()`` gives a :class:`GotOcrTool`, and three that read
    nothing: list the documents, describe pages, list a page's regions. The arguments are those of
    :class:`GotOcrTool`.
    """

    _tools: DocumentTools = PrivateAttr()
    _reader: GotOcrTool = PrivateAttr()

    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | None = None,
        options: ReadOptions | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        super().__init__()
        self._tools = DocumentTools(agent_options(options, overrides), model=model, engine=engine)
        self._reader = GotOcrTool(model=model, engine=engine, options=options, **overrides)

    def get_tools(self) -> list[BaseTool]:
        """The four tools, in the order in which an agent is likely to need them."""
        tools = self._tools
        return [
            _tool(
                "list_documents",
                "Lists the PDF and image files that may be read, in a folder and below.",
                _ListInput,
                lambda folder="": tools.list_documents(folder) or "no documents",
            ),
            _tool(
                "describe_pages",
                "Tells how many pages a document has, how large each is, and whether it is blank.",
                _DescribeInput,
                tools.describe_pages,
            ),
            _tool(
                "list_regions",
                "Lists the titles, texts, tables and figures of one page with their coordinates, "
                "which read_document takes as its region.",
                _RegionsInput,
                tools.list_regions,
            ),
            self._reader,
        ]


def _tool(
    name: str, description: str, schema: type[BaseModel], ask: Callable[..., str | Errand]
) -> StructuredTool:
    """A tool whose errors are told to the agent; sync and async."""

    def run(**arguments: object) -> str:
        try:
            asked = ask(**arguments)
            return asked if isinstance(asked, str) else asked.run().text
        except GotLoadersError as error:
            raise ToolException(str(error)) from error

    async def arun(**arguments: object) -> str:
        try:
            asked = await call_in_thread(partial(ask, **arguments))
            return asked if isinstance(asked, str) else (await asked.arun()).text
        except GotLoadersError as error:
            raise ToolException(str(error)) from error

    return StructuredTool(
        name=name,
        description=description,
        args_schema=schema,
        func=run,
        coroutine=arun,
        handle_tool_error=True,
        handle_validation_error=wrong_arguments,
    )
