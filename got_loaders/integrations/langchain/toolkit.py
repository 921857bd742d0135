"""The tools for agents that want to look before they read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Unpack

from langchain_core.tools import BaseTool, BaseToolkit, StructuredTool, ToolException
from pydantic import PrivateAttr

from got_loaders.errors import GotLoadersError
from got_loaders.integrations.langchain.tool import GotOcrTool
from got_loaders.integrations.tools import (
    AGENT_DEFAULTS,
    DocumentTools,
    ToolCall,
    arun_tool,
    run_tool,
)
from got_loaders.integrations.tools.arguments import argument_model, wrong_arguments
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrToolkit"]


class GotOcrToolkit(BaseToolkit):
    """Lets an agent find, describe and read PDFs and images below ``root`` by GOT-OCR2.

    ``GotOcrToolkit(root="scans").get_tools()`` gives a :class:`GotOcrTool`, and three that read
    nothing: list the documents, describe pages, list a page's regions. The arguments are those of
    :class:`GotOcrTool`.
    """

    _tools: DocumentTools = PrivateAttr()
    _reader: GotOcrTool = PrivateAttr()

    @with_option_parameters(first=("root",), defaults=AGENT_DEFAULTS)
    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | str | None = None,
        options: ReadOptions | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        super().__init__()
        self._tools = DocumentTools(options, overrides, model=model, engine=engine)
        self._reader = GotOcrTool(model=model, engine=engine, options=options, **overrides)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._tools.described())})"

    __str__ = __repr__

    def get_tools(self) -> list[BaseTool]:
        """The four tools, in the order in which an agent is likely to need them."""
        tools = self._tools
        return [
            _structured(tools.list_documents),
            _structured(tools.describe_pages),
            _structured(tools.list_regions, ", which read_document takes as its region."),
            self._reader,
        ]


def _structured(tool: Callable[..., ToolCall | str], more: str = ".") -> StructuredTool:
    """A tool whose errors the agent gets to see; sync and async. ``more`` ends its description."""

    @wraps(tool)
    def run(**arguments: object) -> str:
        try:
            return run_tool(partial(tool, **arguments))
        except GotLoadersError as error:
            raise ToolException(str(error)) from error

    @wraps(tool)
    async def arun(**arguments: object) -> str:
        try:
            return await arun_tool(partial(tool, **arguments))
        except GotLoadersError as error:
            raise ToolException(str(error)) from error

    model = argument_model(tool)
    return StructuredTool.from_function(
        run,
        arun,
        args_schema=model,
        description=(tool.__doc__ or "").removesuffix(".") + more,
        handle_tool_error=True,
        handle_validation_error=partial(wrong_arguments, model=model),
    )
