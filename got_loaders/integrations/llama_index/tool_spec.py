"""Tools for LlamaIndex's agents. No postponed annotations: schemas are made from the real ones."""

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Unpack

from llama_index.core.tools import ToolMetadata
from llama_index.core.tools.tool_spec.base import SPEC_FUNCTION_TYPE, BaseToolSpec
from llama_index.core.tools.utils import create_schema_from_function

from got_loaders._async import call_in_thread
from got_loaders.documents.records import Record
from got_loaders.integrations.llama_index.events import tell
from got_loaders.integrations.tools import DocumentTools, Errand, agent_options
from got_loaders.integrations.tools.schemas import (
    X0,
    X1,
    Y0,
    Y1,
    Folder,
    Output,
    Page,
    PageNumbers,
    Source,
)
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrToolSpec"]


class GotOcrToolSpec(BaseToolSpec):
    """Lets LlamaIndex's agents read PDFs and images below ``root`` by GOT-OCR2.

    ``GotOcrToolSpec(root="scans").to_tool_list()`` gives five tools: list the documents, describe
    pages, list a page's regions, read pages, read a region. No path leads out of ``root``; URLs are
    refused unless ``urls=True`` is passed here, and at most ten pages are read in a call unless
    ``max_pages`` is. What goes wrong raises a :class:`GotLoadersError`, whose words agents are
    told. The other arguments are those of :class:`GotOcrReader`.
    """

    spec_functions: list[SPEC_FUNCTION_TYPE] = [  # noqa: RUF012  # as the base class has it
        ("list_documents", "alist_documents"),
        ("describe_pages", "adescribe_pages"),
        ("list_regions", "alist_regions"),
        ("read_document", "aread_document"),
        ("read_region", "aread_region"),
    ]

    def __init__(
        self,
        *,
        model: str | None = None,
        engine: "Engine | EngineConfig | None" = None,
        options: ReadOptions | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        self._tools = DocumentTools(agent_options(options, overrides), model=model, engine=engine)

    def list_documents(self, folder: Folder = "") -> str:
        """Lists the PDF and image files that may be read, in a folder and below."""
        return self._tools.list_documents(folder) or "no documents"

    async def alist_documents(self, folder: Folder = "") -> str:
        """:meth:`list_documents`; the event loop stays free."""
        return await call_in_thread(partial(self.list_documents, folder))

    def describe_pages(self, source: Source, pages: PageNumbers = None) -> str:
        """Tells how many pages a document has, how large each is, and whether it is blank."""
        return self._tools.describe_pages(source, pages).run().text

    async def adescribe_pages(self, source: Source, pages: PageNumbers = None) -> str:
        """:meth:`describe_pages`; the event loop stays free."""
        return await _answered(partial(self._tools.describe_pages, source, pages))

    def list_regions(self, source: Source, page: Page) -> str:
        """Lists the titles, texts, tables and figures of one page with their coordinates."""
        return self._tools.list_regions(source, page).run().text

    async def alist_regions(self, source: Source, page: Page) -> str:
        """:meth:`list_regions`; the event loop stays free."""
        return await _answered(partial(self._tools.list_regions, source, page))

    def read_document(
        self, source: Source, pages: PageNumbers = None, output: Output = "markdown"
    ) -> str:
        """Reads the pages of a PDF or an image by OCR, also scans, tables and formulas."""
        return self._tools.read_document(source, pages, output=output).run(tell).text

    async def aread_document(
        self, source: Source, pages: PageNumbers = None, output: Output = "markdown"
    ) -> str:
        """:meth:`read_document`; the event loop stays free."""
        ask = partial(self._tools.read_document, source, pages, output=output)
        return await _answered(ask, _atell)

    def read_region(  # scalars, for models fill these in more reliably
        self,
        source: Source,
        page: Page,
        x0: X0,
        y0: Y0,
        x1: X1,
        y1: Y1,
        output: Output = "markdown",
    ) -> str:
        """Reads one part of one page by OCR, such as a table."""
        errand = self._tools.read_region(source, page, (x0, y0, x1, y1), output)
        return errand.run(tell).text

    async def aread_region(
        self,
        source: Source,
        page: Page,
        x0: X0,
        y0: Y0,
        x1: X1,
        y1: Y1,
        output: Output = "markdown",
    ) -> str:
        """:meth:`read_region`; the event loop stays free."""
        ask = partial(self._tools.read_region, source, page, (x0, y0, x1, y1), output)
        return await _answered(ask, _atell)

    def get_metadata_from_fn_name(
        self, fn_name: str, spec_functions: list[SPEC_FUNCTION_TYPE] | None = None
    ) -> ToolMetadata:
        """Name, description and arguments of a tool, as a model is told them."""
        del spec_functions
        function = getattr(self, fn_name)
        return ToolMetadata(
            name=fn_name,
            description=inspect.getdoc(function) or fn_name,
            fn_schema=create_schema_from_function(fn_name, function),
        )


async def _answered(
    ask: Callable[[], Errand], watch: Callable[[Record], Awaitable[object]] | None = None
) -> str:
    errand = await call_in_thread(ask)  # it looks at names and folders
    return (await errand.arun(watch)).text


async def _atell(record: Record) -> None:
    tell(record)
