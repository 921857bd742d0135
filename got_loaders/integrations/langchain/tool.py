"""A tool for agents: read a document, or a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Unpack

from langchain_core.callbacks import AsyncCallbackManagerForToolRun, CallbackManagerForToolRun
from langchain_core.documents import Document
from langchain_core.tools import BaseTool, ToolException
from pydantic import BaseModel, Field, PrivateAttr

from got_loaders._async import call_in_thread
from got_loaders.documents.records import Record
from got_loaders.errors import GotLoadersError
from got_loaders.integrations.langchain.loader import to_document
from got_loaders.integrations.tools import (
    AGENT_DEFAULTS,
    DocumentTools,
    ToolOutput,
    ToolResult,
)
from got_loaders.integrations.tools.arguments import STRICT, wrong_arguments
from got_loaders.integrations.tools.schemas import OutputArg, PagesArg, SourceArg
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrTool"]

PAGE_EVENT = "got_ocr_page"
"""The custom event that callbacks get for each page, with its metadata."""


class GotOcrToolInput(BaseModel):
    """What the agent says."""

    model_config = STRICT

    source: SourceArg
    pages: PagesArg = None
    region: list[float] | None = Field(
        default=None,
        description="Only this part of each page: [x0, y0, x1, y1] in points (PDF) or pixels "
        "(image) from its top left corner.",
    )
    output: OutputArg = "markdown"


class GotOcrTool(BaseTool):
    """Lets an agent read PDFs and images below ``root`` by GOT-OCR2.

    No path leads out of ``root``. URLs are refused unless ``urls=True`` is passed here, and at most
    ten pages are read in a call unless ``max_pages`` is, whatever ``options`` say. The content is
    the text with a header for each page, the artifact the list of LangChain Documents. What goes
    wrong is an error that the agent can act on, not one that ends it; a page that fails says so in
    its place. Callbacks get a custom event "got_ocr_page" with the metadata of each page as it is
    read. The other arguments are those of :class:`GotOcrLoader`.
    """

    name: str = "read_document"
    description: str = (
        "Reads a PDF or an image file by OCR, also scans, tables and formulas, and returns its "
        "text page by page."
    )
    args_schema: type[BaseModel] = GotOcrToolInput
    response_format: Literal["content", "content_and_artifact"] = "content_and_artifact"
    handle_tool_error: Any = True
    handle_validation_error: Any = Field(
        default_factory=lambda: partial(wrong_arguments, model=GotOcrToolInput)
    )
    _tools: DocumentTools = PrivateAttr()

    @with_option_parameters(first=("root",), defaults=AGENT_DEFAULTS)
    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | str | None = None,
        options: ReadOptions | None = None,
        name: str = "read_document",
        description: str | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        tools = DocumentTools(options, overrides, model=model, engine=engine)
        super().__init__(name=name, **({} if description is None else {"description": description}))
        self._tools = tools

    def __repr__(self) -> str:
        own = [] if self.name == "read_document" else [f"name={self.name!r}"]
        return f"{type(self).__name__}({', '.join([*own, *self._tools.described()])})"

    __str__ = __repr__

    def _run(
        self,
        source: str,
        pages: str | int | None = None,
        region: Sequence[float] | None = None,
        output: ToolOutput = "markdown",
        run_manager: CallbackManagerForToolRun | None = None,
    ) -> tuple[str, list[Document]]:
        def report(record: Record) -> None:
            if run_manager is not None:
                child, data = run_manager.get_child(), dict(record.metadata)
                child.on_custom_event(PAGE_EVENT, data, run_id=run_manager.run_id)

        try:
            call = self._tools.read(source, pages, region, output)
            return _content_and_artifact(call.run(report))
        except GotLoadersError as error:
            raise ToolException(str(error)) from error

    async def _arun(
        self,
        source: str,
        pages: str | int | None = None,
        region: Sequence[float] | None = None,
        output: ToolOutput = "markdown",
        run_manager: AsyncCallbackManagerForToolRun | None = None,
    ) -> tuple[str, list[Document]]:
        async def report(record: Record) -> None:
            if run_manager is not None:
                child, data = run_manager.get_child(), dict(record.metadata)
                await child.on_custom_event(PAGE_EVENT, data, run_id=run_manager.run_id)

        try:
            call = await call_in_thread(partial(self._tools.read, source, pages, region, output))
            return _content_and_artifact(await call.arun(report))
        except GotLoadersError as error:
            raise ToolException(str(error)) from error


def _content_and_artifact(result: ToolResult) -> tuple[str, list[Document]]:
    return result.text, [to_document(record) for record in result.records]
