"""A tool for agents: read a document, or a part of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Unpack

from langchain_core.documents import Document
from langchain_core.tools import BaseTool, ToolException
from pydantic import BaseModel, Field, PrivateAttr

from got_loaders.engine_source import engine_source
from got_loaders.errors import (
    GotLoadersError,
    OptionError,
    SourceError,
    UnsupportedSourceError,
)
from got_loaders.langchain.loader import GotOcrLoader
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.sources import file_sources, path_text
from got_loaders.types import Engine
from got_loaders.waiting import result_of

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrTool"]

_FULL_PATH = re.compile(r"(?<![\w.…/:])(?:[A-Za-z]:)?[/\\][^\s'\",;:()]*[/\\][^\s'\",;:()]+")

MOST_LISTED = 20
"""Files that are named where a folder was asked for."""

MOST_PAGES = 10
"""Of one call: more would hardly fit an agent's context."""


class GotOcrToolInput(BaseModel):
    """What the agent says."""

    source: str = Field(description="Path of a PDF or an image, as in 'invoices/may.pdf'.")
    pages: str | None = Field(
        default=None,
        description="Which pages, counted from 1: '3', '1-3,7'; '-1' is the last. Default: all.",
    )
    region: list[float] | None = Field(
        default=None,
        description="Only this part of each page: [x0, y0, x1, y1] in points (PDF) or pixels "
        "(image) from its top left corner.",
    )
    output: Literal["markdown", "latex", "text", "html"] = Field(
        default="markdown", description="The form of the text."
    )


class GotOcrTool(BaseTool):
    """Lets an agent read PDFs and images below ``root`` by GOT-OCR2.

    No path leads out of ``root``. URLs are refused unless ``urls=True`` is passed here, and at most
    ten pages are read in a call unless ``max_pages`` is, whatever ``options`` say. The content is
    the text with a header for each page, the artifact the list of LangChain Documents. What goes
    wrong is an error that the agent can act on, not one that ends it. The other arguments are
    those of :class:`GotOcrLoader`.
    """

    name: str = "read_document"
    description: str = (
        "Reads a PDF or an image file by OCR, also scans, tables and formulas, and returns its "
        "text page by page."
    )
    args_schema: type[BaseModel] = GotOcrToolInput
    response_format: Literal["content", "content_and_artifact"] = "content_and_artifact"
    handle_tool_error: Any = True
    _options: ReadOptions = PrivateAttr()
    _model: str | None = PrivateAttr(default=None)
    _engine: Any = PrivateAttr(default=None)  # an Engine or an EngineConfig: not pydantic's

    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | None = None,
        options: ReadOptions | None = None,
        name: str = "read_document",
        description: str | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        overrides.setdefault("urls", False)
        overrides.setdefault("max_pages", MOST_PAGES)
        read_options = ReadOptions.of(options, overrides)
        if read_options.root is None:
            raise OptionError("root=None: a tool needs the folder that agents may read from")
        engine_source(model, engine)  # a wrong one raises here
        super().__init__(name=name, **({} if description is None else {"description": description}))
        self._options = read_options
        self._model, self._engine = model, engine

    def _run(
        self,
        source: str,
        pages: str | None = None,
        region: Sequence[float] | None = None,
        output: Literal["markdown", "latex", "text", "html"] = "markdown",
    ) -> tuple[str, list[Document]]:
        try:
            return _told(self._loader(source, pages, region, output).load(), source)
        except GotLoadersError as error:
            raise ToolException(_without_paths(str(error), source)) from error

    async def _arun(
        self,
        source: str,
        pages: str | None = None,
        region: Sequence[float] | None = None,
        output: Literal["markdown", "latex", "text", "html"] = "markdown",
    ) -> tuple[str, list[Document]]:
        try:
            loader = await result_of(partial(self._loader, source, pages, region, output))
            return _told([document async for document in loader.alazy_load()], source)
        except GotLoadersError as error:
            raise ToolException(_without_paths(str(error), source)) from error

    def _loader(
        self,
        source: str,
        pages: str | None,
        region: Sequence[float] | None,
        output: Literal["markdown", "latex", "text", "html"],
    ) -> GotOcrLoader:
        overrides: ReadOverrides = {"output": output}
        if pages is not None:
            overrides["pages"] = pages
        if region is not None:
            overrides["box"] = region
        try:
            options = ReadOptions.of(self._options, overrides)
        except OptionError as error:  # the agent knows the option by another name
            raise OptionError(str(error).replace("box=", "region=")) from error
        _check_single(source, options)
        return GotOcrLoader(source, model=self._model, engine=self._engine, options=options)


def _check_single(source: str, options: ReadOptions) -> None:
    """Raise unless ``source`` names one file: a folder's would be more than a call may read."""
    sources = file_sources(source, root=str(options.root), urls=options.urls)
    first, *others = found = list(islice(sources, MOST_LISTED + 1))
    if not others and (isinstance(first, SourceError) or first.name in (source, path_text(source))):
        return  # a file; or an error, which the loader tells
    names = [str(each.source if isinstance(each, SourceError) else each.name) for each in found]
    shown = ", ".join(names[:MOST_LISTED]) + (", …" if len(names) > MOST_LISTED else "")
    text = f"{source}: it is a folder; name one of its files: {shown}"
    raise UnsupportedSourceError(text, source=source)


def _without_paths(text: str, source: str) -> str:
    """An error for an agent: full paths are left out, but for what it asked for itself."""
    return source.join(_FULL_PATH.sub("…", part) for part in text.split(source or "\0"))


def _told(documents: list[Document], source: str) -> tuple[str, list[Document]]:
    """The texts with headers as people count pages, and the Documents themselves."""
    parts = [f"==> {_header(document)} <==\n{_text(document, source)}" for document in documents]
    return "\n\n".join(parts), documents


def _header(document: Document) -> str:
    about = document.metadata
    page, last = about.get("page"), about.get("page_last")
    if page is None:
        return str(about["source"])
    pages = f"page {page + 1}" if last is None else f"pages {page + 1}-{last + 1}"
    return f"{about['source']}, {pages} of {about['total_pages']}"


def _text(document: Document, source: str) -> str:
    if "error" in document.metadata:
        return f"[not read: {_without_paths(str(document.metadata['error']), source)}]"
    return document.page_content or "[nothing to read here]"
