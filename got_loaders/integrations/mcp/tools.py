"""The tools as the SDK wants them: with text, values beside it, and news of each page.

No postponed annotations: the SDK looks for the real ones.
"""

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent
from pydantic import BaseModel

from got_loaders._async import call_in_thread
from got_loaders.documents import Record
from got_loaders.errors import GotLoadersError
from got_loaders.integrations.tools import DocumentTools, ToolCall, ToolResult
from got_loaders.integrations.tools.content import DocumentList, PageList, RegionList, TextList
from got_loaders.integrations.tools.formatting import format_documents

__all__ = ["mcp_tools", "run_reporting"]

ToolFunction = Callable[..., Awaitable[CallToolResult]]


def mcp_tools(tools: DocumentTools) -> list[tuple[Callable[..., object], ToolFunction]]:
    """Each tool's method, and what the SDK calls for it."""
    methods: list[tuple[Callable[..., ToolCall], type[BaseModel]]] = [
        (tools.describe_pages, PageList),
        (tools.list_regions, RegionList),
        (tools.read_document, TextList),
        (tools.read_region, TextList),
    ]
    listing = _described(_listing(tools), tools.list_documents, DocumentList)
    reading = [(each, _described(_reading(each), each, content)) for each, content in methods]
    return [(tools.list_documents, listing), *reading]


async def run_reporting(call: ToolCall, context: "Context[Any, Any]") -> ToolResult:
    """Run ``call``; the client hears of each page as it is done, and of how many there are."""
    reported = 0

    async def report(record: Record) -> None:
        nonlocal reported
        done, page = call.job.pages_done, record.metadata.get("page")
        if page is not None and done > reported:  # a page may be several records
            reported = done
            await context.report_progress(done, call.job.progress.total, f"page {int(page) + 1}")

    return await call.arun(report)


def _listing(tools: DocumentTools) -> ToolFunction:
    async def run(**arguments: Any) -> CallToolResult:
        try:
            listed = await call_in_thread(partial(tools.documents, **arguments))
        except GotLoadersError as error:
            raise ToolError(str(error)) from error
        return _answer(format_documents(listed), listed)

    return run


def _reading(method: Callable[..., ToolCall]) -> ToolFunction:
    async def run(context: Context, **arguments: Any) -> CallToolResult:
        try:
            call = await call_in_thread(partial(method, **arguments))  # it looks at folders
            result = await run_reporting(call, context)
        except GotLoadersError as error:
            raise ToolError(str(error)) from error
        return _answer(result.text, result.content)

    return run


def _described(
    run: ToolFunction, method: Callable[..., object], content: type[BaseModel]
) -> ToolFunction:
    """``run`` with the method's name, arguments and docstring, and what it answers.

    The SDK passes the ``context``, for its annotation says what it is; clients know nothing of it.
    """
    run.__name__, run.__doc__ = method.__name__, method.__doc__
    returned = Annotated[CallToolResult, content]
    signature = inspect.signature(method).replace(return_annotation=returned)
    run.__signature__ = signature  # type: ignore[attr-defined]  # inspect looks for it
    return run


def _answer(text: str, content: BaseModel) -> CallToolResult:
    values = content.model_dump(mode="json", exclude_none=True)
    return CallToolResult(content=[_text(text)], structured_content=values)


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)
